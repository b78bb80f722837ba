package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const pollInterval = 50 * time.Millisecond

// condition says nil when what it looks for holds.
type condition func(context.Context, kubernetes.Interface) error

// waitFor polls as the administrator until ready holds, a process dies or ctx ends.
func (p *plane) waitFor(ctx context.Context, ready condition) error {
	client, err := kubernetes.NewForConfig(&rest.Config{
		Host:            p.server,
		BearerToken:     p.adminToken,
		UserAgent:       "control-plane",
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(p.dir, authorityCertificate)},
	})
	if err != nil {
		return err
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		unmet := ready(ctx, client)
		if unmet == nil {
			return nil
		}
		select {
		case name := <-p.died:
			return p.explain(name)
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", unmet)
		case <-ticker.C:
		}
	}
}

// apiserverReady includes the post-start hook that creates the bootstrap roles.
func apiserverReady(ctx context.Context, client kubernetes.Interface) error {
	return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

// controllersReady sees each controller's first work done, so that no test meets a half-filled world.
func controllersReady(ctx context.Context, client kubernetes.Interface) error {
	for _, namespace := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		if _, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
	}
	for _, name := range []string{"admin", "edit", "view"} {
		role, err := client.RbacV1().ClusterRoles().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if len(role.Rules) == 0 {
			return fmt.Errorf("cluster role %s is not aggregated yet", name)
		}
	}
	return nil
}
