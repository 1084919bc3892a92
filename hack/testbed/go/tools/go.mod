module managed.systems/testbed/tools

go 1.26.0
