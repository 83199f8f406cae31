package main

import (
	"fmt"
	"net/http"
)

func greet(name string) string {
	if name == "" {
		name = "stranger"
	}
	return "Hello, " + name + "!"
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, greet(r.URL.Query().Get("name")))
	})
	return mux
}
