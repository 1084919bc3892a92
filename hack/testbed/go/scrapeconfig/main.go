// Program scrapeconfig says what prometheus-operator makes of Probes: it reads them as JSON from standard input, one after the other, and prints
// the configuration of a Prometheus that selects them all. A Probe that prometheus-operator refuses is in no configuration: its reason goes to
// standard error, and the program ends with 1. Selection and generation are prometheus-operator's own (pkg/prometheus).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	"github.com/prometheus-operator/prometheus-operator/pkg/operator"
	prompkg "github.com/prometheus-operator/prometheus-operator/pkg/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
)

func main() {
	version := flag.String("version", "", "version of the Prometheus that is configured")
	flag.Parse()
	config, err := generate(os.Stdin, *version)
	if err != nil {
		fmt.Fprintln(os.Stderr, "scrapeconfig:", err)
		os.Exit(1)
	}
	_, _ = os.Stdout.Write(config)
}

func generate(input io.Reader, version string) ([]byte, error) {
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	// Intervals as the CRD of Prometheus has them by default.
	selecting := &monitoringv1.Prometheus{
		ObjectMeta: metav1.ObjectMeta{Name: "prometheus", Namespace: "monitoring"},
		Spec: monitoringv1.PrometheusSpec{
			EvaluationInterval: "30s",
			CommonPrometheusFields: monitoringv1.CommonPrometheusFields{
				Version:        version,
				ScrapeInterval: "30s",
				ProbeSelector:  &metav1.LabelSelector{},
			},
		},
	}
	client := fake.NewClientset().CoreV1()
	store := assets.NewStoreBuilder(client, client)
	metrics := operator.NewMetrics(prometheus.NewRegistry())
	selector, err := prompkg.NewResourceSelector(logger, selecting, store, nil, metrics, record.NewFakeRecorder(100))
	if err != nil {
		return nil, err
	}
	probes, err := read(input)
	if err != nil {
		return nil, err
	}
	selected, err := selector.SelectProbes(ctx, func(_ string, _ labels.Selector, add cache.AppendFunc) error {
		for _, probe := range probes {
			add(probe)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if taken := len(selected.ValidResources()); taken != len(probes) {
		return nil, fmt.Errorf("%d of %d Probes are taken", taken, len(probes))
	}
	generator, err := prompkg.NewConfigGenerator(logger, selecting)
	if err != nil {
		return nil, err
	}
	return generator.GenerateServerConfiguration(selecting, nil, nil, selected.ValidResources(), nil, store, nil, nil, nil, nil)
}

func read(input io.Reader) ([]*monitoringv1.Probe, error) {
	var probes []*monitoringv1.Probe
	objects := json.NewDecoder(input)
	for {
		probe := &monitoringv1.Probe{}
		err := objects.Decode(probe)
		if errors.Is(err, io.EOF) {
			return probes, nil
		}
		if err != nil {
			return nil, err
		}
		probes = append(probes, probe)
	}
}
