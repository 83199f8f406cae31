// Reads a file by Drone's own parser and linter, and prints the pipelines that an event starts:
//
//	drone FILE EVENT REF TARGET
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/drone/drone-yaml/yaml"
	"github.com/drone/drone-yaml/yaml/linter"
)

func main() {
	if err := plan(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func plan(path, event, ref, target string) error {
	manifest, err := yaml.ParseFile(path)
	if err != nil {
		return err
	}
	started := []*yaml.Pipeline{}
	for _, resource := range manifest.Resources {
		// An administrator has to trust a repository whose steps may do what root may.
		if err := linter.Lint(resource, true); err != nil {
			return err
		}
		pipeline, ok := resource.(*yaml.Pipeline)
		if !ok {
			return fmt.Errorf("no pipeline, but a %s", resource.GetKind())
		}
		on := pipeline.Trigger
		if on.Event.Match(event) && on.Ref.Match(ref) && on.Target.Match(target) {
			started = append(started, pipeline)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(started)
}
