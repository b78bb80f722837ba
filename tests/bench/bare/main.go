// Command bare sends the requests that rbacform sends, and does nothing else: no stack, no plan, no
// state, no journal. It is the physical limit that the benchmark holds rbacform against.
//
//	bare list [--sequential] KIND...            one LIST a kind, across namespaces; bodies are read, not parsed
//	bare apply [--concurrency 16] REQUESTS      server-side applies, see apply.go
//
// The login comes from the environment: BARE_SERVER (URL), BARE_CA (file), BARE_TOKEN. Prints one line
// of JSON: the wall time from the first connection to the last byte, in milliseconds, what was
// received, and over how many connections.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

// outcome is the line printed at the end.
type outcome struct {
	WallMilliseconds float64 `json:"wall_ms"`
	Requests         int     `json:"requests"`
	// BytesReceived counts the bodies.
	BytesReceived int64 `json:"bytes_received"`
	Connections   int64 `json:"connections"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("usage: bare list|apply ARGUMENTS")
	}
	work, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	client, err := newClient()
	if err != nil {
		return err
	}
	began := time.Now()
	requests, err := work(client)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(outcome{
		WallMilliseconds: float64(time.Since(began).Microseconds()) / 1000,
		Requests:         requests,
		BytesReceived:    client.received.Load(),
		Connections:      client.connections.Load(),
	})
}

// work sends everything and returns the number of requests.
type work func(*client) (int, error)

func parse(command string, args []string) (work, error) {
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	switch command {
	case "list":
		sequential := flags.Bool("sequential", false, "one LIST after another instead of all at once")
		_ = flags.Parse(args)
		return listWork(flags.Args(), *sequential)
	case "apply":
		concurrency := flags.Int("concurrency", 16, "requests in flight")
		_ = flags.Parse(args)
		return applyWork(flags.Args(), *concurrency)
	}
	return nil, fmt.Errorf("unknown command `%s`; there are list and apply", command)
}
