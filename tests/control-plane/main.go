// Command control-plane is a real Kubernetes control plane in one binary, for tests and benchmarks.
//
// The first argument picks what it is:
//
//	etcd | kube-apiserver | kube-controller-manager   the upstream command, with that command's own flags
//	plane DIR                                         all three together in a folder, see plane.go
//	certificate DIR USER [GROUP...]                   a login by client certificate, see certificates.go
//	tied COMMAND...                                   COMMAND, which ends when its stdin does
//
// etcd, the API server and the controller manager stay three processes because two Kubernetes
// commands in one process would fight over global flags and feature gates.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // request metrics, as upstream has them
	_ "k8s.io/component-base/metrics/prometheus/version"  // version metric, as upstream has it
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

const usage = "usage: control-plane [tied] etcd|kube-apiserver|kube-controller-manager|plane|certificate ARGUMENTS"

func main() {
	// The upstream commands read os.Args themselves, so their own name must come first.
	os.Args = os.Args[1:]
	if len(os.Args) > 0 && os.Args[0] == "tied" {
		os.Args = os.Args[1:]
		go exitAtEndOfStdin()
	}
	if len(os.Args) == 0 {
		fail(errors.New(usage), 64)
	}
	switch os.Args[0] {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "plane":
		exit(runPlane(os.Args[1:]))
	case "certificate":
		exit(printClientCertificate(os.Args[1:]))
	default:
		fail(errors.New(usage), 64)
	}
}

// exitAtEndOfStdin makes orphans impossible: the parent holds the other end of the pipe, and the
// kernel closes it however the parent dies.
func exitAtEndOfStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func exit(err error) {
	if err != nil {
		fail(err, 1)
	}
	os.Exit(0)
}

func fail(err error, code int) {
	fmt.Fprintln(os.Stderr, "control-plane:", err)
	os.Exit(code)
}
