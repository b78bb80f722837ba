package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// readyTimeout bounds the whole start; from nothing it takes about four seconds on two idle cores.
const readyTimeout = 3 * time.Minute

// startAttempts bounds retries after another program took one of our ports between choice and use.
const startAttempts = 3

// plane is a running control plane in one folder.
type plane struct {
	dir        string
	server     string
	adminToken string
	processes  []*process
	// died receives the name of a process that ended by itself.
	died chan string
}

// runPlane implements `plane DIR`: starts everything, prints one line of JSON when it is ready
// (`{"server", "admin_token"}`), and stops everything when its stdin ends (unless --detached) or on
// SIGTERM or SIGINT.
func runPlane(args []string) error {
	flags := flag.NewFlagSet("plane", flag.ExitOnError)
	tokens := flags.String("tokens", "", "file of further identities, lines of `token,user,uid,\"group1,group2\"`")
	ephemeral := flags.Bool("ephemeral", false, "remove DIR at the end")
	detached := flags.Bool("detached", false, "run until SIGTERM, whatever happens to stdin")
	_ = flags.Parse(args)
	if flags.NArg() != 1 {
		return errors.New("usage: control-plane plane [--tokens FILE] [--ephemeral] [--detached] DIR")
	}
	dir, err := filepath.Abs(flags.Arg(0))
	if err != nil {
		return err
	}
	if *ephemeral {
		defer os.RemoveAll(dir)
	}
	stop := stopSignal(!*detached)
	running, err := startPlane(stop, dir, *tokens)
	if err != nil {
		return err
	}
	defer running.stop()
	ready, err := json.Marshal(map[string]string{"server": running.server, "admin_token": running.adminToken})
	if err != nil {
		return err
	}
	fmt.Println(string(ready))
	select {
	case <-stop.Done():
		return nil
	case name := <-running.died:
		return running.explain(name)
	}
}

// stopSignal is done when the plane should stop.
func stopSignal(tiedToStdin bool) context.Context {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	if tiedToStdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	return ctx
}

func startPlane(ctx context.Context, dir, tokens string) (*plane, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := writeKeys(dir); err != nil {
		return nil, err
	}
	adminToken, err := writeTokens(dir, tokens)
	if err != nil {
		return nil, err
	}
	if err := writeAuditPolicy(dir); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		running := &plane{dir: dir, adminToken: adminToken, died: make(chan string, 3)}
		err := running.start(ctx)
		if err == nil {
			return running, nil
		}
		running.stop()
		if attempt == startAttempts || !portWasTaken(err) {
			return nil, err
		}
	}
}

func (p *plane) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	client, peer, secure := ports[0], ports[1], ports[2]
	p.server = fmt.Sprintf("https://127.0.0.1:%d", secure)
	if err := p.writeKubeconfig(); err != nil {
		return err
	}
	if err := p.run("etcd", etcdFlags(p.dir, client, peer)); err != nil {
		return err
	}
	if err := p.run("kube-apiserver", apiserverFlags(p.dir, client, secure)); err != nil {
		return err
	}
	if err := p.waitFor(ctx, apiserverReady); err != nil {
		return err
	}
	if err := p.run("kube-controller-manager", controllerManagerFlags(p.dir)); err != nil {
		return err
	}
	return p.waitFor(ctx, controllersReady)
}

func (p *plane) run(name string, flags []string) error {
	child, err := startProcess(p.dir, name, flags, p.died)
	if err != nil {
		return err
	}
	p.processes = append(p.processes, child)
	return nil
}

// stop ends the processes, last started first, so that none sees its server vanish.
func (p *plane) stop() {
	for i := len(p.processes) - 1; i >= 0; i-- {
		p.processes[i].stop()
	}
	p.processes = nil
}
