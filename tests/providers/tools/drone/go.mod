module slipway/tests/drone

go 1.19

require github.com/drone/drone-yaml v1.2.3

require (
	github.com/bmatcuk/doublestar v1.1.1 // indirect
	github.com/buildkite/yaml v2.1.0+incompatible // indirect
	github.com/docker/go-units v0.3.3 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

// Only what compiles needs it, and the Go module proxy does not have all that it needs itself.
replace github.com/drone/drone-runtime => ./unused
