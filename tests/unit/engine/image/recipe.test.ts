import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planRecipe, readRecipes } from "../../../../engine/src/image/recipe.ts";
import { findRecipe, recipeNames } from "../../../../engine/src/image/recipe-book.ts";
import { parseReference } from "../../../../engine/src/image/reference.ts";

const recipe = suite("recipes");

const FILE = {
  layers: {
    system: [{ kind: "debian", suite: "bookworm", sources: ["deb http://deb.debian.org/debian bookworm main"] }],
    tool: [{ kind: "file", path: "/usr/local/bin/tool", mode: "0755", lines: ["#!/bin/sh"] }],
    person: [{ kind: "user", name: "me", uid: 1000, gid: 1000, home: "/home/me", shell: "/bin/sh" }],
  },
  images: [
    {
      names: ["base:1"],
      platforms: ["linux/amd64"],
      layers: ["system"],
      summary: "a base",
      config: { Env: ["PATH=/bin", "A=1"], Cmd: ["sh"] },
    },
    {
      names: ["top:1", "top:latest"],
      platforms: ["linux/amd64"],
      base: "base:1",
      layers: ["tool", "person"],
      summary: "a top",
      config: { Env: ["B=2", "A=3"], User: "me" },
    },
  ],
};

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function plan(name: string, file: unknown = FILE) {
  return planRecipe(name, "linux/amd64", readRecipes({ "a.json": file }), digestOf);
}

function problemsOf(files: Record<string, unknown>): string {
  try {
    readRecipes(files);
    return "valid";
  } catch (error) {
    return (error as Error).message;
  }
}

recipe("takes over layers and configuration of the base, and replaces variables of the same name", () => {
  const top = plan("top:latest");
  assert.is(top?.name, "top:1");
  assert.equal(
    top?.layers.map(({ name, needsBase }) => [name, needsBase]),
    [
      ["system", false],
      ["tool", false],
      ["person", true],
    ],
  );
  assert.equal(top?.config, { Env: ["PATH=/bin", "A=3", "B=2"], Cmd: ["sh"], User: "me" });
});

recipe("names a layer by its steps, and by what lies below when it needs that", () => {
  const before = plan("top:1");
  const after = plan("top:1", {
    ...FILE,
    layers: { ...FILE.layers, system: [{ ...FILE.layers.system[0], packages: ["curl"] }] },
  });
  const ids = (made: typeof before) => made?.layers.map(({ id }) => id) ?? [];
  assert.equal(
    ids(before).map((id, index) => id === ids(after)[index]),
    [false, true, false],
  );
  assert.is.not(before?.digest, after?.digest);
  for (const id of ids(before)) assert.match(id, /^[0-9a-f]{16}$/);
});

recipe("makes nothing for a platform that it does not name", () => {
  assert.is(planRecipe("top:1", "linux/arm64", readRecipes({ "a.json": FILE }), digestOf), undefined);
});

recipe("reports every problem with its place at once", () => {
  const [base, top] = FILE.images;
  assert.is(
    problemsOf({
      "a.json": {
        layers: {
          ...FILE.layers,
          unused: [{ kind: "npm", package: "x", version: "^1", integrity: "sha1-x" }],
          tool: [{ kind: "file", path: "/bin/tool", mode: "755", lines: ["a\nb"] }],
        },
        images: [base],
      },
      "b.json": {
        layers: { again: [{ kind: "apt", packages: ["curl"] }] },
        images: [
          { ...base, layers: ["again"] },
          { ...top, names: ["x:1"], base: "none:1", layers: ["gone"] },
        ],
      },
      "c.json": {
        layers: {
          whole: [{ kind: "run", args: ["true"] }, FILE.layers.system[0]],
          half: [{ kind: "npm", package: "x", version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` }],
        },
        images: [{ ...top, names: ["y:1"], base: "x:1", layers: ["whole"] }],
        more: 1,
      },
    }),
    `recipes are not valid:
  a.json: layers.tool.0.path: must name the folder below /usr: this one is a link in Debian
  a.json: layers.tool.0.mode: must be four octal digits such as 0755
  a.json: layers.tool.0.lines.0: must be one line
  a.json: layers.unused.0.version: must be an exact version
  a.json: layers.unused.0.integrity: must be the sha512 integrity of the registry
  c.json: (whole file): Unrecognized key: "more"
  b.json: x:1: no recipe makes the base none:1
  b.json: x:1: there is no layer gone`,
  );
});

recipe("checks what holds between layers, images and files", () => {
  const [base, top] = FILE.images;
  const { system, person, tool } = FILE.layers;
  assert.is(
    problemsOf({
      "a.json": FILE,
      "b.json": {
        layers: {
          late: [...person, ...system],
          idle: tool,
          both: [{ kind: "npm", package: "x", version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` }],
        },
        images: [base, { ...top, names: ["z:1"], layers: ["late", "both"] }],
      },
    }),
    `recipes are not valid:
  b.json: layers.late.1: a whole system can only be the first step
  b.json: layers.idle: no image uses it
  b.json: layers.both.0: needs either "into" or "files"
  b.json: base:1 is made in a.json already
  b.json: base:1: there is no layer system
  b.json: z:1: the layer late is a whole system and fits on no base`,
  );
});

recipe("come with the engine for these images, and are valid", () => {
  assert.equal(recipeNames("linux/amd64"), [
    "alpine/helm:3.18.0",
    "apache/kafka:4.1.1",
    "debian:bookworm",
    "debian:bookworm-slim",
    "debian:trixie",
    "debian:trixie-slim",
    "eclipse-temurin:17-jdk",
    "eclipse-temurin:17-jre",
    "eclipse-temurin:21-jdk",
    "eclipse-temurin:21-jre",
    "eclipse-temurin:25-jdk",
    "eclipse-temurin:25-jre",
    "golang:1.21-bookworm",
    "golang:1.22-bookworm",
    "golang:1.23-bookworm",
    "golang:1.24-bookworm",
    "golang:1.24-trixie",
    "golang:1.25-bookworm",
    "golang:1.25-trixie",
    "golang:1.26-bookworm",
    "golang:1.26-trixie",
    "golang:1.27-bookworm",
    "golang:1.27-trixie",
    "maven:3-eclipse-temurin-17",
    "maven:3-eclipse-temurin-21",
    "maven:3-eclipse-temurin-25",
    "nginx:1.22",
    "nginx:1.26",
    "node:16-bookworm",
    "node:16-bookworm-slim",
    "node:18-bookworm",
    "node:18-bookworm-slim",
    "node:20-bookworm",
    "node:20-bookworm-slim",
    "node:20-trixie",
    "node:20-trixie-slim",
    "node:21-bookworm",
    "node:21-bookworm-slim",
    "node:22-bookworm",
    "node:22-bookworm-slim",
    "node:22-trixie",
    "node:22-trixie-slim",
    "node:23-bookworm",
    "node:23-bookworm-slim",
    "node:24-bookworm",
    "node:24-bookworm-slim",
    "node:24-trixie",
    "node:24-trixie-slim",
    "node:25-bookworm",
    "node:25-bookworm-slim",
    "node:26-bookworm",
    "node:26-bookworm-slim",
    "node:26-trixie",
    "node:26-trixie-slim",
    "postgres:14",
    "postgres:15",
    "postgres:16",
    "postgres:17",
    "postgres:18",
    "python:3.11-bookworm",
    "python:3.11-slim-bookworm",
    "python:3.12-bookworm",
    "python:3.12-slim-bookworm",
    "python:3.12-slim-trixie",
    "python:3.12-trixie",
    "python:3.13-bookworm",
    "python:3.13-slim-bookworm",
    "python:3.13-slim-trixie",
    "python:3.13-trixie",
    "python:3.14-bookworm",
    "python:3.14-slim-bookworm",
    "python:3.14-slim-trixie",
    "python:3.14-trixie",
    "rabbitmq:3",
    "rabbitmq:3-management",
    "rabbitmq:4",
    "rabbitmq:4-management",
    "redis:7",
    "redis:8",
    "registry.k8s.io/kubectl:v1.34.5",
  ]);
});

for (const [address, name] of [
  ["debian:bookworm", "debian:bookworm"],
  ["docker.io/library/debian:12-slim", "debian:bookworm-slim"],
  ["node:24", "node:24-bookworm"],
  ["node:24.13.1-bookworm-slim", "node:24-bookworm-slim"],
  ["golang:1.22", "golang:1.22-bookworm"],
  ["golang:1.23-trixie", undefined],
  ["node:22", "node:22-bookworm"],
  ["node:20.20-slim", "node:20-bookworm-slim"],
  ["node:26-slim", "node:26-trixie-slim"],
  ["node:22.12-slim", undefined],
  ["node:22-alpine", undefined],
  ["node:lts", "node:26-trixie"],
  ["node", "node:26-trixie"],
  ["node:16-slim", "node:16-bookworm-slim"],
  ["node:25.9.0", "node:25-bookworm"],
  ["node:14", undefined],
  ["apache/kafka:4.1.1", "apache/kafka:4.1.1"],
  ["debian:13-slim", "debian:trixie-slim"],
  ["python:3.13-slim", "python:3.13-slim-trixie"],
  ["python:3.13.5", "python:3.13-trixie"],
  ["python:3.13.4-slim", undefined],
  ["python:3.11-slim", "python:3.11-slim-bookworm"],
  ["python:3.11-slim-trixie", undefined],
  ["python:3.10-slim", undefined],
  ["python:3.13-alpine", undefined],
  ["python:3-slim", "python:3.14-slim-trixie"],
  ["maven:3-eclipse-temurin-21", "maven:3-eclipse-temurin-21"],
  ["maven:3.9.16-eclipse-temurin-17", "maven:3-eclipse-temurin-17"],
  ["maven:3-eclipse-temurin-21-noble", undefined],
  ["maven:3", "maven:3-eclipse-temurin-25"],
  ["eclipse-temurin:21", "eclipse-temurin:21-jdk"],
  ["eclipse-temurin:21-jre", "eclipse-temurin:21-jre"],
  ["eclipse-temurin:21-jre-alpine", undefined],
  ["eclipse-temurin:11", undefined],
  ["postgres:17", "postgres:17"],
  ["postgres:16.15", "postgres:16"],
  ["postgres:16.14", undefined],
  ["postgres:17.4", undefined],
  ["postgres:16-alpine", undefined],
  ["redis:7-bookworm", "redis:7"],
  ["redis:7.4", undefined],
  ["redis", "redis:8"],
  ["rabbitmq:3-management", "rabbitmq:3-management"],
  ["rabbitmq:3.13-management", undefined],
  ["nginx:stable", "nginx:1.26"],
  ["nginx", "nginx:1.26"],
  ["nginx:mainline", undefined],
  ["nginx:1.28", undefined],
  ["alpine:3", undefined],
  ["busybox:1", undefined],
  ["golang:1.26", "golang:1.26-trixie"],
  ["golang", "golang:1.27-trixie"],
  ["python:slim", "python:3.14-slim-trixie"],
  ["debian", "debian:trixie"],
  ["debian:stable-slim", "debian:trixie-slim"],
  ["golang:1.26.11-bookworm", "golang:1.26-bookworm"],
  ["golang:1.26.10", undefined],
  ["golang:1.26-alpine", undefined],
  ["library/apache/kafka:4.1.1", undefined],
  ["registry.k8s.io/kubectl:v1.34.5", "registry.k8s.io/kubectl:v1.34.5"],
  ["kubectl:v1.34.5", undefined],
  ["ghcr.io/library/debian:bookworm", undefined],
  [`debian:bookworm@sha256:${"0".repeat(64)}`, undefined],
  ["debian:sid", undefined],
] as const) {
  recipe(`${name === undefined ? "have nothing" : `have ${name}`} for ${address}`, () => {
    assert.is(findRecipe(parseReference(address), "linux/amd64")?.name, name);
  });
}

recipe.run();
