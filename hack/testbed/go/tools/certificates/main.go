// Program certificates FOLDER reads a request from standard input and writes the keys and certificates it names into FOLDER,
// as NAME.key and NAME.crt (PEM, ECDSA P-256). It exists because Node can verify but not sign X.509.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type request struct {
	// Authorities are self-signed.
	Authorities []string `json:"authorities"`
	// KeyPairs are bare keys, NAME.key and NAME.pub.
	KeyPairs     []string      `json:"keyPairs"`
	Certificates []certificate `json:"certificates"`
}

type certificate struct {
	Name          string   `json:"name"`
	Authority     string   `json:"authority"`
	CommonName    string   `json:"commonName"`
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dnsNames"`
	IPAddresses   []net.IP `json:"ipAddresses"`
}

type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

const validity = 10 * 365 * 24 * time.Hour

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: certificates FOLDER < request.json")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "certificates:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	var wanted request
	if err := json.NewDecoder(os.Stdin).Decode(&wanted); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	authorities := map[string]authority{}
	for _, name := range wanted.Authorities {
		template := template(name)
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
		issued, err := issue(folder, name, template, nil)
		if err != nil {
			return err
		}
		authorities[name] = *issued
	}
	for _, each := range wanted.Certificates {
		signer, known := authorities[each.Authority]
		if !known {
			return fmt.Errorf("certificate %s: no authority %q", each.Name, each.Authority)
		}
		template := template(each.CommonName)
		template.Subject.Organization = each.Organizations
		template.DNSNames, template.IPAddresses = each.DNSNames, each.IPAddresses
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
		if _, err := issue(folder, each.Name, template, &signer); err != nil {
			return err
		}
	}
	for _, name := range wanted.KeyPairs {
		key, err := newKey(folder, name)
		if err != nil {
			return err
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return err
		}
		if err := writePEM(filepath.Join(folder, name+".pub"), "PUBLIC KEY", public); err != nil {
			return err
		}
	}
	return nil
}

func template(commonName string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(validity),
	}
}

// issue signs template with signer, or with its own key when signer is nil.
func issue(folder, name string, template *x509.Certificate, signer *authority) (*authority, error) {
	key, err := newKey(folder, name)
	if err != nil {
		return nil, err
	}
	if signer == nil {
		signer = &authority{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, key.Public(), signer.key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{parsed, key}, writePEM(filepath.Join(folder, name+".crt"), "CERTIFICATE", der)
}

func newKey(folder, name string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(filepath.Join(folder, name+".key"), "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
