package main

import (
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	tokensFile      = "tokens.csv"
	kubeconfigFile  = "kubeconfig"
	auditPolicyFile = "audit-policy.yaml"
)

// administrator is the user whose context comes first in the kubeconfig.
const administrator = "admin"

// Request counts need who, what and the outcome of every request, and no bodies.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata}]
`

func writeAuditPolicy(dir string) error {
	return os.WriteFile(filepath.Join(dir, auditPolicyFile), []byte(auditPolicy), 0o600)
}

// writeTokens writes the API server's token file: an administrator with a fresh token, which it
// returns, then the lines of the file further, if one is named.
func writeTokens(dir, further string) (adminToken string, err error) {
	adminToken = rand.Text()
	lines := fmt.Sprintf("%s,%s,%s,system:masters\n", adminToken, administrator, administrator)
	if further != "" {
		content, err := os.ReadFile(further)
		if err != nil {
			return "", err
		}
		lines += string(content)
	}
	return adminToken, os.WriteFile(filepath.Join(dir, tokensFile), []byte(lines), 0o600)
}

// writeKubeconfig writes a context for each identity of the token file, named after its user.
func (p *plane) writeKubeconfig() error {
	users, err := readTokens(p.dir)
	if err != nil {
		return err
	}
	authority, err := os.ReadFile(filepath.Join(p.dir, authorityCertificate))
	if err != nil {
		return err
	}
	config := api.NewConfig()
	config.CurrentContext = administrator
	config.Clusters["control-plane"] = &api.Cluster{Server: p.server, CertificateAuthorityData: authority}
	for user, token := range users {
		config.AuthInfos[user] = &api.AuthInfo{Token: token}
		config.Contexts[user] = &api.Context{Cluster: "control-plane", AuthInfo: user}
	}
	return clientcmd.WriteToFile(*config, filepath.Join(p.dir, kubeconfigFile))
}

// readTokens reads user to token.
func readTokens(dir string) (map[string]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, tokensFile))
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(strings.NewReader(string(content)))
	reader.FieldsPerRecord = -1 // groups may be left out
	users := map[string]string{}
	for {
		record, err := reader.Read()
		if err == io.EOF {
			return users, nil
		}
		if err != nil {
			return nil, err
		}
		if len(record) < 3 {
			return nil, fmt.Errorf("%s: a line has fewer than the fields token, user and uid", tokensFile)
		}
		users[record[1]] = record[0]
	}
}
