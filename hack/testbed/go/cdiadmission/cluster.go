package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"

	authorization "k8s.io/api/authorization/v1"
	core "k8s.io/api/core/v1"
	kube "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	cdi "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// cluster is what CDI's authorisation asks of Kubernetes, by plain requests: client-go would be ten times as much to build.
type cluster struct {
	server string
	client *http.Client
}

var _ cdi.AuthorizationHelperProxy = &cluster{}

func newCluster(server, certificates string) (*cluster, error) {
	authority, err := os.ReadFile(filepath.Join(certificates, "authority.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("authority.crt holds no certificate")
	}
	identity := filepath.Join(certificates, "playedCdi")
	pair, err := tls.LoadX509KeyPair(identity+".crt", identity+".key")
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}
	return &cluster{server, &http.Client{Transport: transport}}, nil
}

func (c *cluster) CreateSar(review *authorization.SubjectAccessReview) (*authorization.SubjectAccessReview, error) {
	review.TypeMeta = meta.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SubjectAccessReview"}
	body, err := json.Marshal(review)
	if err != nil {
		return nil, err
	}
	var answer authorization.SubjectAccessReview
	return &answer, c.call(http.MethodPost, "/apis/authorization.k8s.io/v1/subjectaccessreviews", bytes.NewReader(body), &answer)
}

func (c *cluster) GetNamespace(name string) (*core.Namespace, error) {
	var namespace core.Namespace
	return &namespace, c.get("/api/v1/namespaces/"+name, &namespace)
}

func (c *cluster) GetDataSource(namespace, name string) (*cdi.DataSource, error) {
	var source cdi.DataSource
	return &source, c.get("/apis/cdi.kubevirt.io/v1beta1/namespaces/"+namespace+"/datasources/"+name, &source)
}

func (c *cluster) get(path string, into any) error {
	return c.call(http.MethodGet, path, nil, into)
}

func (c *cluster) call(method, path string, body io.Reader, into any) error {
	request, err := http.NewRequest(method, c.server+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode < 300 {
		return json.Unmarshal(text, into)
	}
	refusal := kube.StatusError{ErrStatus: meta.Status{Code: int32(response.StatusCode)}}
	_ = json.Unmarshal(text, &refusal.ErrStatus)
	return &refusal
}
