// Program manifests writes what KubeVirt's operator would install, as JSON files, into the folder named by its argument:
// crds/ (one file per CustomResourceDefinition), webhooks.json, apiservices.json, roles.json and instancetypes.json
// (the common cluster instance types and preferences). Addresses and certificates are the test bed's to fill in.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"
)

const namespace = "kubevirt"

var customResourceDefinitions = []func() (*extv1.CustomResourceDefinition, error){
	components.NewKubeVirtCrd,
	components.NewVirtualMachineCrd,
	components.NewVirtualMachineInstanceCrd,
	components.NewVirtualMachineInstanceMigrationCrd,
	components.NewReplicaSetCrd,
	components.NewPresetCrd,
	components.NewVirtualMachinePoolCrd,
	components.NewVirtualMachineSnapshotCrd,
	components.NewVirtualMachineSnapshotContentCrd,
	components.NewVirtualMachineRestoreCrd,
	components.NewVirtualMachineExportCrd,
	components.NewVirtualMachineBackupCrd,
	components.NewVirtualMachineBackupTrackerCrd,
	components.NewVirtualMachineInstancetypeCrd,
	components.NewVirtualMachineClusterInstancetypeCrd,
	components.NewVirtualMachinePreferenceCrd,
	components.NewVirtualMachineClusterPreferenceCrd,
	components.NewMigrationPolicyCrd,
	components.NewVirtualMachineCloneCrd,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manifests FOLDER")
		os.Exit(2)
	}
	if err := writeAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeAll(folder string) error {
	for _, build := range customResourceDefinitions {
		crd, err := build()
		if err != nil {
			return err
		}
		crd.APIVersion, crd.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		if err := write(filepath.Join(folder, "crds", crd.Name+".json"), crd); err != nil {
			return err
		}
	}
	webhooks := []any{
		components.NewVirtAPIMutatingWebhookConfiguration(namespace),
		components.NewVirtAPIValidatingWebhookConfiguration(namespace),
		components.NewVirtLauncherPodMutatingWebhookConfiguration(namespace),
	}
	if err := write(filepath.Join(folder, "webhooks.json"), webhooks); err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "apiservices.json"), components.NewVirtAPIAPIServices(namespace)); err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "roles.json"), rbac.GetAllCluster()); err != nil {
		return err
	}
	instancetypes, err := components.NewClusterInstancetypes()
	if err != nil {
		return err
	}
	preferences, err := components.NewClusterPreferences()
	if err != nil {
		return err
	}
	catalogue := make([]any, 0, len(instancetypes)+len(preferences))
	for _, each := range instancetypes {
		catalogue = append(catalogue, each)
	}
	for _, each := range preferences {
		catalogue = append(catalogue, each)
	}
	return write(filepath.Join(folder, "instancetypes.json"), catalogue)
}

func write(path string, value any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	content, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o644)
}
