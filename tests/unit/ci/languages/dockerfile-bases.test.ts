import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listBaseImages } from "../../../../ci/src/languages/dockerfile/exposed.ts";
import { readBuilt } from "../../../../ci/src/languages/dockerfile/instructions.ts";

const bases = suite("the images that a Dockerfile stands on");

const listed = (text: string, args: Readonly<Record<string, string>> = {}) => listBaseImages(readBuilt(text, args));

bases("are those of its stages and of what it copies from, each once, and no stages", () => {
  const text = `FROM --platform=$BUILDPLATFORM golang:1.26 AS Build
RUN go build
FROM build AS test
COPY --from=ghcr.io/acme/tool:1 --chown=1 /x /x
COPY --chown=1:1 --from=Build /y /y
FROM scratch
COPY --from=0 /a /b
COPY --link --from=docker.io/library/busybox:1@sha256:abc /c /c
FROM golang:1.26
`;
  assert.equal(listed(text), ["golang:1.26", "ghcr.io/acme/tool:1", "docker.io/library/busybox:1@sha256:abc"]);
});

bases("take arguments as the build gives them, then by their defaults; what nobody gives keeps its name", () => {
  const text = "ARG V=3.12\nARG NAME=python OTHER\nFROM $NAME:${V}-slim\nFROM ${OTHER:-debian}:12\nFROM $UNKNOWN\n";
  assert.equal(listed(text), ["python:3.12-slim", "debian:12", "$UNKNOWN"]);
  assert.equal(listed(text, { V: "3.13", NAME: "acme/python", OTHER: "ubuntu", UNKNOWN: "not declared" }), [
    "acme/python:3.13-slim",
    "ubuntu:12",
    "$UNKNOWN",
  ]);
});

bases("are a stage's own image, when the stage is called like it", () => {
  assert.equal(listed("FROM node AS node\nFROM node\n"), ["node"]);
});

bases("are none of a file without a stage", () => {
  assert.equal(listed(""), []);
});

bases.run();
