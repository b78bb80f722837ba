package main

import (
	"fmt"
	"path/filepath"
)

func etcdFlags(dir string, clientPort, peerPort int) []string {
	client := fmt.Sprintf("http://127.0.0.1:%d", clientPort)
	peer := fmt.Sprintf("http://127.0.0.1:%d", peerPort)
	return []string{
		"--name=default",
		"--data-dir=" + filepath.Join(dir, "etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync", // the data ends with the test
		"--log-level=warn",
	}
}

func apiserverFlags(dir string, etcdPort, securePort int) []string {
	key := filepath.Join(dir, serviceAccountKey)
	authority := filepath.Join(dir, authorityCertificate)
	return []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcdPort),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", securePort),
		// Nothing serves the `kubernetes` Service here, and a machine without a route has no other address.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + filepath.Join(dir, serverCertificate),
		"--tls-private-key-file=" + filepath.Join(dir, serverKey),
		"--client-ca-file=" + authority,
		"--token-auth-file=" + filepath.Join(dir, tokensFile),
		"--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--audit-policy-file=" + filepath.Join(dir, auditPolicyFile),
		"--audit-log-path=" + filepath.Join(dir, "audit.log"),
		// A request's first line is in the log before its answer is sent, so counts are exact.
		"--audit-log-mode=blocking",
		"--max-requests-inflight=3000",
		"--max-mutating-requests-inflight=3000",
	}
}

func controllerManagerFlags(dir string) []string {
	return []string{
		"--kubeconfig=" + filepath.Join(dir, kubeconfigFile),
		"--controllers=clusterrole-aggregation-controller,serviceaccount-controller," +
			"serviceaccount-token-controller,namespace-controller,garbage-collector-controller",
		"--use-service-account-credentials=false",
		"--service-account-private-key-file=" + filepath.Join(dir, serviceAccountKey),
		"--leader-elect=false",
		"--secure-port=0",
	}
}
