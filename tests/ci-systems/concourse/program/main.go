// Reads a pipeline as `fly validate-pipeline --strict` does, and as the server does when it is set: strictly, and with Concourse's
// own validation, warnings included:
//
//	validate-pipeline <FILE
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/concourse/concourse/atc"
	"github.com/concourse/concourse/atc/configvalidate"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := validate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func validate() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var pipeline atc.Config
	if err := yaml.UnmarshalStrict(text, &pipeline); err != nil {
		return err
	}
	warnings, problems := configvalidate.Validate(pipeline)
	for _, warning := range warnings {
		problems = append(problems, fmt.Sprintf("%s: %s", warning.Type, warning.Message))
	}
	told := make([]error, len(problems))
	for at, problem := range problems {
		told[at] = errors.New(problem)
	}
	return errors.Join(told...)
}
