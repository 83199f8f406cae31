package main

import "testing"

func TestGreetsByName(t *testing.T) {
	if got := greet("Ada"); got != "Hello, Ada!" {
		t.Errorf("greet(Ada) = %q", got)
	}
}
