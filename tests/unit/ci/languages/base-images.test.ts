import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyMember, type Shape } from "./told.ts";

const base = suite("the version of a language by its Dockerfile");

const versionOf = (shape: Shape) => {
  const { version, image } = onlyMember(shape, ".");
  return `${version.value} (${version.from}), ${image.value}`;
};

const PYTHON: readonly (readonly [dockerfile: string, version: string])[] = [
  ["FROM python:3.11-slim\n", "3.11 (Dockerfile FROM), python:3.11-bookworm"],
  ["FROM python:3.12.4-alpine AS build\nFROM python:3.12-slim\n", "3.12 (Dockerfile FROM), python:3.12-bookworm"],
  [
    "ARG V=3.11\nFROM --platform=$BUILDPLATFORM docker.io/library/python:${V}-bookworm\n",
    "3.11 (Dockerfile FROM), python:3.11-bookworm",
  ],
  ["FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim\n", "3.12 (Dockerfile FROM), python:3.12-bookworm"],
  ["FROM python:3.9-slim\n", "3.9 (Dockerfile FROM), python:3.9-bookworm"],
  ["FROM python:3.6\n", "3.6 (Dockerfile FROM), python:3.6"],
  ["FROM python:3\n", "3.13 (a release that most packages are made for), python:3.13-bookworm"],
  ["FROM python:3.11\nFROM python:3.12\n", "3.13 (a release that most packages are made for), python:3.13-bookworm"],
  ["FROM debian:12\n", "3.13 (a release that most packages are made for), python:3.13-bookworm"],
];
for (const [dockerfile, version] of PYTHON)
  base(`python: ${JSON.stringify(dockerfile)}`, () =>
    assert.is(versionOf({ "requirements.txt": "", "app.py": "", Dockerfile: dockerfile }), version),
  );

const NODE: readonly (readonly [dockerfile: string, version: string])[] = [
  ["FROM node:18-alpine\n", "18 (Dockerfile FROM), node:18-bookworm"],
  ["FROM node:v20\n", "20 (Dockerfile FROM), node:20-bookworm"],
  ["FROM node:20.11.1-bullseye-slim as base\nFROM base\n", "20 (Dockerfile FROM), node:20-bookworm"],
  ["FROM node:lts-iron\n", "20 (Dockerfile FROM), node:20-bookworm"],
  ["FROM node:jod-slim\n", "22 (Dockerfile FROM), node:22-bookworm"],
  ["FROM node:22 AS build\nFROM gcr.io/distroless/nodejs22-debian12\n", "22 (Dockerfile FROM), node:22-bookworm"],
  ["FROM node:14\n", "14 (Dockerfile FROM), node:14"],
  ["FROM node:alpine\n", "24 (the newest long-term release), node:24-bookworm"],
  ["FROM nginx\n", "24 (the newest long-term release), node:24-bookworm"],
];
for (const [dockerfile, version] of NODE)
  base(`node: ${JSON.stringify(dockerfile)}`, () =>
    assert.is(versionOf({ "package.json": "{}", Dockerfile: dockerfile }), version),
  );

base("counts after what people wrote for it, and only inside the range that they give", () => {
  const from = { "requirements.txt": "", "app.py": "", Dockerfile: "FROM python:3.11\n" };
  assert.is(versionOf({ ...from, ".python-version": "3.12" }), "3.12 (.python-version), python:3.12-bookworm");
  const wanted = '[project]\nname = "a"\nrequires-python = ">=3.12"\n';
  assert.is(
    versionOf({ ...from, "pyproject.toml": wanted }),
    "3.13 (pyproject.toml project.requires-python), python:3.13-bookworm",
  );
  const node = { Dockerfile: "FROM node:18\n", "package-lock.json": "" };
  assert.is(versionOf({ ...node, "package.json": "{}", ".nvmrc": "22" }), "22 (.nvmrc), node:22-bookworm");
  assert.is(
    versionOf({ ...node, "package.json": '{"engines":{"node":">=20"}}' }),
    "24 (package.json engines.node), node:24-bookworm",
  );
});

base("is that of the plain Dockerfile, or of one in a folder for it", () => {
  const files = { "requirements.txt": "", "app.py": "", "Dockerfile.dev": "FROM python:3.14\n" };
  assert.is(versionOf({ ...files, Dockerfile: "FROM python:3.11\n" }), "3.11 (Dockerfile FROM), python:3.11-bookworm");
  assert.is(
    versionOf({ "requirements.txt": "", "app.py": "", "docker/Dockerfile": "FROM python:3.12-slim\n" }),
    "3.12 (docker/Dockerfile FROM), python:3.12-bookworm",
  );
});

base.run();
