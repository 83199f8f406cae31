/** Releases and manifests as they are read and written. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalJson } from "../../../../ci/src/rollout/canonical-json.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import { nameRelease, readRelease } from "../../../../ci/src/rollout/release.ts";
import { commitOf, manifestObjects, RING, releaseOf } from "./fixtures.ts";
import { ringWith } from "./verb-runs.ts";

const records = suite("releases and manifests");

records("a release is named by all of its content, in whatever order it is written", () => {
  const release = releaseOf(2);
  assert.is(
    nameRelease({ ...release, services: Object.fromEntries(Object.entries(release.services).reverse()) }).id,
    release.id,
  );
  const others = [
    { ...release, commit: commitOf(3) },
    { ...release, author: "eve@example.org" },
    { ...release, commitTime: "2025-01-03T00:00:00.000Z" },
    { ...release, services: { ingest: release.services["ingest"] ?? { name: "", digest: "" } } },
  ];
  assert.is(new Set([release, ...others.map(nameRelease)].map(({ id }) => id)).size, 5);
  assert.is(
    canonicalJson({ b: [1, undefined, { d: null, c: undefined }], a: "é" }),
    '{"a":"é","b":[1,null,{"d":null}]}',
  );
});

records("a release file that was edited or is none is refused with every problem", () => {
  const release = releaseOf(2);
  assert.equal(readRelease(JSON.stringify(release)), release);
  assert.throws(
    () => readRelease(JSON.stringify({ ...release, author: "eve" })),
    /^the release calls itself r-1da8a0d4\w+, but its content is r-/,
  );
  assert.throws(
    () => readRelease(JSON.stringify({ ...release, commit: "main", services: {}, x: 1 }), "release.json"),
    /^this is not a release file \[bad-release\]:\n {2}commit: expected the full commit hash; found "main"\n {2}services: expected at least one service; found an empty mapping\n {2}x: unknown; expected one of version, .*\n {2}where: release.json\n {2}to do: take the file/,
  );
  assert.throws(() => readRelease("{"), /^this is not a release file \[bad-release\]:\n {2}this is not JSON: /);
});

records("manifests that do not fit the release are refused with every problem", () => {
  const release = releaseOf(2);
  const objects = manifestObjects(release).filter(
    ({ kind, metadata }) => !(kind === "Service" && metadata.name === "ingest"),
  );
  const renamed = objects.map((object) =>
    object.kind === "Deployment" && object.metadata.name === "processor"
      ? { ...object, spec: { template: { spec: { containers: [{ name: "app" }, { name: "proxy" }] } } } }
      : object,
  );
  assert.throws(
    () =>
      sortManifests(
        [...renamed, { apiVersion: "v1", kind: "Service", metadata: { name: "ingest-blue" } }],
        release,
        RING,
      ),
    /^the manifests do not fit the release \[bad-manifest\]:\n {2}expected one Service ingest, found 0\n {2}ingest-blue is a name that Slipway itself uses\n {2}Deployment processor has no container processor, but app, proxy\n {2}where: manifests of ring canary/,
  );
});

records("what is applied to the live Service has no selector, and to a colour no replicas", () => {
  const { cluster } = ringWith([1]);
  const manifests = sortManifests(manifestObjects(releaseOf(1)), releaseOf(1), RING);
  const service = manifests.base.find(({ kind, metadata }) => kind === "Service" && metadata.name === "ingest");
  assert.equal(service?.["spec"], { ports: [{ port: 8080, nodePort: 30_000 }] });
  const blue = manifests.base.find(({ kind, metadata }) => kind === "Service" && metadata.name === "ingest-blue");
  assert.equal(blue?.["spec"], {
    selector: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" },
    ports: [{ port: 8080 }],
  });
  const spec = cluster.get("Deployment", "ingest-blue")?.["spec"] as Record<string, unknown>;
  assert.equal(spec["selector"], { matchLabels: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" } });
  const { template } = spec as { template: { metadata: unknown; spec: unknown } };
  const digest = releaseOf(1).services["ingest"]?.digest;
  assert.equal(template, {
    metadata: {
      labels: {
        app: "ingest",
        "app.kubernetes.io/name": "ingest",
        "slipway.dev/colour": "blue",
        "slipway.dev/ring": "canary",
        "slipway.dev/release": releaseOf(1).id,
      },
    },
    spec: {
      volumes: [{ name: "key", secret: { secretName: "key-53d60b8946" } }],
      initContainers: [
        {
          name: "wait",
          image: `registry.example/ingest@${digest}`,
          envFrom: [{ configMapRef: { name: "settings-36267c2274" } }],
        },
      ],
      containers: [
        {
          name: "ingest",
          image: `registry.example/ingest@${digest}`,
          envFrom: [{ configMapRef: { name: "settings-36267c2274" } }],
          env: [
            { name: "A", value: "b" },
            { name: "SLIPWAY_RING", value: "canary" },
            { name: "SLIPWAY_COLOUR", value: "blue" },
            { name: "SLIPWAY_RELEASE", value: releaseOf(1).id },
          ],
        },
      ],
    },
  });
});
records.run();
