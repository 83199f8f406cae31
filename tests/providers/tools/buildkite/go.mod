module slipway/tests/buildkite

go 1.22

require github.com/buildkite/interpolate v0.1.3
