package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// One authority of our own signs the server's certificate and the clients'; a generated
// `--cert-dir` certificate would be its own root, which strict TLS clients refuse.
const (
	authorityCertificate = "ca.crt"
	authorityKey         = "ca.key"
	serverCertificate    = "server.crt"
	serverKey            = "server.key"
	serviceAccountKey    = "service-account.key"
)

// writeKeys puts everything that has to exist before the API server starts into dir.
func writeKeys(dir string) error {
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	if err := authority.write(filepath.Join(dir, authorityCertificate), filepath.Join(dir, authorityKey)); err != nil {
		return err
	}
	server, err := authority.issue(x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
	})
	if err != nil {
		return err
	}
	if err := server.write(filepath.Join(dir, serverCertificate), filepath.Join(dir, serverKey)); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	encoded, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, serviceAccountKey), encoded, 0o600)
}

// printClientCertificate implements `certificate DIR USER [GROUP...]`: prints the `user` object that
// a kubeconfig needs to log in as that user.
func printClientCertificate(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: control-plane certificate DIR USER [GROUP...]")
	}
	authority, err := readAuthority(args[0])
	if err != nil {
		return err
	}
	client, err := authority.issue(x509.Certificate{
		Subject:     pkix.Name{CommonName: args[1], Organization: args[2:]},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return err
	}
	certificate, key, err := client.encode()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string][]byte{
		"client-certificate-data": certificate,
		"client-key-data":         key,
	})
}

// keyPair is a certificate with its private key.
type keyPair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "control-plane"}, key)
	return &keyPair{certificate, key}, err
}

func readAuthority(dir string) (*keyPair, error) {
	certificates, err := cert.CertsFromFile(filepath.Join(dir, authorityCertificate))
	if err != nil {
		return nil, err
	}
	key, err := keyutil.PrivateKeyFromFile(filepath.Join(dir, authorityKey))
	if err != nil {
		return nil, err
	}
	ecdsaKey, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not one of our keys", authorityKey)
	}
	return &keyPair{certificates[0], ecdsaKey}, nil
}

func (authority *keyPair) issue(template x509.Certificate) (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63)); err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.NotBefore = authority.certificate.NotBefore
	template.NotAfter = time.Now().Add(7 * 24 * time.Hour)
	encoded, err := x509.CreateCertificate(rand.Reader, &template, authority.certificate, key.Public(), authority.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(encoded)
	return &keyPair{certificate, key}, err
}

func (pair *keyPair) encode() (certificate, key []byte, err error) {
	certificate = pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: pair.certificate.Raw})
	key, err = keyutil.MarshalPrivateKeyToPEM(pair.key)
	return certificate, key, err
}

func (pair *keyPair) write(certificatePath, keyPath string) error {
	certificate, key, err := pair.encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(certificatePath, certificate, 0o644); err != nil {
		return err
	}
	return os.WriteFile(keyPath, key, 0o600)
}
