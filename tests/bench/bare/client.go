package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
)

// client is one login to one API server. It speaks HTTP/1.1 over kept connections, as rbacform does.
type client struct {
	http          http.Client
	server, token string
	connections   atomic.Int64
	received      atomic.Int64
}

// userAgent tells these requests apart in the audit log, and is not one for which the server indents
// its JSON (as it does for curl).
const userAgent = "bare-loop/1"

func newClient() (*client, error) {
	c := &client{server: os.Getenv("BARE_SERVER"), token: os.Getenv("BARE_TOKEN")}
	authority, err := os.ReadFile(os.Getenv("BARE_CA"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("BARE_CA holds no certificate")
	}
	dialer := net.Dialer{}
	c.http.Transport = &http.Transport{
		// Go sets TCP_NODELAY by itself; a TLS configuration of one's own keeps it on HTTP/1.1.
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: 1024,
		// As rbacform on loopback, where the server would compress for longer than it would send.
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c.connections.Add(1)
			return dialer.DialContext(ctx, network, address)
		},
	}
	return c, nil
}

// send sends one request, reads the whole answer, and fails on any status but the wanted one.
func (c *client) send(method, path, contentType string, body io.Reader, want int) error {
	request, err := http.NewRequest(method, c.server+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	received, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		return err
	}
	c.received.Add(received)
	if response.StatusCode != want {
		return fmt.Errorf("%s %s: %s, wanted %d", method, path, response.Status, want)
	}
	return nil
}
