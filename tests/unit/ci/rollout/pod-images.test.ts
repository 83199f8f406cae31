/** What a pod runs, by what the kubelet says of its image. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countRestarts, findFailures, listMissing } from "../../../../ci/src/rollout/health.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { isSameImage } from "../../../../ci/src/rollout/release.ts";
import { POLICY } from "./fixtures.ts";
import { deploymentItem, digest, image, other, placement, podItem, running, slice, up } from "./pod-items.ts";

const images = suite("what a pod runs");

const named: [string, string, string | undefined, boolean][] = [
  ["its own name", image, undefined, true],
  ["a mirror's name", `mirror.example:5000/cache/registry.example/ingest@${digest}`, undefined, true],
  ["a tag before the digest", `registry.example/ingest:v2@${digest}`, undefined, true],
  [
    "a mirror's tag, and the runtime says the digest (containerd)",
    "mirror.example/ingest:v2",
    `mirror.example/ingest@${digest}`,
    true,
  ],
  [
    "a mirror's tag, and the runtime says the digest (cri-dockerd)",
    "mirror.example/ingest:v2",
    `docker-pullable://mirror.example/ingest@${digest}`,
    true,
  ],
  ["a mirror's tag, and the runtime says nothing", "mirror.example/ingest:v2", "", false],
  [
    "a mirror's tag, and the runtime says another digest",
    "mirror.example/ingest:v2",
    `mirror.example/ingest@${other}`,
    false,
  ],
  ["another digest", `registry.example/ingest@${other}`, undefined, false],
  ["another digest, whatever the runtime says", `registry.example/ingest@${other}`, `x@${digest}`, false],
  ["the repository alone", "registry.example/ingest", undefined, false],
];

for (const [name, is, imageID, same] of named) {
  images(`is ${same ? "the release" : "another image"} with ${name}`, () => {
    const status = {
      containerStatuses: [{ name: "ingest", ...running, ...(imageID === undefined ? {} : { imageID }) }],
    };
    const pod = podItem("a", { spec: { containers: [{ name: "ingest", image: is }] }, status });
    assert.equal(
      listMissing(observe([deploymentItem(), slice, pod, podItem("b")]), placement, 2),
      same ? [] : ["Deployment ingest-green: 1 pods still have another image"],
    );
  });
}

images("is compared by digest in the Deployment too, where a webhook may have been", () => {
  const rewritten = (name: string) =>
    deploymentItem(
      {},
      { spec: { replicas: 2, template: { spec: { containers: [{ name: "ingest", image: name }] } } } },
    );
  const missing = (name: string) => listMissing(observe([rewritten(name), ...up.slice(1)]), placement, 2);
  assert.equal(missing(`mirror.example/x@${digest}`), []);
  assert.equal(missing(`mirror.example/x@${other}`), [
    `Deployment ingest-green has the image mirror.example/x@${other}, not ${image}`,
  ]);
  assert.equal(missing("mirror.example/x:v2"), [
    `Deployment ingest-green has the image mirror.example/x:v2, not ${image}`,
  ]);
  assert.is(isSameImage(undefined, image), false);
});

images("of another template of the same image does not count as the release's trouble or restarts", () => {
  const crashing = {
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      { name: "ingest", restartCount: 9, state: { waiting: { reason: "CrashLoopBackOff", message: "" } } },
    ],
  };
  const labels = podItem("a").metadata.labels;
  const before = podItem("old", {
    status: crashing,
    meta: { labels: { ...labels, "slipway.dev/release": "r-before" } },
  });
  const revision = { annotations: { "deployment.kubernetes.io/revision": "4" } };
  const setOf = (name: string, number: string) => ({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      resourceVersion: "1",
      annotations: { "deployment.kubernetes.io/revision": number },
      ownerReferences: [{ kind: "Deployment", name: "ingest-green" }],
    },
  });
  const owned = podItem("owned", {
    status: crashing,
    meta: { labels, ownerReferences: [{ kind: "ReplicaSet", name: "set-3" }] },
  });
  const sets = [setOf("set-3", "3"), setOf("set-4", "4")];
  for (const pod of [before, owned]) {
    const seen = observe([deploymentItem({}, { meta: revision }), slice, ...sets, pod]);
    assert.is(countRestarts(seen, placement), 0);
    assert.equal(findFailures(seen, placement, POLICY), []);
  }
  const own = podItem("own", {
    status: crashing,
    meta: { labels, ownerReferences: [{ kind: "ReplicaSet", name: "set-4" }] },
  });
  const seen = observe([deploymentItem({}, { meta: revision }), slice, ...sets, own]);
  assert.is(countRestarts(seen, placement), 9);
  assert.equal(
    findFailures(seen, placement, POLICY).map(({ pod, reason }) => [pod, reason]),
    [["own", "CrashLoopBackOff"]],
  );
});
images.run();
