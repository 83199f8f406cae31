// Reads a PipelineRun as Tekton's webhook does, strictly and with its validation, and prints it with its defaults as JSON:
//
//	tekton <FILE
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/tektoncd/pipeline/pkg/apis/config"
	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := read(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	run := &v1.PipelineRun{}
	if err := yaml.UnmarshalStrict(text, run); err != nil {
		return err
	}
	if run.Kind != "PipelineRun" || run.APIVersion != "tekton.dev/v1" {
		return fmt.Errorf("no PipelineRun of tekton.dev/v1, but a %s of %s", run.Kind, run.APIVersion)
	}
	// The flags of a Tekton that nobody has set up otherwise.
	ctx := config.ToContext(context.Background(), config.FromContextOrDefaults(context.Background()))
	run.SetDefaults(ctx)
	if err := run.Validate(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(run)
}
