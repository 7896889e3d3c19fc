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

// The cluster's own authority and all that it signs, in DIR/certificates. Made anew for each start.
type authority struct {
	dir         string
	certificate *x509.Certificate
	key         crypto.Signer
}

func newAuthority(dir string) (*authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	a := &authority{dir: dir}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "etabli-test-cluster"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, key, err := sign(template, nil, nil)
	if err != nil {
		return nil, err
	}
	a.key = key
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	if err := a.write("ca", der, key); err != nil {
		return nil, err
	}
	// Signs the tokens of service accounts: only the pair of keys counts.
	return a, a.client("service-accounts", "service-accounts")
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) client(file, user string, groups ...string) error {
	return a.issue(file, &x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func (a *authority) server(file, user string, names []string, addresses ...string) error {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: user},
		DNSNames:    names,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, address := range addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	return a.issue(file, template)
}

func (a *authority) issue(file string, template *x509.Certificate) error {
	der, key, err := sign(template, a.certificate, a.key)
	if err != nil {
		return err
	}
	return a.write(file, der, key)
}

// Without a parent: signed by itself.
func sign(template, parent *x509.Certificate, parentKey crypto.Signer) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		return nil, nil, err
	}
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().AddDate(1, 0, 0)
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	return der, key, err
}

func (a *authority) write(name string, der []byte, key *ecdsa.PrivateKey) error {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	for ending, block := range map[string]*pem.Block{
		".crt": {Type: "CERTIFICATE", Bytes: der},
		".key": {Type: "PRIVATE KEY", Bytes: private},
		".pub": {Type: "PUBLIC KEY", Bytes: public},
	} {
		if err := os.WriteFile(a.path(name+ending), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// A kubeconfig with everything in it, so that it can be copied elsewhere.
func (a *authority) kubeconfig(file, server, user string) error {
	read := func(name string) []byte {
		data, err := os.ReadFile(a.path(name))
		if err != nil {
			panic(fmt.Sprintf("certificate %s was not made: %v", name, err))
		}
		return data
	}
	text, err := json.MarshalIndent(map[string]any{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": "etabli-test",
		"clusters":        []any{map[string]any{"name": "etabli-test", "cluster": map[string]any{"server": server, "certificate-authority-data": read("ca.crt")}}},
		"contexts":        []any{map[string]any{"name": "etabli-test", "context": map[string]any{"cluster": "etabli-test", "user": user}}},
		"users":           []any{map[string]any{"name": user, "user": map[string]any{"client-certificate-data": read(user + ".crt"), "client-key-data": read(user + ".key")}}},
	}, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// All that the cluster needs, and the kubeconfigs.
func makeCertificates(p plan) (*authority, error) {
	a, err := newAuthority(p.file("certificates"))
	if err != nil {
		return nil, err
	}
	steps := []error{
		a.server("kube-apiserver", "kube-apiserver", []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}, p.controlAddress(), p.serviceOfAPI(), "127.0.0.1"),
		a.client("apiserver-to-kubelet", "apiserver-to-kubelet", "system:masters"),
		a.client("admin", "admin", "system:masters"),
		a.client("kube-controller-manager", "system:kube-controller-manager"),
		a.client("kube-scheduler", "system:kube-scheduler"),
		a.client("kube-proxy", "system:kube-proxy"),
		a.kubeconfig(p.kubeconfig(), p.server(), "admin"),
	}
	for _, name := range []string{"kube-controller-manager", "kube-scheduler", "kube-proxy"} {
		steps = append(steps, a.kubeconfig(a.path(name+".kubeconfig"), p.server(), name))
	}
	for n := 1; n <= p.Nodes; n++ {
		name := p.node(n)
		steps = append(steps,
			a.server(name+"-server", name, []string{name}, p.nodeAddress(n)),
			a.client(name, "system:node:"+name, "system:nodes"),
			a.kubeconfig(a.path(name+".kubeconfig"), p.server(), name))
	}
	for _, err := range steps {
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}
