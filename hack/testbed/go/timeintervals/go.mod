module managed.systems/testbed/timeintervals

go 1.26.0

require github.com/prometheus/alertmanager v0.31.1

require gopkg.in/yaml.v2 v2.4.0 // indirect
