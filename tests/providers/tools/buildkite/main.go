// Replaces variables in the text that it reads as Buildkite's agent does when it uploads a pipeline: by the agent's own library, where
// none is set.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/buildkite/interpolate"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		var replaced string
		replaced, err = interpolate.Interpolate(interpolate.NewMapEnv(nil), string(text))
		fmt.Print(replaced)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
