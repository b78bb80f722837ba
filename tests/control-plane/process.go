package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// process is one of the three children; it lives no longer than the pipe to its stdin.
type process struct {
	stdin    io.Closer
	finished chan struct{}
}

// startProcess runs this same binary as the command name, its output in DIR/NAME.log.
func startProcess(dir, name string, flags []string, died chan<- string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(logPath(dir, name))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(self, append([]string{"tied", name}, flags...)...)
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	// A group of its own, so that Ctrl-C in a terminal reaches only the one that stops the others.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	child := &process{stdin: stdin, finished: make(chan struct{})}
	go func() {
		_ = command.Wait()
		died <- name
		close(child.finished)
	}()
	return child, nil
}

func (child *process) stop() {
	_ = child.stdin.Close()
	<-child.finished
}

// processDied carries the end of the log of a process that ended by itself.
type processDied struct{ name, log string }

func (e *processDied) Error() string {
	return fmt.Sprintf("%s ended; the end of its log:\n%s", e.name, e.log)
}

func (p *plane) explain(name string) error {
	log, err := os.ReadFile(logPath(p.dir, name))
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return &processDied{name, string(bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))}
}

func portWasTaken(err error) bool {
	return strings.Contains(err.Error(), "address already in use")
}

func logPath(dir, name string) string {
	return filepath.Join(dir, name+".log")
}

// freePorts finds distinct free loopback ports; nothing keeps them free, see startAttempts.
func freePorts(count int) ([]int, error) {
	var ports []int
	for range count {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
