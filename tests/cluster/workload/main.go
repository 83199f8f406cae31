// The one program in the image of the cluster tests. It pauses (the sandbox of every pod), ends at once, or is a server that ends
// as a good one does: not ready first, then no new connections, then the requests under way.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	ending, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	mode := "pause"
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "pause":
		<-ending.Done()
	case "get":
		get(os.Args[2])
	case "serve":
		serve(ending)
	case "end":
		end(os.Args[2], os.Args[3])
	default:
		fmt.Fprintln(os.Stderr, "first argument: pause, get URL, serve or end CODE TEXT")
		os.Exit(2)
	}
}

// get prints what an address answers; for pods that ask others by their names.
func get(url string) {
	response, err := http.Get(url)
	if err == nil {
		_, err = io.Copy(os.Stdout, response.Body)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// end says something and ends with an exit code; for jobs, and for workers that cannot work.
func end(code string, text string) {
	fmt.Println(text)
	number, err := strconv.Atoi(code)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		number = 2
	}
	os.Exit(number)
}

// serve answers with $COLOUR at port 8080, and at /readyz. On SIGTERM it drains for at most 10 s, or, with ABRUPT set, it
// ends at once as a program does that knows nothing of SIGTERM.
func serve(ending context.Context) {
	var notReady atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", func(response http.ResponseWriter, _ *http.Request) {
		if notReady.Load() {
			response.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(response, os.Getenv("COLOUR"))
	})
	server := &http.Server{Addr: ":8080", Handler: mux}
	drained := make(chan struct{})
	go func() {
		<-ending.Done()
		if os.Getenv("ABRUPT") != "" {
			os.Exit(0)
		}
		notReady.Store(true)
		limit, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		server.Shutdown(limit)
		close(drained)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-drained
}
