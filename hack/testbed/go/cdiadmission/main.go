// Program cdiadmission SERVER CERTIFICATES ADDRESS stands for CDI's API server, which cannot be built from published modules: it admits
// DataVolumes at ADDRESS, asking the kube-apiserver SERVER with the certificates of the test bed's folder CERTIFICATES.
//
// Who may clone from where is decided by CDI's own code (DataVolume.AuthorizeUser of its API module). What else CDI refuses is written
// from its sources, v1.63.0: pkg/apiserver/webhooks/datavolume-mutate.go and datavolume-validate.go.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	admission "k8s.io/api/admission/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: cdiadmission SERVER CERTIFICATES ADDRESS")
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, "cdiadmission:", serve(os.Args[1], os.Args[2], os.Args[3]))
	os.Exit(1)
}

func serve(server, certificates, address string) error {
	cluster, err := newCluster(server, certificates)
	if err != nil {
		return err
	}
	http.HandleFunc("/datavolume-mutate", answering(cluster.authorize))
	http.HandleFunc("/datavolume-validate", answering(cluster.validate))
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	pair := filepath.Join(certificates, "cdi-apiserver")
	return http.ListenAndServeTLS(address, pair+".crt", pair+".key", nil)
}

// admit returns a JSON patch, if it changes the object, or why the request is refused.
type admit func(*admission.AdmissionRequest) ([]byte, error)

// refusal is what CDI answers for fields that are wrong; every other error it answers as a bad request.
type refusal string

func (r refusal) Error() string { return string(r) }

func answering(decide admit) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var review admission.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(w, "an AdmissionReview with a request is expected", http.StatusBadRequest)
			return
		}
		patch, err := decide(review.Request)
		review.Response = responseOf(patch, err)
		review.Response.UID = review.Request.UID
		review.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review)
	}
}

func responseOf(patch []byte, err error) *admission.AdmissionResponse {
	var wrong refusal
	switch {
	case errors.As(err, &wrong):
		// CDI puts a blank before each cause.
		return refused(http.StatusUnprocessableEntity, " "+wrong.Error())
	case err != nil:
		return refused(http.StatusBadRequest, err.Error())
	case patch == nil:
		return &admission.AdmissionResponse{Allowed: true}
	}
	jsonPatch := admission.PatchTypeJSONPatch
	return &admission.AdmissionResponse{Allowed: true, Patch: patch, PatchType: &jsonPatch}
}

func refused(code int32, message string) *admission.AdmissionResponse {
	return &admission.AdmissionResponse{Result: &meta.Status{Code: code, Message: message}}
}
