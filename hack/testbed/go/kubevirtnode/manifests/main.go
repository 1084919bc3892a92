// Program manifests FILE HANDLER-IMAGE LAUNCHER-IMAGE writes what KubeVirt's operator would install to have virt-handler on every node,
// as a JSON list: its DaemonSet, its permissions, its priority class and the Service its metrics are scraped through.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"
	"kubevirt.io/kubevirt/pkg/virt-operator/util"
)

const namespace = "kubevirt"

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: manifests FILE HANDLER-IMAGE LAUNCHER-IMAGE")
		os.Exit(2)
	}
	if err := write(os.Args[1], objects(os.Args[2], os.Args[3])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func objects(handlerImage, launcherImage string) []runtime.Object {
	config := &util.KubeVirtDeploymentConfig{
		Namespace:       namespace,
		ComponentImages: util.ComponentImages{VirtHandlerImage: handlerImage, VirtLauncherImage: launcherImage},
	}
	daemonSet := components.NewHandlerDaemonSet(config, "", "", "")
	neverKVM(daemonSet)
	probeAtOnce(daemonSet)
	return append(
		[]runtime.Object{components.NewKubeVirtPriorityClassCR(), components.NewPrometheusService(namespace), daemonSet},
		rbac.GetAllHandler(namespace)...,
	)
}

// neverKVM keeps the node labeller from making itself a /dev/kvm where only the kernel's module is there: it looks for a device by
// the name this variable gives, and works under emulation when there is none.
func neverKVM(daemonSet *appsv1.DaemonSet) {
	for _, container := range daemonSet.Spec.Template.Spec.InitContainers {
		for i := range container.Env {
			if container.Env[i].Name == "HYPERVISOR_DEVICE" {
				container.Env[i].Value = "no-hypervisor"
			}
		}
	}
}

// probeAtOnce has the kubelet see within a second that virt-handler is ready, which by KubeVirt's own settings takes up to 35.
func probeAtOnce(daemonSet *appsv1.DaemonSet) {
	probe := daemonSet.Spec.Template.Spec.Containers[0].ReadinessProbe
	probe.InitialDelaySeconds, probe.PeriodSeconds = 0, 1
}

func write(path string, value any) error {
	content, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o644)
}
