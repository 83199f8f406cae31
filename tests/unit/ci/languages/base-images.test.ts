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
  ["FROM python:3\n", "3.13 (a release that most packages support), python:3.13-bookworm"],
  ["FROM python:3.11\nFROM python:3.12\n", "3.13 (a release that most packages support), python:3.13-bookworm"],
  ["FROM debian:12\n", "3.13 (a release that most packages support), python:3.13-bookworm"],
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

const GO: readonly (readonly [files: Shape, image: string])[] = [
  [{ Dockerfile: "FROM golang:1.23\n" }, "1.22 (go.mod go), golang:1.23-bookworm"],
  [{ Dockerfile: "FROM golang:1.22.5-alpine AS build\nFROM alpine:3\n" }, "1.22 (go.mod go), golang:1.22-bookworm"],
  [
    { Dockerfile: "ARG GO=1.24\nFROM docker.io/library/golang:${GO}-bookworm\n" },
    "1.22 (go.mod go), golang:1.24-bookworm",
  ],
  [
    { "cmd/a/main.go": "package main\n", "cmd/a/Dockerfile": "FROM golang:1.23\n" },
    "1.22 (go.mod go), golang:1.23-bookworm",
  ],
  [{ Dockerfile: "FROM golang:1.28\n" }, "1.22 (go.mod go), golang:1.28-bookworm"],
  [{ ".go-version": "1.23.4\n" }, "1.22 (go.mod go), golang:1.23-bookworm"],
  [{ ".tool-versions": "nodejs 22\ngolang 1.24.1\n" }, "1.22 (go.mod go), golang:1.24-bookworm"],
  [{ ".go-version": "1.23", Dockerfile: "FROM golang:1.24\n" }, "1.22 (go.mod go), golang:1.23-bookworm"],
  // Older than go.mod wants, or than what knows to keep to it: newer releases do.
  [{ Dockerfile: "FROM golang:1.21\n" }, "1.22 (go.mod go), golang:1.26-bookworm"],
  [{ "go.mod": "module x\ngo 1.13\n", Dockerfile: "FROM golang:1.13\n" }, "1.13 (go.mod go), golang:1.26-bookworm"],
  [{ Dockerfile: "FROM golang:alpine\n" }, "1.22 (go.mod go), golang:1.26-bookworm"],
  [{ Dockerfile: "FROM golang:latest\n" }, "1.22 (go.mod go), golang:1.26-bookworm"],
  [{ Dockerfile: "FROM acme/mygolang:1.23\n" }, "1.22 (go.mod go), golang:1.26-bookworm"],
];
for (const [files, image] of GO)
  base(`go: ${JSON.stringify(files)}`, () =>
    assert.is(versionOf({ "go.mod": "module x\n\ngo 1.22\n", "a.go": "package a\n", ...files }), image),
  );

const JAVA: readonly (readonly [image: string, version: string | undefined])[] = [
  ["eclipse-temurin:17-jre", "17"],
  ["eclipse-temurin:21.0.2_13-jdk-alpine", "21"],
  ["openjdk:11-jdk-slim", "11"],
  ["openjdk:8u212-jre", "8"],
  ["amazoncorretto:17-alpine", "17"],
  ["azul/zulu-openjdk-alpine:17-jre", "17"],
  ["bellsoft/liberica-openjre-alpine:21", "21"],
  ["bellsoft/liberica-runtime-container:jre-21-slim-musl", "21"],
  ["ibm-semeru-runtimes:open-17-jre", "17"],
  ["adoptopenjdk/openjdk11:alpine", "11"],
  ["gcr.io/distroless/java21-debian12:nonroot", "21"],
  ["registry.access.redhat.com/ubi9/openjdk-17:1.20", "17"],
  ["maven:3.9-eclipse-temurin-17", "17"],
  ["maven:3.8.6-jdk-11-slim", "11"],
  ["gradle:8.5-jdk17", "17"],
  ["gradle:jdk21-alpine", "21"],
  ["maven:3.9", undefined],
  ["gradle:8.5", undefined],
  ["tomcat:10", undefined],
  ["debian:12", undefined],
];
for (const [image, version] of JAVA)
  base(`java: ${image}`, () => {
    const said = version === undefined ? "21 (the usual long-term release)" : `${version} (Dockerfile FROM)`;
    const pom = "<project><artifactId>a</artifactId></project>";
    assert.is(
      versionOf({ "pom.xml": pom, Dockerfile: `FROM ${image}\n` }),
      `${said}, maven:3-eclipse-temurin-${version ?? 21}`,
    );
  });

base("java: counts after version files, and when it is not older than what is compiled for", () => {
  const pom = (release: number) =>
    `<project><artifactId>a</artifactId><properties><maven.compiler.release>${release}</maven.compiler.release></properties></project>`;
  const files = { "pom.xml": pom(17), Dockerfile: "FROM eclipse-temurin:21-jre\n" };
  assert.is(versionOf(files), "21 (Dockerfile FROM), maven:3-eclipse-temurin-21");
  assert.is(versionOf({ ...files, ".sdkmanrc": "java=25-tem\n" }), "25 (.sdkmanrc), maven:3-eclipse-temurin-25");
  assert.is(
    versionOf({ ...files, "pom.xml": pom(25) }),
    "25 (pom.xml maven.compiler.release), maven:3-eclipse-temurin-25",
  );
  assert.is(
    versionOf({ "pom.xml": pom(17), "src/main/docker/Dockerfile.jvm": "FROM ubi9/openjdk-21-runtime:1\n" }),
    "21 (src/main/docker/Dockerfile.jvm FROM), maven:3-eclipse-temurin-21",
  );
});

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
