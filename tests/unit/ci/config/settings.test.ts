import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explain } from "../../../../ci/src/config/explain.ts";
import { writeConfig } from "../../../../ci/src/config/write-config.ts";
import { refusalOf, settingsOf } from "./found.ts";
import { api } from "./order-api.ts";

const settings = suite("settings");

settings("of one project at the top need no file", () => {
  const { product, services, backing, front, checks, rings } = settingsOf(api);
  assert.is(product, "order-api");
  assert.equal(Object.keys(services), ["order-api"]);
  assert.is(services["order-api"]?.port, 3000);
  assert.equal(front, { "order-api": 3000 });
  assert.equal(Object.keys(checks), ["lint", "unit"]);
  assert.equal(checks["unit"]?.run, [["npm", "run", "test"]]);
  assert.equal([backing, rings], [{}, {}]);
});

settings("of one service that needs a database take two lines", () => {
  const { services, backing } = settingsOf(api, "services:\n  api: { needs: [postgres] }\n");
  assert.is(services["api"]?.path, ".");
  assert.is(services["api"]?.port, 3000);
  assert.equal(backing["postgres"], {
    kind: "postgres",
    image: "postgres:15-bookworm",
    port: 5432,
    env: {},
    sql: [],
    user: "app",
    password: "app",
    database: "app",
    tell: { DATABASE_URL: "{postgres.url}" },
  });
});

settings("are printed whole, each value with where it is from", () => {
  const text = "product: shop # of all\nservices:\n  api:\n    port: 8080\nchecks:\n  lint: false\n";
  assert.is(
    writeConfig(settingsOf(api, text)),
    `# yaml-language-server: $schema=https://unpkg.com/slipway/ci/slipway.schema.json
product: shop                        # slipway.yaml:1
services:
  api:
    path: .                          # the only project of the repository
    kind: service                    # default: it has a port
    port: 8080                       # slipway.yaml:4
    probe: /                         # default
    build:
      language: node                 # package.json
    needs: []                        # default
    env: {}                          # default
    tell:
      API_URL: "{api.url}"           # default
backing: {}                          # default
compose: false                       # default: there is none
front:
  api: 8080                          # default: its own port
checks:
  unit:
    run: [npm, run, test]            # package.json scripts.test
    path: .                          # package.json
    language: node                   # package.json
    reads:
      include: ["**"]                # node: what its projects read
      exclude: ["**/node_modules"]   # node: what its projects read
    needs: []                        # default
    env: {}                          # default
    stage: fast                      # default: it needs nothing
    reports: {}                      # default
    timeout: 30m                     # default
  lint: false                        # slipway.yaml:6
projects: {}                         # default
images:
  name: "{product}-{service}"        # default
  tags: ["{version}"]                # default
  attestations: auto                 # default
rings: {}                            # default
approvals:
  signers: .slipway/allowed_signers  # default
  branch: main                       # default
providers: {}                        # default
`,
  );
});

settings("are explained by name, with what each value was preferred to", () => {
  const found = settingsOf({ ...api, Dockerfile: "EXPOSE 80" }, "services:\n  api:\n    port: 8080\n");
  assert.is(
    explain(found, "api"),
    `services.api
  path              .           the only project of the repository
  kind              service     default: it has a port
  port              8080        slipway.yaml:3, not 80 (Dockerfile EXPOSE), not 3000 (package.json port)
  probe             /           default
  build.dockerfile  Dockerfile  Dockerfile is there
  build.context     .           default: the service's path
  build.args        {}          default
  needs             []          default
  env               {}          default
  tell.API_URL      {api.url}   default
`,
  );
  assert.is(explain(found, "product"), "product\n  value  order-api  package.json name, not api (the only service)\n");
});

settings("of a path that is nothing are refused with what could stand there, and the nearest of it", () => {
  for (const [path, told] of [
    ["services.order-apu.port", "expected one of services.order-api"],
    ["checks.unit.rum", "expected one of checks.unit.run, checks.unit.path, "],
    ["checks.unit.rum", "; perhaps checks.unit.run was meant [bad-arguments]"],
  ] as const) {
    assert.throws(
      () => explain(settingsOf(api), path),
      (error: Error) => error.message.startsWith(`nothing is called ${path}; `) && error.message.includes(told),
    );
  }
});

settings("of a name that is nothing are refused with the nearest one", () => {
  assert.throws(
    () => explain(settingsOf(api), "order-apu"),
    (error: Error) =>
      error.message ===
      [
        "nothing is called order-apu; expected one of order-api, lint, unit, product, services, backing, compose, front, checks, projects, images, rings, approvals, providers; perhaps order-api was meant [bad-arguments]",
        "  where: --name",
        "  to do: give a name, or a path such as services.api.port; `config` prints all of them",
      ].join("\n"),
  );
});

settings("take several services and checks by the names of their folders", () => {
  const { services, checks, front } = settingsOf({
    "apps/web/package.json": '{ "scripts": { "test": "x", "start": "y" }, "port": 80 }',
    "apps/api/package.json": '{ "scripts": { "test": "x" } }',
    "apps/api/Dockerfile": "EXPOSE 80",
    "libs/core/package.json": '{ "scripts": { "test": "x" } }',
    "tests/fixtures/app/Dockerfile": "EXPOSE 80",
    "examples/demo/package.json": '{ "scripts": { "start": "y" }, "port": 1 }',
  });
  assert.equal(Object.keys(services), ["api", "web"]);
  assert.equal(services["api"]?.build, { dockerfile: "apps/api/Dockerfile", context: "apps/api", args: {} });
  assert.equal(services["web"]?.build, { language: "node" });
  assert.equal(front, { api: 8080, web: 8081 });
  assert.equal(Object.keys(checks), ["unit-api", "unit-web", "unit-core"]);
  assert.equal(checks["unit-web"]?.reads.include, ["apps/web/**"]);
});

settings("run at the top of a workspace what it runs for its members", () => {
  const { checks } = settingsOf({
    "package.json": '{ "workspaces": ["a"], "scripts": { "lint": "x" } }',
    "a/package.json": '{ "scripts": { "lint": "x", "test": "y" } }',
  });
  assert.equal(
    Object.entries(checks).map(([name, { path }]) => [name, path]),
    [
      ["lint", "."],
      ["unit", "a"],
    ],
  );
});

settings("put a check of the file in the place of all that was found under its name", () => {
  const files = {
    "a/package.json": '{ "scripts": { "test": "x", "lint": "z" } }',
    "b/package.json": '{ "scripts": { "test": "y" } }',
  };
  const { checks } = settingsOf(files, "checks: { unit: { run: make test, image: 'debian:12' } }\n");
  assert.equal(Object.keys(checks), ["lint", "unit"]);
  assert.is(checks["unit"]?.run, "make test");
  assert.is(checks["unit"]?.language, undefined);
});

settings("give a check of no language no file for people, unless its command speaks of them", () => {
  const files = { Dockerfile: "FROM debian\n", "README.md": "# hours\n", "test.sh": "true\n", "docs/README.md": "" };
  const text = `
checks:
  unit: { run: ./test.sh, image: debian }
  built: [sh, test.sh]
  spelling: { run: "cspell README.md", image: node }
  all: { run: ./test.sh, image: debian, reads: ["**"] }
`;
  const unread = (name: string) =>
    settingsOf(files, text).checks[name]?.reads.exclude.filter((one) => one.endsWith(".md") || one === "slipway.yaml");
  assert.equal(unread("unit"), ["slipway.yaml", "README.md", "docs/README.md"]);
  assert.equal(unread("built"), ["slipway.yaml", "README.md", "docs/README.md"]);
  assert.equal(unread("spelling"), []);
  assert.equal(unread("all"), []);
});

settings("give a check everything that the file says about it", () => {
  const text = `
checks:
  contract:
    run: [[npm, run, a], [npm, run, b]]
    reads: { include: [src/**], exclude: [src/x] }
    needs: [kafka]
    env: { BROKER: "{kafka}", CACHE: "{redis.url}" }
    timeout: 90s
`;
  assert.equal(settingsOf(api, text).checks["contract"], {
    run: [
      ["npm", "run", "a"],
      ["npm", "run", "b"],
    ],
    path: ".",
    language: "node",
    reads: { include: ["src/**"], exclude: ["src/x"] },
    needs: ["kafka", "redis"],
    env: { BROKER: "{kafka}", CACHE: "{redis.url}" },
    stage: "slow",
    reports: {},
    timeoutSeconds: 90,
  });
});

settings("give the check integration the whole product unless it says what it needs", () => {
  const text = (needs: string) =>
    `services: { api: { port: 1, needs: [kafka] } }\nchecks: { integration: { run: x${needs} } }\n`;
  assert.equal(settingsOf(api, text("")).checks["integration"]?.needs, ["api", "kafka"]);
  assert.equal(settingsOf(api, text(", needs: []")).checks["integration"]?.needs, []);
});

settings("know a worker, a job, several Dockerfiles, an image made elsewhere and one of another service", () => {
  const text = `
services:
  api: { build: { dockerfile: docker/api.Dockerfile, context: ., target: prod, args: { V: "1" } }, port: 80 }
  mail: { kind: worker, build: { imageOf: api, start: [node, mail.js] }, needs: [rabbitmq] }
  migrate: { kind: job, build: { image: "ghcr.io/acme/migrate:3" }, env: { DSN: "{postgres.url}" } }
  bundle: { port: 81, path: ., build: { language: node, output: dist } }
`;
  const { services, front } = settingsOf({ ...api, "docker/api.Dockerfile": "FROM x" }, text);
  assert.equal(
    Object.values(services).map(({ kind, build, needs }) => ({ kind, build, needs })),
    [
      {
        kind: "service",
        build: { dockerfile: "docker/api.Dockerfile", context: ".", target: "prod", args: { V: "1" } },
        needs: [],
      },
      { kind: "worker", build: { imageOf: "api", start: ["node", "mail.js"] }, needs: ["rabbitmq"] },
      { kind: "job", build: { image: "ghcr.io/acme/migrate:3" }, needs: ["postgres"] },
      { kind: "service", build: { language: "node", output: "dist" }, needs: [] },
    ],
  );
  assert.equal(front, { api: 8080, bundle: 8081 });
});

settings("find the manifests of a ring, and how they are written", () => {
  const rings = `
rings:
  canary: {}
  production: { after: canary }
  chart: { manifests: { path: charts/api, values: [charts/live.yaml] }, namespace: chart, rules: off }
  plain: { manifests: k8s, strategy: blue-green, deployments: {} }
services: { api: { port: 1 } }
`;
  const found = settingsOf(
    {
      ...api,
      "deploy/overlays/canary/kustomization.yaml": "",
      "manifests/production/kustomization.yml": "",
      "elsewhere/production/kustomization.yml": "",
      "charts/api/Chart.yaml": "",
      "charts/live.yaml": undefined,
      "k8s/deployment.yaml": undefined,
    },
    rings,
  );
  assert.equal(
    Object.values(found.rings).map(({ manifests, namespace, strategy, rules, deployments }) => ({
      manifests,
      namespace,
      strategy,
      rules,
      deployments,
    })),
    [
      {
        manifests: { path: "deploy/overlays/canary", kind: "kustomize", values: [] },
        namespace: "canary",
        strategy: "blue-green",
        rules: "basic",
        deployments: {},
      },
      {
        manifests: { path: "manifests/production", kind: "kustomize", values: [] },
        namespace: "production",
        strategy: "blue-green",
        rules: "basic",
        deployments: {},
      },
      {
        manifests: { path: "charts/api", kind: "helm", values: ["charts/live.yaml"] },
        namespace: "chart",
        strategy: "blue-green",
        rules: "off",
        deployments: {},
      },
      {
        manifests: { path: "k8s", kind: "plain", values: [] },
        namespace: "plain",
        strategy: "blue-green",
        rules: "basic",
        deployments: {},
      },
    ],
  );
});

settings("refuse a strategy that there is not", () => {
  const text = `
rings: { canary: { strategy: recreate } }
services: { api: {} }
`;
  assert.is(
    refusalOf(api, text),
    `slipway.yaml cannot be used [bad-config]:
  2:30 rings.canary.strategy: expected blue-green or rolling; found recreate`,
  );
});

settings("refuse tags and platforms that cannot be, or are there twice", () => {
  const text = `
images: { tags: [latest, "{sha}", latest], platforms: [linux/arm64, linux/arm64, arm64, linux/arm64/v8] }
services: { api: {} }
`;
  assert.is(
    refusalOf(api, text),
    `slipway.yaml cannot be used [bad-config]:
  2:26 images.tags.1: expected a part of tags between the braces, not {sha}; expected one of version, commit, short, date; found "{sha}"
  2:35 images.tags.2: expected each one once; found latest
  2:82 images.platforms.2: expected linux/amd64 or linux/arm64 or linux/arm/v7; found arm64
  2:89 images.platforms.3: expected linux/amd64 or linux/arm64 or linux/arm/v7; found linux/arm64/v8; perhaps linux/arm64 was meant`,
  );
});

settings("give each ring a namespace of its own", () => {
  const text = `
services: { api: {} }
rings:
  canary: { namespace: live }
  early: {}
  late: { namespace: early }
  live: {}
  prod: { namespace: acme }
  production: { namespace: acme }
`;
  assert.is(
    refusalOf(api, text),
    `slipway.yaml cannot be used [bad-config]:
  6:22 rings.late.namespace: expected a namespace of its own; early is that of ring early
  7:3 rings.live: expected a namespace of its own; live is that of ring canary
  9:28 rings.production.namespace: expected a namespace of its own; acme is that of ring prod`,
  );
});

settings("give each service a Deployment of its own", () => {
  const text = `
services: { api: { path: . }, web: { path: . }, batch: { path: ., kind: job } }
rings:
  canary: { deployments: { api: acme, web: acme, batches: x } }
  swapped: { deployments: { api: web, web: api } }
  taken: { deployments: { api: web, batch: x } }
`;
  assert.is(
    refusalOf(api, text),
    `slipway.yaml cannot be used [bad-config]:
  4:44 rings.canary.deployments.web: expected a Deployment of its own; acme is that of api
  4:50 rings.canary.deployments.batches: there is no service batches; expected one of api, web, batch; perhaps batch was meant
  6:32 rings.taken.deployments.api: expected a Deployment of its own; web is that of web
  6:37 rings.taken.deployments.batch: cannot be used: a job has no Deployment`,
  );
});

settings.run();
