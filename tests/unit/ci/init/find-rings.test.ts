import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findRings, listPlainManifests } from "../../../../ci/src/init/find-rings.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const rings = suite("rings that a repository has manifests for");

/** Paths, and the rings in order: `name path kind`. */
const shapes: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    "are the overlays, and not what people apply as a whole beside them",
    [
      "deploy/bases/web/kustomization.yaml",
      "deploy/overlays/production/kustomization.yaml",
      "deploy/overlays/dev/kustomization.yaml",
      "kustomize/kustomization.yaml",
    ],
    ["dev deploy/overlays/dev kustomize", "production deploy/overlays/production kustomize"],
  ],
  [
    "are folders beside each other, whatever they are called",
    ["k8s/eu/kustomization.yaml", "k8s/us/kustomization.yaml"],
    ["eu k8s/eu kustomize", "us k8s/us kustomize"],
  ],
  [
    "are environments of one",
    ["infra/environments/live-1/kustomization.yaml", "infra/base/kustomization.yaml"],
    ["live-1 infra/environments/live-1 kustomize"],
  ],
  [
    "are production for one kustomization, with the folders that it is made of below it",
    ["k8s/kustomization.yaml", "k8s/web/kustomization.yaml", "k8s/db/kustomization.yaml"],
    ["production k8s kustomize"],
  ],
  ["are production for a kustomization at the top", ["kustomization.yaml", "k/a.yaml"], ["production . kustomize"]],
  [
    "are production for two folders of the same, of which the first counts",
    ["kubernetes-manifests/kustomization.yaml", "kustomize/kustomization.yaml"],
    ["production kubernetes-manifests kustomize"],
  ],
  ["are production for plain manifests", ["k8s-specifications/db.yaml"], ["production k8s-specifications plain"]],
  ["are plain manifests below the folder of deliveries", ["deploy/k8s/a.yml"], ["production deploy/k8s plain"]],
  ["are none for compose files", ["deploy/docker-compose.yml", "deploy/compose.prod.yaml"], []],
  ["are none for tests", ["tests/k/overlays/dev/kustomization.yaml"], []],
];

for (const [what, paths, said] of shapes) {
  rings(what, () => {
    const found = findRings(outlineOf(Object.fromEntries(paths.map((path) => [path, "{}"]))));
    assert.equal(
      (found?.value ?? []).map(({ name, manifests }) => `${name} ${manifests?.path} ${manifests?.kind}`),
      said,
    );
  });
}

const deployment = (namespace?: string) =>
  `kind: Deployment\nmetadata: { name: web${namespace === undefined ? "" : `, namespace: ${namespace}`} }\n`;

/** Plain manifests, and the rings with their namespaces: `name namespace`, and `-` for that of its name. */
const namespaces: readonly (readonly [string, Readonly<Record<string, string | undefined>>, readonly string[]])[] = [
  ["that all of them are in", { "k8s/a.yaml": `${deployment("shop")}---\n${deployment()}` }, ["production shop"]],
  ["of the ring's own name", { "k8s/a.yaml": deployment("production") }, ["production -"]],
  ["of none", { "k8s/a.yaml": deployment() }, ["production -"]],
  ["of no file whose text is not known", { "k8s/a.yaml": undefined }, ["production -"]],
  ["of neither where there are two", { "k8s/a.yaml": deployment("a"), "k8s/b.yml": deployment("b") }, ["production -"]],
  ["of none that can be no ring", { "k8s/a.yaml": deployment("kube-system") }, ["production -"]],
  ["of none that is filled in later", { "k8s/a.yaml": deployment('"$PLACE"') }, ["production -"]],
  [
    "of no file that nobody can read",
    { "k8s/a.yaml": "{{ if .x }}", "k8s/b.yaml": deployment("shop") },
    ["production shop"],
  ],
  [
    "of each folder by itself",
    { "k8s/dev/a.yaml": deployment("shop-dev"), "k8s/prod/a.yaml": deployment("shop-prod") },
    ["dev shop-dev", "prod shop-prod"],
  ],
  ["that no other ring has", { "k8s/dev/a.yaml": deployment("x"), "k8s/prod/a.yaml": deployment("x") }, ["dev x"]],
];

for (const [what, files, said] of namespaces) {
  rings(`have of plain manifests the namespace ${what}`, () => {
    assert.equal(
      (findRings(outlineOf(files))?.value ?? []).map(({ name, namespace }) => `${name} ${namespace ?? "-"}`),
      said,
    );
  });
}

rings("are made of plain manifests alone where nothing else says what they are", () => {
  const k8s = { "k8s/a.yaml": undefined, "k8s/web/b.yml": undefined, "k8s/readme.md": undefined };
  assert.equal(listPlainManifests(outlineOf(k8s)), ["k8s/a.yaml", "k8s/web/b.yml"]);
  assert.equal(listPlainManifests(outlineOf({ ...k8s, "deploy/overlays/dev/kustomization.yaml": "{}" })), []);
  assert.equal(listPlainManifests(outlineOf({ ...k8s, "chart/Chart.yaml": "{}" })), []);
});

rings.run();
