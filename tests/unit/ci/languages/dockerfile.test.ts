import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const dockerfile = suite("detection: dockerfile");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes a Dockerfile and its port",
    { Dockerfile: "FROM alpine\nCOPY a.sh /\nEXPOSE 8080/tcp\n", "a.sh": "", "test.sh": "" },
    [
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), alpine",
      "  main: Dockerfile (Dockerfile)",
      "  port: 8080 (Dockerfile EXPOSE)",
    ],
  ],
  [
    "takes every Dockerfile of a folder, and no port out of two",
    {
      Dockerfile: "FROM a\nCOPY . .\n",
      "Dockerfile.worker": "FROM b AS x\nFROM scratch\nCOPY --from=x /a /b\n",
      "web.Dockerfile": "FROM c\nEXPOSE 1 2\n",
    },
    [
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), a",
      "  main: Dockerfile (Dockerfile)",
      "  main: Dockerfile.worker (Dockerfile.worker)",
      "  main: web.Dockerfile (web.Dockerfile)",
    ],
  ],
  [
    "takes a Containerfile with an ending",
    { "Containerfile.prod": "FROM a\nEXPOSE 80\n" },
    [
      "dockerfile in .",
      "  dockerfile (Containerfile.prod), 1 (Containerfile.prod), a",
      "  main: Containerfile.prod (Containerfile.prod)",
      "  port: 80 (Containerfile.prod EXPOSE)",
    ],
  ],
  [
    "takes the top as context when what is copied lies there",
    { "deploy/Dockerfile": "FROM a\nCOPY package.json src/ /x/\n", "package.json": "{}", "src/a.js": "" },
    [
      "node in .",
      "  npm (package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm",
      "dockerfile in deploy of .",
      "  dockerfile (deploy/Dockerfile), 1 (deploy/Dockerfile), a",
      "  main: Dockerfile (deploy/Dockerfile)",
    ],
  ],
  [
    "takes its own folder as context when what is copied lies there",
    {
      "svc/Dockerfile": 'FROM a\nCOPY ["run.sh", "/x"]\nCOPY --chown=1:1 \\\n  *.txt /\n',
      "svc/run.sh": "",
      "svc/a.txt": "",
    },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
    ],
  ],
  [
    "remarks when what is copied is nowhere",
    { "svc/Dockerfile": "FROM a\nCOPY missing /x\n" },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
      "  remark: svc/Dockerfile copies missing, which is not in svc, and missing, which is not at the top: say which folder it is built from (`build: { context: FOLDER }`)",
    ],
  ],
  [
    "refuses a Dockerfile without a stage",
    { Dockerfile: "# nothing\n" },
    ["Dockerfile has no FROM", "  where: Dockerfile", "  to do: begin it with an image: FROM debian:bookworm-slim"],
  ],
  [
    "does not read the text of a here-document as instructions",
    { "svc/Dockerfile": "FROM a\nRUN <<EOF\nCOPY nothing /x\nEOF\nCOPY run.sh /\n", "svc/run.sh": "" },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
    ],
  ],
];

/** Dockerfiles, and the port that is found in them. */
const ports: readonly (readonly [string, string, string | undefined])[] = [
  ["the port of HTTP beside that of TLS", "FROM a\nEXPOSE 80 443\n", "80 (Dockerfile EXPOSE)"],
  ["the same in two lines", "FROM a\nEXPOSE 8443/tcp\nEXPOSE 8080\n", "8080 (Dockerfile EXPOSE)"],
  ["the port of TLS alone", "FROM a\nEXPOSE 443\n", "443 (Dockerfile EXPOSE)"],
  ["none of two services", "FROM a\nEXPOSE 80 9090\n", undefined],
  ["none of two with TLS", "FROM a\nEXPOSE 80 443 9090\n", undefined],
  ["none of UDP", "FROM a\nEXPOSE 53/udp\n", undefined],
  ["what nginx exposes", "FROM nginx:1.27-alpine\nCOPY . /\n", "80 (Dockerfile FROM nginx:1.27-alpine)"],
  [
    "what nginx exposes, by its whole name",
    "FROM docker.io/library/nginx@sha256:0a\n",
    "80 (Dockerfile FROM docker.io/library/nginx@sha256:0a)",
  ],
  [
    "what nginx without root exposes",
    "FROM --platform=linux/amd64 nginxinc/nginx-unprivileged\n",
    "8080 (Dockerfile FROM nginxinc/nginx-unprivileged)",
  ],
  ["what Apache of PHP exposes", "FROM php:8.4-apache\n", "80 (Dockerfile FROM php:8.4-apache)"],
  ["nothing of PHP without a server", "FROM php:8.4-cli\n", undefined],
  ["nothing of PHP behind FastCGI", "FROM wordpress:6-fpm\n", undefined],
  ["its own before that of its base", "FROM nginx\nEXPOSE 8080\n", "8080 (Dockerfile EXPOSE)"],
  ["nothing of an image that is called alike", "FROM acme/nginx-exporter\n", undefined],
  ["nothing of a base that only builds", "FROM nginx AS web\nFROM alpine\nCOPY --from=web /a /b\n", undefined],
  [
    "the last stage's before a stage's for development",
    "FROM node AS dev\nEXPOSE 3000\nFROM nginx\n",
    "80 (Dockerfile FROM nginx)",
  ],
  [
    "that of the stage it stands on",
    "FROM a AS base\nEXPOSE 4000\nFROM a AS build\nEXPOSE 9\nFROM Base\n",
    "4000 (Dockerfile EXPOSE)",
  ],
  [
    "that of another stage when its own say nothing",
    "FROM a AS build\nEXPOSE 3000\nFROM scratch\n",
    "3000 (Dockerfile EXPOSE)",
  ],
  [
    "what a stage called like its image exposes",
    "FROM nginx AS nginx\nRUN a\nFROM nginx\n",
    "80 (Dockerfile FROM nginx)",
  ],
  ["a variable of ENV", "FROM a\nENV A=1 PORT=5000\nEXPOSE $PORT\n", "5000 (Dockerfile EXPOSE)"],
  ["a variable of the old ENV", "FROM a\nENV PORT 5000\nEXPOSE ${PORT}\n", "5000 (Dockerfile EXPOSE)"],
  ["an argument", 'FROM a\nARG PORT="5000"\nEXPOSE ${PORT}/tcp\n', "5000 (Dockerfile EXPOSE)"],
];

for (const [name, text, port] of ports)
  dockerfile(`takes of a Dockerfile ${name}`, () => {
    const lines = tellAll({ Dockerfile: text }).filter((line) => line.startsWith("  port: "));
    assert.equal(lines, port === undefined ? [] : [`  port: ${port}`]);
  });

for (const [name, shape, said] of cases) dockerfile(name, () => assert.equal(tellAll(shape), said));

dockerfile.run();
