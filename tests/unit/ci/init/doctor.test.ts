import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportDoctor } from "../../../../ci/src/init/doctor.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { detect, settingsOf } from "../config/found.ts";

const api = {
  "package.json": JSON.stringify({
    name: "orders",
    scripts: { test: "node --test", start: "node main.js" },
    port: 3000,
  }),
};

const doctor = suite("doctor");

doctor("tells what would run, with which image, what is missing and what to do", () => {
  const text = "services:\n  orders: { path: ., needs: [postgres] }\n";
  const files = { ...api, "slipway.yaml": text };
  assert.is(
    reportDoctor(settingsOf(api, text), outlineOf(files)),
    `Repository of orders, 2 files

Checks
  unit  node:1  npm run test    package.json scripts.test

Images
  orders  node in ., built with node:1  port 3000

Backing services
  postgres  postgres:15-bookworm  port 5432  tells DATABASE_URL

Missing: 2
  no registry is named, so publish needs --registry
    to do: set images.registry in slipway.yaml, such as ghcr.io/OWNER
  there are no rings, so nothing can be deployed
    to do: run slipway init, or name rings in slipway.yaml`,
  );
});

doctor("misses what init writes before it has run, and not afterwards", () => {
  assert.match(reportDoctor(settingsOf(api), outlineOf(api)), /there is no slipway\.yaml/);
  const { writes, settings } = planInit(outlineOf(api), detect, "1.0.0");
  const report = reportDoctor(settings, outlineOf({ ...api, ...writes }));
  assert.match(report, /\n {2}canary +first +namespace canary +manifests\/canary \(kustomize\) +blue-green\n/);
  assert.match(report, /\nMissing: 1\n {2}no registry is named/);
});

doctor("misses the manifests of a ring that somebody has named", () => {
  const text = "services:\n  orders: { path: . }\nimages: { registry: r.example/x }\nrings:\n  late: {}\n";
  const report = reportDoctor(settingsOf(api, text), outlineOf({ ...api, "slipway.yaml": text }));
  assert.match(report, /Missing: 1\n {2}ring late has no manifests in manifests\/late\n/);
});

doctor("finds the manifests of a ring that lie at the top of the repository", () => {
  const rings = "rings:\n  live: { manifests: { path: ., kind: helm } }\n";
  const text = `services:\n  orders: { path: . }\nimages: { registry: r.example/x }\n${rings}`;
  const report = reportDoctor(settingsOf(api, text), outlineOf({ ...api, "slipway.yaml": text }));
  assert.match(report, /\n\nNothing is missing\.$/);
});

doctor.run();
