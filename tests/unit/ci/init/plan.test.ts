import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import type { RingSettings } from "../../../../ci/src/config/settings.ts";
import { tellNext } from "../../../../ci/src/init/next.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { reportInit } from "../../../../ci/src/init/report.ts";
import { readManifests } from "../../../../ci/src/manifests/read.ts";
import { findProblems } from "../../../../ci/src/manifests/rules.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { detect } from "../config/found.ts";

type Files = Readonly<Record<string, string | undefined>>;

const VERSION = "1.2.3";

const api: Files = {
  "package.json": JSON.stringify({
    name: "orders",
    scripts: { lint: "biome ci", test: "node --test", start: "node src/main.js" },
    dependencies: { hono: "4.0.0", pg: "8.0.0" },
    port: 3000,
  }),
  "src/main.js": undefined,
};

const monorepo: Files = {
  "api/package.json": JSON.stringify({
    name: "api",
    scripts: { start: "x" },
    dependencies: { ioredis: "5" },
    port: 3000,
  }),
  "web/package.json": JSON.stringify({ name: "web", scripts: { start: "x" }, port: 8080 }),
  ".gitignore": "node_modules",
};

const manyKinds: Files = {
  ...monorepo,
  "slipway.yaml": `product: shop
services:
  api: { path: api }
  mails: { path: api, kind: worker, build: { imageOf: api, start: [node, mails.js] }, needs: [api, redis] }
  migrate: { path: api, kind: job, build: { imageOf: api, start: [node, migrate.js] }, needs: [redis] }
  cache: { port: 6380, build: { image: "registry.example.org/cache:1.2" } }
rings: { canary: {}, production: { after: canary } }
`,
};

const plan = (files: Files) => planInit(outlineOf(files), detect, VERSION);

/** The repository after `init` has written. */
const after = (files: Files): Files => ({ ...files, ...plan(files).writes });

/** What the check of manifests says about a ring that init wrote. */
function problemsOf(files: Files, ring: string): readonly unknown[] {
  const { settings } = plan(files);
  const all = after(files);
  const base = parse(all["manifests/base/kustomization.yaml"] ?? "") as { resources: string[] };
  const text = base.resources.map((name) => all[`manifests/base/${name}`]).join("\n---\n");
  const objects = readManifests(text, ring, {
    namespace: ring,
    manifests: { path: "manifests", kind: "kustomize" },
  }).map((object) => ({
    ...object,
    metadata: { ...object.metadata, namespace: ring },
  }));
  const services = Object.fromEntries(Object.entries(settings.services).filter(([, { build }]) => !("image" in build)));
  const level = "restricted";
  const counts = { replicas: 2, idleReplicas: 0 };
  return findProblems({ ring, namespace: ring, objects, services, deployments: {}, ...counts, level });
}

const init = suite("init");

init("writes a configuration, the module, manifests of two rings and what git ignores", () => {
  const { writes, kept, differences } = plan(api);
  assert.equal(Object.keys(writes), [
    "slipway.yaml",
    "dagger.json",
    "manifests/base/kustomization.yaml",
    "manifests/base/account.yaml",
    "manifests/base/network.yaml",
    "manifests/base/orders.yaml",
    "manifests/canary/kustomization.yaml",
    "manifests/production/kustomization.yaml",
    "manifests/setup/rings.yaml",
    ".gitignore",
  ]);
  assert.equal([kept, differences], [[], []]);
  assert.is(
    writes["slipway.yaml"],
    `# yaml-language-server: $schema=https://unpkg.com/slipway@1.2.3/ci/slipway.schema.json
# Values that are not set here are detected: \`slipway call config\` prints all of them, and where each comes from.
product: orders
services:
  orders:
    path: .
    port: 3000
    needs:
      - postgres
rings:
  canary: {}
  production:
    after: canary
`,
  );
  assert.equal(JSON.parse(writes["dagger.json"] ?? ""), {
    name: "orders",
    engineVersion: "v0.21.8",
    blueprint: { name: "slipway", source: "github.com/slipway/slipway@v1.2.3" },
  });
  assert.is(writes[".gitignore"], ".env\n");
});

for (const [name, files] of Object.entries({ "one service": api, "two services": monorepo, "all kinds": manyKinds })) {
  init(`of ${name} writes manifests that the check of manifests takes`, () => {
    assert.equal(problemsOf(files, "canary"), []);
    assert.equal(problemsOf(files, "production"), []);
  });

  init(`of ${name} changes nothing when it runs again`, () => {
    const again = plan(after(files));
    assert.equal([again.writes, again.differences, again.proposal], [{}, [], undefined]);
    assert.match(reportInit(again), /^There is nothing to write\.$/m);
  });
}

init("has no address and no password of a backing service in the manifests, but says what has to be brought", () => {
  const written = plan(api);
  assert.match(
    written.writes["manifests/base/orders.yaml"] ?? "",
    /- name: DATABASE_URL\n +valueFrom:\n +secretKeyRef:\n +name: postgres\n +key: DATABASE_URL\n/,
  );
  assert.ok(!Object.values(written.writes).join("").includes("postgres://"));
  assert.match(reportInit(written), /create secret generic postgres --from-literal=DATABASE_URL=…$/m);
});

init("writes a worker without Service and probes, a job as a Job, and an image made elsewhere as it is", () => {
  const { writes } = plan(manyKinds);
  const kindsOf = (name: string) =>
    parseAllDocuments(writes[`manifests/base/${name}.yaml`] ?? "").map((document) => String(document.get("kind")));
  assert.equal(kindsOf("mails"), ["Deployment", "PodDisruptionBudget", "PodDisruptionBudget", "NetworkPolicy"]);
  assert.equal(kindsOf("migrate"), ["Job", "NetworkPolicy"]);
  assert.equal(kindsOf("cache"), ["Service", "Deployment", "NetworkPolicy"]);
  for (const name of ["mails", "migrate"])
    assert.not.match(writes[`manifests/base/${name}.yaml`] ?? "", /Probe|containerPort|preStop/);
  assert.match(writes["manifests/base/mails.yaml"] ?? "", /\n {2}minReadySeconds: 10\n/);
  assert.match(writes["manifests/base/migrate.yaml"] ?? "", /\n {2}backoffLimit: 0\n.*\n {6}restartPolicy: Never\n/s);
  assert.match(writes["manifests/base/cache.yaml"] ?? "", /image: registry\.example\.org\/cache:1\.2\n/);
});

init("takes manifests that are there with the selectors and the numbers of pods that they have", () => {
  const { settings } = plan({ ...api, "k8s/all.yaml": undefined });
  const { manifests: _, ...production } = settings.rings["production"] as RingSettings;
  const labels = { app: "orders" };
  const container = { name: "orders", image: "orders", ports: [{ containerPort: 3000 }] };
  const objects = [
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "orders", namespace: "production" } },
      spec: {
        ...{ replicas: 3, selector: { matchLabels: labels } },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "orders", namespace: "production" } },
      spec: { selector: labels, ports: [{ port: 3000 }] },
    },
  ];
  const check = (strategy: "rolling" | "blue-green") =>
    findProblems({ ...production, ring: "production", objects, services: settings.services, level: "off", strategy });
  assert.equal(check(production.strategy), []);
  assert.equal(
    check("blue-green").map(({ rule }) => rule),
    ["liveSelectors", "replicas"],
  );
});

init("tells what was found and why", () => {
  const report = reportInit(plan(api));
  assert.match(report, /^ {2}service +orders +\., port 3000 +/m);
  assert.match(report, /^ {2}needs +orders +postgres +package\.json depends on pg$/m);
  assert.match(report, /^ {2}check +unit +npm run test +package\.json scripts\.test$/m);
  assert.match(report, /^ {2}ring +canary +manifests\/canary \(kustomize\) +there are no manifests$/m);
});

init(
  "takes overlays that are there, in the order in which a release goes through them, and writes no manifests but those of the rings' accounts",
  () => {
    const { writes, settings } = plan({
      ...api,
      "deploy/base/kustomization.yaml": "resources: []\n",
      "deploy/overlays/prod/kustomization.yaml": "namespace: shop-prod\nresources: [../../base]\n",
      "deploy/overlays/staging/kustomization.yaml": "resources: [../../base]\n",
    });
    assert.equal(Object.keys(writes), ["slipway.yaml", "dagger.json", "manifests/setup/rings.yaml", ".gitignore"]);
    const rings = Object.entries(settings.rings).map(([name, ring]) => [
      name,
      ring.after,
      ring.namespace,
      ring.manifests.path,
      ring.strategy,
    ]);
    assert.equal(rings, [
      ["staging", null, "staging", "deploy/overlays/staging", "rolling"],
      ["prod", "staging", "shop-prod", "deploy/overlays/prod", "rolling"],
    ]);
  },
);

init("takes a Helm chart with its files of values", () => {
  const { settings } = plan({
    ...api,
    "chart/Chart.yaml": "name: orders\nversion: 1.0.0\n",
    "chart/values.yaml": undefined,
    "chart/values-production.yaml": undefined,
    "chart/values-staging.yaml": undefined,
  });
  assert.equal(
    Object.entries(settings.rings).map(([name, ring]) => [name, ring.manifests]),
    [
      ["staging", { path: "chart", kind: "helm", values: ["chart/values-staging.yaml"] }],
      ["production", { path: "chart", kind: "helm", values: ["chart/values-production.yaml"] }],
    ],
  );
});

init("takes plain manifests", () => {
  const { settings, writes } = plan({ ...api, "k8s/deployment.yaml": undefined, "k8s/service.yml": undefined });
  assert.equal(Object.keys(settings.rings), ["production"]);
  assert.equal(settings.rings["production"]?.manifests, { path: "k8s", kind: "plain", values: [] });
  assert.equal(
    Object.keys(writes).filter((path) => path.startsWith("manifests/")),
    ["manifests/setup/rings.yaml"],
  );
});

init("writes over nothing that is there", () => {
  const own: Files = {
    ...api,
    "dagger.json": '{ "name": "tools", "sdk": { "source": "go" } }',
    "slipway.yaml": "product: orders\nservices:\n  orders: { path: . }\n",
    ".gitignore": "node_modules/\n/.env\n",
  };
  const { writes, kept, differences } = plan(own);
  assert.equal(writes, {});
  assert.equal(kept, ["slipway.yaml", "dagger.json", ".gitignore"]);
  assert.equal(
    differences.map(({ path, what }) => `${path}: ${what}`),
    [
      "dagger.json: it is your own module (tools), and does not name Slipway",
      "slipway.yaml: it names no rings, so nothing can be deployed",
    ],
  );
});

for (const [text, what] of [
  ["{", "it is not JSON"],
  ["[]", "it is not a module: expected a JSON object"],
  ["null", "it is not a module: expected a JSON object"],
  ['"slipway"', "it is not a module: expected a JSON object"],
  ["{}", "it is your own module, and does not name Slipway"],
  ['{ "name": 5 }', "it is your own module, and does not name Slipway"],
  ['{ "name": "tools" }', "it is your own module (tools), and does not name Slipway"],
] as const) {
  init(`says of a dagger.json of ${text} what it is, and calls Slipway by its address`, () => {
    const { differences, settings, module } = plan({ ...api, "dagger.json": text });
    assert.equal(
      differences.map((one) => [one.path, one.what]),
      [["dagger.json", what]],
    );
    assert.match(
      tellNext(settings, module),
      "\n  slipway call -m github.com/slipway/slipway@v1.2.3 test      runs lint, unit, manifests\n",
    );
  });
}

for (const path of ["dagger.json", ".gitignore"]) {
  init(`says that ${path} is a folder, and writes the rest`, () => {
    const { writes, differences, kept } = plan({ ...api, [`${path}/x`]: undefined });
    assert.not.ok(path in writes || kept.includes(path));
    assert.ok("slipway.yaml" in writes);
    assert.equal(differences, [
      { path, what: "it is a folder, but has to be a file", todo: "move it away, and run init again" },
    ]);
  });
}

init("writes no manifests below a file or a link called like their folder, and says so", () => {
  const { writes, differences } = plan({ ...api, manifests: undefined });
  assert.equal(Object.keys(writes), ["slipway.yaml", "dagger.json", ".gitignore"]);
  assert.equal(differences, [
    {
      path: "manifests",
      what: "it is a file or a link, so the manifests cannot be written below it",
      todo: "move it away and run init again, or say in rings of slipway.yaml where the manifests are",
    },
  ]);
});

init("takes over the line ends of what git ignores", () => {
  assert.is(plan({ ...api, ".gitignore": "dist\r\nout" }).writes[".gitignore"], "dist\r\nout\r\n.env\r\n");
  assert.is(plan({ ...api, ".gitignore": "\uFEFF.env\n" }).writes[".gitignore"], undefined);
});

for (const [name, service] of [
  ["kafka", "kafka-app"],
  ["@acme/postgres", "postgres-app"],
  ["123", "app"],
  ["Größe", "grosse"],
  ["日本", "app"],
] as const) {
  init(`calls the service of a package ${name} ${service}, and proposes what can be read again`, () => {
    const { settings } = plan({ "package.json": JSON.stringify({ name, scripts: { start: "x" }, port: 80 }) });
    assert.equal(Object.keys(settings.services), [service]);
  });
}

init("adds its lines at the end of what git ignores", () => {
  assert.is(plan(monorepo).writes[".gitignore"], "node_modules\n.env\n");
});

init("adds the manifests of a ring that was named later, and none to a base that is there", () => {
  const written = after(api);
  const more = { ...written, "slipway.yaml": `${written["slipway.yaml"]}  late:\n    after: production\n` };
  assert.equal(Object.keys(plan(more).writes), ["manifests/late/kustomization.yaml"]);
});

init("finds no rings in tests, examples and what overlays share", () => {
  const { settings } = plan({
    ...api,
    "examples/overlays/demo/kustomization.yaml": "{}",
    "k/base/kustomization.yaml": "{}",
    "k/components/tls/kustomization.yaml": "{}",
  });
  assert.equal(Object.keys(settings.rings), ["canary", "production"]);
});

for (const [what, files, refusal] of [
  ["without files", {}, /the repository has no files/],
  ["in which nothing is known", { "README.md": undefined }, /Slipway recognises nothing in the repository/],
  [
    "in which nothing can be run",
    { "package.json": '{"name":"a"}' },
    /^according to its files, the repository has nothing to check, build or start; found: node in the top \(package\.json\) \[nothing-known\]/,
  ],
  [
    "in which nothing can be run, beside a language of others",
    { "package-lock.json": "{}", "package.json": '{"name":"a"}', "src/Shop/Shop.csproj": undefined },
    /^ {2}to do: src\/Shop\/Shop\.csproj belongs to \.NET, which Slipway runs in an image that you choose: `checks: \{ unit: \{ path: src\/Shop, run: "dotnet test", image: "mcr\.microsoft\.com\/dotnet\/sdk:10\.0" \} \}`, and builds from a Dockerfile\. Write it into slipway\.yaml, at the top of the repository$/m,
  ],
  ["with two lock files", { ...api, "yarn.lock": undefined, "pnpm-lock.yaml": undefined }, /two lock files/],
  [
    "with a slipway.yml",
    { ...api, "slipway.yml": undefined },
    /has to be called slipway\.yaml, but is called slipway\.yml/,
  ],
  ["with a Slipway.yaml", { ...api, "Slipway.yaml": undefined }, /but is called Slipway\.yaml/],
  ["with a slipway.yaml that is wrong", { ...api, "slipway.yaml": "servces: {}\n" }, /servces/],
] as const) {
  init(`refuses a repository ${what} before anything is written`, () => {
    assert.throws(() => plan(files), refusal);
  });
}

init("runs a script of tests where nothing else tests, and says where it is from", () => {
  const plan = planInit(
    outlineOf({ Dockerfile: "FROM a\nEXPOSE 80\n", "test.sh": "#!/bin/sh\ngrep -q a b\n" }),
    detect,
    VERSION,
  );
  assert.match(
    plan.writes["slipway.yaml"] ?? "",
    "checks:\n  unit:\n    run: sh test.sh\n    image: debian:bookworm-slim\n",
  );
  assert.match(reportInit(plan), /check +unit +sh test\.sh +test\.sh\n/);
  assert.equal(plan.remarks, []);
});

init("leaves a script alone where a check tests already", () => {
  const plan = planInit(outlineOf({ ...api, "test.sh": "true\n" }), detect, VERSION);
  assert.not.match(plan.writes["slipway.yaml"] ?? "", "test.sh");
});

init.run();
