import { suite } from "uvu";
import * as assert from "uvu/assert";
import { diagnose, listImages } from "../../../../ci/src/init/doctor.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { writeRingAccounts } from "../../../../ci/src/init/ring-accounts.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { MODULE } from "../../../support/pipeline-settings.ts";
import { detect, settingsOf } from "../config/found.ts";

const api = {
  "package.json": JSON.stringify({
    name: "orders",
    scripts: { test: "node --test", start: "node main.js" },
    port: 3000,
  }),
};

/** A place in which everything can be had. */
const here = {
  isInGit: true,
  remarks: [],
  unavailable: new Map<string, string>(),
  workflows: { writes: [], removes: [], foreign: [] },
};

const doctor = suite("doctor");

doctor("tells what would run, with which image, what is missing and what to do", () => {
  const text = "services:\n  orders: { path: ., needs: [postgres] }\n";
  const files = { ...api, "slipway.yaml": text };
  assert.equal(diagnose(settingsOf(api, text), outlineOf(files), here), {
    missing: 0,
    report: `Repository of orders, 2 files

Checks
  unit  node:1  npm run test    package.json scripts.test

Images
  orders  node in ., built with node:1  port 3000

Backing services
  postgres  postgres:15-bookworm  port 5432  tells DATABASE_URL

Nothing is missing.

On the way to a deploy: 2
  no registry is named, so publish needs --registry
    to do: set images.registry in slipway.yaml, such as ghcr.io/OWNER
  there are no rings, so nothing can be deployed
    to do: run slipway init, or name rings in slipway.yaml`,
  });
});

doctor("tells how workers and jobs are rolled out, and which right a job needs", () => {
  const text = `services:
  orders: { path: . }
  mails: { path: ., kind: worker, build: { imageOf: orders } }
  migrate: { path: ., kind: job, build: { imageOf: orders } }
rings: { live: {} }
`;
  const { report } = diagnose(settingsOf(api, text), outlineOf({ ...api, "slipway.yaml": text }), here);
  const section = `
Workers and jobs
  mails    worker  starts with the candidate; both colours work until the bake is over
  migrate  job     runs once for each release in a ring, before the rest of it; its account needs get, list, watch, create, patch and delete of jobs.batch

`;
  assert.ok(report.includes(section), report);
});

doctor("misses what init writes before it has run, and not afterwards", () => {
  assert.match(diagnose(settingsOf(api), outlineOf(api), here).report, /there is no slipway\.yaml/);
  const { writes, settings } = planInit(outlineOf(api), detect, "1.0.0");
  const { report } = diagnose(settings, outlineOf({ ...api, ...writes }), here);
  assert.match(report, /\n {2}canary +first +namespace canary +manifests\/canary \(kustomize\) +blue-green\n/);
  assert.match(report, /\nNothing is missing\.\n\nOn the way to a deploy: 1\n {2}no registry is named/);
});

doctor("tells where a ring is, and which Deployments have other names there", () => {
  const text = `services:
  orders: { path: . }
  mails: { path: ., kind: worker, build: { imageOf: orders } }
rings:
  live: { namespace: acme, deployments: { orders: acme-orders, mails: sender } }
`;
  const { report } = diagnose(settingsOf(api, text), outlineOf({ ...api, "slipway.yaml": text }), here);
  assert.match(
    report,
    /\n {2}live +first +namespace acme +manifests\/live \(kustomize\) +blue-green +orders is Deployment acme-orders, mails is Deployment sender\n/,
  );
});

doctor("misses the manifests of a ring that somebody has named", () => {
  const text = "services:\n  orders: { path: . }\nimages: { registry: r.example/x }\nrings:\n  late: {}\n";
  const { report } = diagnose(settingsOf(api, text), outlineOf({ ...api, "slipway.yaml": text }), here);
  assert.match(report, /Missing: 1\n {2}ring late has no manifests in manifests\/late\n/);
});

doctor("finds the manifests of a ring that lie at the top of the repository", () => {
  const rings = "rings:\n  live: { manifests: { path: ., kind: helm } }\n";
  const text = `services:\n  orders: { path: . }\nimages: { registry: r.example/x }\n${rings}`;
  const files = { ...api, "slipway.yaml": text, "manifests/setup/rings.yaml": writeRingAccounts({}) };
  const { report } = diagnose(settingsOf(api, text), outlineOf(files), here);
  assert.match(report, /\n\nNothing is missing\.\n\nBefore the first deploy\n/);
});

doctor("says before the first deploy which Secrets the manifests name, as they are now", () => {
  const { writes, settings } = planInit(outlineOf(api), detect, "1.0.0");
  const base = `
containers:
  - env:
      - { name: A, valueFrom: { secretKeyRef: { name: db, key: URL } } }
      - { name: B, valueFrom: { secretKeyRef: { name: db, key: PASSWORD } } }
      - { name: C, valueFrom: { secretKeyRef: { name: extra, key: C, optional: true } } }
`;
  const { report } = diagnose(settings, outlineOf({ ...api, ...writes, "manifests/base/orders.yaml": base }), here);
  const command = "create secret generic db --from-literal=URL=… --from-literal=PASSWORD=…";
  assert.ok(
    report.includes(`\n    kubectl --namespace canary ${command}\n    kubectl --namespace production ${command}\n`),
    report,
  );
});

doctor("says how the first person gets into the list of those who may approve, until there is one", () => {
  const text = "services: { orders: { path: . } }\nrings: { live: { manifests: ., approvals: { quorum: 2 } } }\n";
  const files = { ...api, "slipway.yaml": text };
  const command =
    'mkdir -p .slipway && echo "NAME namespaces=\\"slipway-approval@v1\\" $(cat ~/.ssh/id_ed25519.pub)" >> .slipway/allowed_signers';
  const told = `
  ring live requires 2 approvals, but there is no .slipway/allowed_signers that says who may give one
    to do: for each person ${command} (ssh-keygen -t ed25519 makes a key), and commit it on branch main
`;
  const tell = (more: Record<string, string>) =>
    `${diagnose(settingsOf(api, text), outlineOf({ ...files, ...more }), here).report}\n`;
  assert.ok(tell({}).includes(told), tell({}));
  assert.not.match(tell({ ".slipway/allowed_signers": "" }), "requires 2 approvals");
});

doctor("says what images have to carry for a ring, and how the first signer gets into the list", () => {
  const text =
    "services: { orders: { path: . } }\nrings: { live: { manifests: ., attestations: { provenance: signed, sbom: required } } }\n";
  const files = { ...api, "slipway.yaml": text };
  const command =
    'mkdir -p .slipway && echo "NAME namespaces=\\"slipway-attestation@v1\\" $(cat ~/.ssh/id_ed25519.pub)" >> .slipway/allowed_signers';
  const told = `
  ring live accepts only images with provenance (signed) and SBOM, but there is no .slipway/allowed_signers that says whose signatures count
    to do: for whoever publishes ${command} (ssh-keygen -t ed25519 makes a key), and commit it on branch main
`;
  const tell = (more: Record<string, string>) =>
    `${diagnose(settingsOf(api, text), outlineOf({ ...files, ...more }), here).report}\n`;
  assert.ok(tell({}).includes(told), tell({}));
  assert.match(tell({}), /\n {2}live .* {2}images carry provenance \(signed\) and SBOM\n/);
  assert.not.match(tell({ ".slipway/allowed_signers": "" }), "takes only images");
});

doctor("misses an image that cannot be had, in the words of the engine, and counts it", () => {
  const text = "services:\n  orders: { path: ., needs: [postgres] }\n";
  const unavailable = new Map([["postgres:15-bookworm", "no such host"]]);
  const { report, missing } = diagnose(settingsOf(api, text), outlineOf(api), { ...here, unavailable });
  assert.is(missing, 1);
  assert.match(
    report,
    /\nMissing: 1\n {2}the image postgres:15-bookworm cannot be pulled here: no such host\n {4}to do: make its registry reachable/,
  );
});

doctor("asks for every image that checks, builds, backing services and manifests begin with, once", () => {
  const text = `services:
  orders: { path: ., needs: [postgres, kafka] }
  old: { build: { image: "acme/old:1" }, port: 80 }
checks: { smoke: { run: x, image: "debian:trixie" } }
rings: { canary: {}, live: { after: canary, manifests: { path: chart, kind: helm } } }
`;
  const settings = settingsOf({ ...api, "chart/Chart.yaml": undefined }, text);
  assert.equal(listImages(settings), [
    "node:1",
    "debian:trixie",
    "debian:bookworm-slim",
    "acme/old:1",
    "apache/kafka:4.1.1",
    "postgres:15-bookworm",
    "registry.k8s.io/kubectl:v1.34.5",
    "alpine/helm:3.18.0",
  ]);
});

doctor("asks for no image of a backing service that nothing needs", () => {
  const files = {
    ...api,
    "compose.yaml": "services: { db: { image: 'postgres:16.3' }, other: { image: 'mysql:8.4', ports: ['3306'] } }\n",
  };
  assert.equal(listImages(settingsOf(files, "checks: { contract: { run: npm run a, needs: [db] } }\n")), [
    "node:1",
    "debian:bookworm-slim",
    "postgres:16.3",
  ]);
});

doctor("misses a check, without which nothing is checked, and says that a folder is no git repository", () => {
  const lonely = { "package.json": JSON.stringify({ name: "orders", scripts: { start: "node main.js" } }) };
  const { report, missing } = diagnose(settingsOf(lonely), outlineOf(lonely), { ...here, isInGit: false });
  assert.is(missing, 1);
  assert.match(report, /\nMissing: 1\n {2}no check was found\n/);
  assert.match(report, /\n {2}there is no git repository, so no image can be named after its commit\n/);
});

doctor("tells which files of CI systems are missing, have drifted, or are a person's, and what is set by hand", () => {
  const text = "providers: [drone]\nchecks: { unit: { run: x } }\n";
  const files = { ...api, "slipway.yaml": text, ".drone.yml": "x", "dagger.json": MODULE };
  const workflows = {
    writes: [
      { path: ".drone.yml", text: "" },
      { path: "Jenkinsfile", text: "" },
    ],
    removes: [".gitlab-ci.yml"],
    foreign: ["bitbucket-pipelines.yml"],
  };
  const { report, missing } = diagnose(settingsOf(api, text), outlineOf(files), { ...here, workflows });
  assert.is(missing, 4);
  assert.match(
    report,
    `
To set by hand in CI systems, because no file can hold it; Slipway cannot see whether it is set
  drone  repository  Trusted: an administrator marks it as trusted: steps, or Docker beside them, are privileged
  drone  repository  Ignore forks, or Protected

Missing: 4
  .drone.yml differs from slipway.yaml
    to do: slipway generate workflows, or dagger generate workflows, and commit what it writes
  Jenkinsfile is missing, although slipway.yaml names its CI system
    to do: slipway generate workflows, or dagger generate workflows, and commit what it writes
  .gitlab-ci.yml was generated for a CI system that is no longer named
    to do: slipway generate workflows, or dagger generate workflows, and commit what it writes
  bitbucket-pipelines.yml exists already, and Slipway did not write it
    to do: move it away and generate, or remove the CI system from providers in slipway.yaml
`,
  );
});

doctor("names the module in what writes these files, where dagger.json does not lead to it", () => {
  const workflows = { ...here.workflows, writes: [{ path: ".drone.yml", text: "" }] };
  const todo = (moduleFile: Record<string, string>) =>
    /\.drone\.yml is missing, .*\n {4}to do: (.*)/.exec(
      diagnose(settingsOf(api), outlineOf({ ...api, ...moduleFile }), { ...here, workflows }).report,
    )?.[1];
  const module = "github.com/slipway/slipway@v0.1.0";
  assert.is(todo({}), `slipway call workflows, or dagger call -m ${module} workflows, and commit what it writes`);
  assert.is(
    todo({ "dagger.json": '{ "name": "mine" }' }),
    `slipway call -m ${module} workflows, or dagger call -m ${module} workflows, and commit what it writes`,
  );
});

doctor.run();
