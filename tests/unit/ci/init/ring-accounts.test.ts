import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { findRings } from "../../../../ci/src/init/find-rings.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { reportInit } from "../../../../ci/src/init/report.ts";
import { findUnprepared, writeRingAccounts } from "../../../../ci/src/init/ring-accounts.ts";
import { SETUP_FILE } from "../../../../ci/src/input/setup-file.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { readOwnSettings } from "../../../support/own-settings.ts";
import { detect, settingsOf } from "../config/found.ts";

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

const api = {
  "package.json": JSON.stringify({
    name: "orders",
    scripts: { start: "node main.js" },
    dependencies: { pg: "8" },
    port: 1,
  }),
};

function ringsOf(text: string) {
  return settingsOf(api, `services: { orders: { path: . } }\nrings: ${text}\n`).rings;
}

function read(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

function bindingsOf(text: string): string[] {
  return read(text).flatMap(({ kind, metadata, roleRef, subjects }) =>
    kind === "RoleBinding"
      ? (subjects ?? []).map(
          ({ name, namespace }) => `${namespace}/${name} is ${roleRef?.kind} ${roleRef?.name} in ${metadata.namespace}`,
        )
      : [],
  );
}

const accounts = suite("the accounts of rings");

accounts("may deploy in their own namespace, and read the records of the ring before, and nothing else", () => {
  const rings = ringsOf(
    "{ dev: { namespace: acme-dev }, canary: { after: dev }, live: { after: canary, namespace: acme } }",
  );
  assert.equal(bindingsOf(writeRingAccounts(rings)), [
    "acme-dev/deployer is ClusterRole slipway-deployer in acme-dev",
    "canary/deployer is ClusterRole slipway-deployer in canary",
    "canary/deployer is ClusterRole slipway-ledger-reader in acme-dev",
    "acme/deployer is ClusterRole slipway-deployer in acme",
    "acme/deployer is ClusterRole slipway-ledger-reader in canary",
  ]);
});

accounts("of several rings after the same one have bindings of different names there", () => {
  const rings = ringsOf("{ canary: {}, east: { after: canary }, west: { after: canary } }");
  const names = read(writeRingAccounts(rings)).map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
  );
  assert.is(new Set(names).size, names.length, names.join("\n"));
});

accounts("come with namespaces that are as strict as the rules for the manifests", () => {
  const rings = ringsOf("{ a: { rules: restricted }, b: { rules: basic, after: a }, c: { rules: 'off', after: b } }");
  const namespaces = read(writeRingAccounts(rings)).filter(({ kind }) => kind === "Namespace");
  assert.equal(
    namespaces.map(({ metadata }) => metadata.labels),
    [
      {
        "slipway.dev/ring": "a",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
      { "slipway.dev/ring": "b", "pod-security.kubernetes.io/warn": "restricted" },
      { "slipway.dev/ring": "c" },
    ],
  );
});

accounts("of rings called like something else in YAML 1.1, which kubectl reads, are texts", () => {
  const rings = ringsOf('{ "on": {}, "yes": { after: "on" }, "y": { after: "yes" } }');
  const namespaces = parseAllDocuments(writeRingAccounts(rings), { version: "1.1" }).flatMap((document) => {
    const { kind, metadata } = document.toJS() as KubeObject;
    return kind === "Namespace" ? [metadata.name] : [];
  });
  assert.equal(namespaces, ["on", "yes", "y"]);
});

accounts("of this repository are what init writes", () => {
  assert.is(readFileSync(SETUP_FILE, "utf8"), writeRingAccounts(readOwnSettings().rings));
});

accounts("that are missing for a ring named later are told, and the file stays as it is", () => {
  const before = planInit(outlineOf(api), detect, "1.0.0");
  const files: Record<string, string> = { ...api, ...before.writes };
  const text = `${files["slipway.yaml"]}  late:\n    after: production\n    namespace: acme-late\n`;
  const { writes, differences } = planInit(outlineOf({ ...files, "slipway.yaml": text }), detect, "1.0.0");
  assert.equal(Object.keys(writes), ["manifests/late/kustomization.yaml"]);
  assert.equal(differences, [
    {
      path: SETUP_FILE,
      what: "it has no account for ring late (namespace acme-late)",
      todo: "move it away, run init again, copy your changes to the new file, then kubectl apply -f manifests/setup/rings.yaml",
    },
  ]);
});

for (const [what, text] of Object.entries({
  "no YAML": "a: [",
  empty: "",
  "a list": "- kind: RoleBinding\n",
  "only a remark": "# later\n",
})) {
  accounts(`are missing for every ring in a file that is ${what}`, () => {
    assert.equal(findUnprepared(ringsOf("{ canary: {}, live: { after: canary } }"), text), ["canary", "live"]);
  });
}

accounts("alone are no manifests of a ring", () => {
  assert.is(findRings(outlineOf({ ...api, [SETUP_FILE]: "kind: Namespace\n" })), undefined);
});

accounts("are told with all that a person has to do before the first deploy, for each ring's own namespace", () => {
  const text =
    "services: { orders: { path: ., needs: [postgres] } }\nrings: { canary: {}, live: { after: canary, namespace: acme } }\n";
  const report = reportInit(planInit(outlineOf({ ...api, "slipway.yaml": text }), detect, "1.0.0"));
  assert.is(
    report.slice(report.indexOf("Before the first deploy")),
    `Before the first deploy
  an administrator of the cluster creates the namespaces of the rings, and in each an account that may deploy there, once:
    kubectl apply -f manifests/setup/rings.yaml
  in each ring, create the Secrets that the pods read, such as the address of a database (Slipway starts one only for tests and for stack up):
    kubectl --namespace canary create secret generic postgres --from-literal=DATABASE_URL=…
    kubectl --namespace acme create secret generic postgres --from-literal=DATABASE_URL=…
  if people have to approve the releases of a ring, set approvals: { quorum: 1 } of that ring in slipway.yaml; slipway doctor then says how they sign`,
  );
});

accounts.run();
