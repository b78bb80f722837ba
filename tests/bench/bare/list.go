package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// collections are the paths of the kinds across all namespaces.
var collections = map[string]string{
	"namespaces":          "/api/v1/namespaces",
	"serviceaccounts":     "/api/v1/serviceaccounts",
	"roles":               "/apis/rbac.authorization.k8s.io/v1/roles",
	"clusterroles":        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
	"rolebindings":        "/apis/rbac.authorization.k8s.io/v1/rolebindings",
	"clusterrolebindings": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}

func listWork(kinds []string, sequential bool) (work, error) {
	if len(kinds) == 0 {
		return nil, errors.New("usage: bare list [--sequential] KIND...")
	}
	var paths []string
	for _, kind := range kinds {
		path, known := collections[kind]
		if !known {
			return nil, fmt.Errorf("unknown kind `%s`", kind)
		}
		paths = append(paths, path)
	}
	if sequential {
		return func(c *client) (int, error) { return len(paths), listInTurn(c, paths) }, nil
	}
	return func(c *client) (int, error) { return len(paths), listAtOnce(c, paths) }, nil
}

func listInTurn(c *client, paths []string) error {
	for _, path := range paths {
		if err := c.send(http.MethodGet, path, "", nil, http.StatusOK); err != nil {
			return err
		}
	}
	return nil
}

func listAtOnce(c *client, paths []string) error {
	failures := make([]error, len(paths))
	var all sync.WaitGroup
	for i, path := range paths {
		all.Go(func() { failures[i] = c.send(http.MethodGet, path, "", nil, http.StatusOK) })
	}
	all.Wait()
	return errors.Join(failures...)
}
