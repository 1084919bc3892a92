package main

import (
	"encoding/json"
	"errors"
	"maps"

	admission "k8s.io/api/admission/v1"

	cdi "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// The annotation that lets CDI's controllers clone across namespaces; here nobody checks what it says.
const (
	cloneToken  = "cdi.kubevirt.io/storage.clone.token"
	playedToken = "played by the test bed"
)

// authorize asks CDI's own code whether the requester may clone from the source, on creation and on every change.
func (c *cluster) authorize(request *admission.AdmissionRequest) ([]byte, error) {
	var volume cdi.DataVolume
	if err := json.Unmarshal(request.Object.Raw, &volume); err != nil {
		return nil, err
	}
	if volume.DeletionTimestamp != nil {
		return nil, nil
	}
	answer, err := volume.AuthorizeUser(request.Namespace, request.Name, c, request.UserInfo)
	switch {
	case errors.Is(err, cdi.ErrNoTokenOkay):
		return nil, nil
	case err != nil:
		return nil, err
	case !answer.Allowed:
		return nil, refusal(answer.Reason)
	case request.Operation != admission.Create:
		return nil, nil
	}
	annotations := maps.Clone(volume.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[cloneToken] = playedToken
	return json.Marshal([]any{map[string]any{"op": "add", "path": "/metadata/annotations", "value": annotations}})
}
