/** Settings over what the languages really find, of repositories as people have them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import { asFile, writeConfig } from "../../../../ci/src/config/write-config.ts";
import { findProjects } from "../../../../ci/src/languages/projects.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const node = {
  "package.json":
    '{ "name": "@acme/api", "scripts": { "lint": "biome ci", "test": "vitest run", "start": "node dist/main.js" }, "engines": { "node": ">=22" } }',
  "pnpm-lock.yaml": undefined,
  "src/main.ts": undefined,
};
const python = {
  "pyproject.toml":
    '[project]\nname = "readings"\nrequires-python = ">=3.12"\ndependencies = ["confluent-kafka"]\n[dependency-groups]\ndev = ["pytest", "ruff"]\n[tool.ruff]\n[project.scripts]\nreadings = "readings.main:main"\n',
  "uv.lock": undefined,
  "src/readings/__init__.py": undefined,
  "src/readings/main.py": "",
  "tests/test_readings.py": undefined,
};
const go = {
  "go.mod": "module github.com/acme/web\n\ngo 1.26\n",
  "main.go": "package main\n",
  "web_test.go": undefined,
};

const below = (folder: string, files: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

/** Repository, file, services with their kinds, checks. */
const repositories: readonly (readonly [
  string,
  Readonly<Record<string, string | undefined>>,
  string | undefined,
  readonly string[],
  readonly string[],
])[] = [
  [
    "a service in Node with its Dockerfile",
    { ...node, Dockerfile: "FROM node:22\nEXPOSE 3000\n" },
    undefined,
    ["api service 3000"],
    ["lint", "unit"],
  ],
  [
    "a consumer in Python",
    python,
    "services: { readings: { kind: worker, needs: [kafka] } }\n",
    ["readings worker"],
    ["lint", "unit"],
  ],
  ["a service in Go", go, "services: { web: { port: 8080 } }\n", ["web service 8080"], ["lint", "unit"]],
  [
    "a Dockerfile and a script",
    { Dockerfile: "FROM debian\nEXPOSE 80", "test.sh": undefined },
    "checks: { unit: sh test.sh }\n",
    ["app service 80"],
    ["unit"],
  ],
  [
    "three languages",
    {
      ...below("services/api", { ...node, Dockerfile: "FROM node:22\nEXPOSE 80" }),
      ...below("services/readings", python),
      ...below("services/web", go),
    },
    "services: { api: { needs: [kafka] }, readings: { kind: worker, needs: [kafka] }, web: { port: 8080 } }\n",
    ["api service 80", "readings worker", "web service 8080"],
    ["lint-api", "lint-readings", "lint-web", "unit-api", "unit-readings", "unit-web"],
  ],
];

const detected = suite("settings of real repositories");

for (const [what, files, text, services, checks] of repositories) {
  detected(`with ${what}`, () => {
    const outline = outlineOf(text === undefined ? files : { ...files, "slipway.yaml": text });
    const settings = readSettings(text, outline, findProjects);
    assert.equal(
      Object.entries(settings.services).map(([name, { kind, port }]) => [name, kind, port].filter(Boolean).join(" ")),
      services,
    );
    assert.equal(Object.keys(settings.checks), checks);
    assert.equal(asFile(readSettings(writeConfig(settings), outline, findProjects)), asFile(settings));
  });
}

detected("builds a Dockerfile that copies from the top of the repository from there", () => {
  const outline = outlineOf({
    "deploy/Dockerfile": "FROM node:22\nCOPY src /app\nEXPOSE 80\n",
    "src/main.js": undefined,
  });
  const { services, decisions } = readSettings(undefined, outline, findProjects);
  assert.equal(services["app"]?.build, { dockerfile: "deploy/Dockerfile", context: ".", args: {} });
  assert.is(decisions.of(["services", "app", "build", "context"]).from, "what deploy/Dockerfile copies is there");
});

detected("calls the service of a folder for Dockerfiles after the project that it copies", () => {
  const names = (files: Record<string, string | undefined>) =>
    Object.keys(readSettings(undefined, outlineOf(files), findProjects).services);
  const files = { "docker/Dockerfile": "FROM python:3.12\nCOPY shop /app\nEXPOSE 80\n", "shop/a.py": undefined };
  assert.equal(names({ ...files, "pyproject.toml": '[project]\nname = "shop"\n' }), ["shop"]);
  assert.equal(names({ ...files, "requirements.txt": "flask\n" }), ["app"]);
  assert.equal(names({ "cart/docker/Dockerfile": "FROM a\nEXPOSE 80\n" }), ["cart"]);
});

const java = {
  "pom.xml":
    "<project><groupId>a</groupId><artifactId>orders</artifactId><version>1</version><properties><maven.compiler.release>21</maven.compiler.release></properties></project>",
  "src/test/java/OrdersTest.java": undefined,
};

const reportsOf = (file: string | undefined) =>
  readSettings(file, outlineOf({ ...java }), findProjects).checks["unit"]?.reports;

detected("count what Surefire and Failsafe write, where the command is the one that was found", () => {
  assert.equal(reportsOf(undefined), { junit: ["**/target/*-reports/TEST-*.xml"] });
  assert.equal(reportsOf("checks: { unit: { reports: { lcov: c.info } } }"), {
    junit: ["**/target/*-reports/TEST-*.xml"],
    lcov: ["c.info"],
  });
  assert.equal(reportsOf("checks: { unit: { reports: { junit: [] } } }"), { junit: [] });
  assert.equal(reportsOf("checks: { unit: ./test.sh }"), {});
});

const spring = (...dependencies: readonly string[]) =>
  `<project><artifactId>shop</artifactId><dependencies>${dependencies.map((one) => `<dependency><artifactId>${one}</artifactId></dependency>`).join("")}</dependencies></project>`;

detected("asks Spring Boot for its health where it has its actuator, unless the file names a path", () => {
  const outline = outlineOf({ "pom.xml": spring("spring-boot-starter-web", "spring-boot-starter-actuator") });
  const found = readSettings(undefined, outline, findProjects);
  assert.is(found.services["shop"]?.probe, "/actuator/health");
  assert.is(found.decisions.of(["services", "shop", "probe"]).from, "pom.xml depends on spring-boot-starter-actuator");
  const written = readSettings("services: { shop: { probe: /up } }\n", outline, findProjects);
  assert.is(written.services["shop"]?.probe, "/up");
});

detected("takes no service from a folder of programs in Java of which nobody says which one is meant", () => {
  const main = "class A { public static void main(String[] args) {} }";
  const settings = readSettings(
    undefined,
    outlineOf({
      "pom.xml": spring("kafka-streams"),
      "src/main/java/A.java": main,
      "src/main/java/B.java": main,
      "src/test/java/T.java": undefined,
    }),
    findProjects,
  );
  assert.equal(settings.services, {});
  assert.equal(Object.keys(settings.checks), ["unit"]);
});

detected("asks which language a folder is of by an answer that leaves all other services as they are found", () => {
  const both = {
    ...below("odd", { ...go, "package.json": '{ "scripts": { "start": "node a.js" } }', "a.js": undefined }),
  };
  const look = (text: string | undefined) => readSettings(text, outlineOf({ ...go, ...both }), findProjects);
  assert.throws(
    () => look(undefined),
    (error: Error) => {
      assert.match(
        error.message,
        /services\.odd\.build: is missing; odd is node \(odd\/package\.json[^)]*\) and go \(odd\/go\.mod\): give `projects: \{ "odd": \{ language: node \} \}`, or false for it if it is not part of the product$/m,
      );
      return true;
    },
  );
  assert.equal(Object.keys(look('projects: { "odd": { language: node } }\n').services), ["web", "odd"]);
  assert.equal(Object.keys(look('projects: { "odd": false }\n').services), ["web"]);
});

detected.run();
