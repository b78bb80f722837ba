package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"sync"
)

// patch is one line of the file of requests: a server-side apply that must create its object.
type patch struct {
	// Path carries the query, field manager included.
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

// applyWork sends the first line alone, since it is the namespace that the others need, then all
// others with as many in flight as asked.
func applyWork(args []string, concurrency int) (work, error) {
	if len(args) != 1 || concurrency < 1 {
		return nil, errors.New("usage: bare apply [--concurrency N] REQUESTS")
	}
	patches, err := readPatches(args[0])
	if err != nil {
		return nil, err
	}
	if len(patches) == 0 {
		return nil, errors.New("no requests")
	}
	return func(c *client) (int, error) {
		if err := patches[0].send(c); err != nil {
			return 0, err
		}
		return len(patches), applyAll(c, patches[1:], concurrency)
	}, nil
}

func applyAll(c *client, patches []patch, concurrency int) error {
	queue := make(chan patch)
	failures := make([]error, concurrency)
	var workers sync.WaitGroup
	for i := range concurrency {
		workers.Go(func() {
			for next := range queue {
				failures[i] = errors.Join(failures[i], next.send(c))
			}
		})
	}
	for _, next := range patches {
		queue <- next
	}
	close(queue)
	workers.Wait()
	return errors.Join(failures...)
}

func (p patch) send(c *client) error {
	return c.send(http.MethodPatch, p.Path, "application/apply-patch+yaml", bytes.NewReader(p.Body), http.StatusCreated)
}

func readPatches(file string) ([]patch, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var patches []patch
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var next patch
		if err := json.Unmarshal(lines.Bytes(), &next); err != nil {
			return nil, err
		}
		patches = append(patches, next)
	}
	return patches, lines.Err()
}
