package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	admission "k8s.io/api/admission/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	cdi "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

const (
	allowClaimAdoption = "cdi.kubevirt.io/allowClaimAdoption"
	populatedFor       = "cdi.kubevirt.io/storage.populatedFor"
	mebibyte           = 1 << 20
)

// validate has CDI's rules for the kinds of DataVolume that Steward makes. That a spec cannot be changed is a policy of every bed
// (objects.ts), also of those in which this program does not run.
func (c *cluster) validate(request *admission.AdmissionRequest) ([]byte, error) {
	var volume cdi.DataVolume
	if err := json.Unmarshal(request.Object.Raw, &volume); err != nil {
		return nil, err
	}
	if request.Operation == admission.Create {
		if err := c.validateClaim(request.Namespace, &volume); err != nil {
			return nil, err
		}
	}
	return nil, validateSpec(volume.Spec)
}

// validateClaim refuses a DataVolume whose claim is there already, unless it was filled for it or is to be taken over.
func (c *cluster) validateClaim(namespace string, volume *cdi.DataVolume) error {
	var claim core.PersistentVolumeClaim
	err := c.get("/api/v1/namespaces/"+namespace+"/persistentvolumeclaims/"+volume.Name, &claim)
	if errors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	adopts, _ := strconv.ParseBool(volume.Annotations[allowClaimAdoption])
	owner := meta.GetControllerOf(&claim)
	if adopts || claim.Annotations[populatedFor] == volume.Name || (owner != nil && owner.Kind == "DataVolume") {
		return nil
	}
	return refusal(fmt.Sprintf("Destination PVC %s/%s already exists", namespace, volume.Name))
}

func validateSpec(spec cdi.DataVolumeSpec) error {
	if (spec.PVC == nil) == (spec.Storage == nil) {
		return refusal("exactly one of pvc and storage must be set")
	}
	if (spec.Source == nil) == (spec.SourceRef == nil) {
		return refusal("Data volume should have either Source or SourceRef, or be externally populated")
	}
	if err := validateSize(spec); err != nil {
		return err
	}
	if spec.SourceRef != nil && (spec.SourceRef.Kind != cdi.DataVolumeDataSource || spec.SourceRef.Name == "") {
		return refusal("sourceRef must name a DataSource")
	}
	return validateSource(spec.Source)
}

func validateSize(spec cdi.DataVolumeSpec) error {
	var requests core.ResourceList
	if spec.Storage != nil {
		requests = spec.Storage.Resources.Requests
	} else {
		requests = spec.PVC.Resources.Requests
	}
	size, given := requests[core.ResourceStorage]
	clones := spec.SourceRef != nil || spec.Source.PVC != nil || spec.Source.Snapshot != nil
	switch {
	case !given && (spec.Storage == nil || !clones):
		return refusal("the size is missing")
	case given && size.Value() < mebibyte:
		return refusal("the size should be at least 1MiB")
	}
	return nil
}

func validateSource(source *cdi.DataVolumeSource) error {
	switch {
	case source == nil:
		return nil
	case source.Registry != nil && source.Registry.URL != nil:
		return validateURL(*source.Registry.URL, "docker", "oci-archive")
	case source.HTTP != nil:
		return validateURL(source.HTTP.URL, "http", "https", "gs")
	}
	return nil
}

func validateURL(text string, schemes ...string) error {
	address, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, address.Scheme) {
		return refusal(fmt.Sprintf("Invalid source URL: %s", text))
	}
	return nil
}
