module github.com/drone/drone-runtime
