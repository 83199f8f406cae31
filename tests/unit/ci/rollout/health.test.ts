/** When a placement counts as up, as failing, and as bad in the bake: one thing changed at a time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Evidence, findCheck, judgeBake } from "../../../../ci/src/rollout/gate.ts";
import type { Placement } from "../../../../ci/src/rollout/head.ts";
import {
  findFailures,
  listMissing,
  listNeighbours,
  listUnsettled,
  listUnswitched,
} from "../../../../ci/src/rollout/health.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import type { DeploymentSeen, PodSeen, Snapshot } from "../../../../ci/src/rollout/snapshot.ts";
import type { Traffic } from "../../../../ci/src/rollout/traffic.ts";
import { emptyHead } from "../../../../ci/src/rollout/transition.ts";
import { POLICY, RING, releaseOf } from "./fixtures.ts";

const placement: Placement = { release: releaseOf(2, 1), colours: { ingest: "green" }, verified: false };
const image = referTo(placement.release, "ingest");

const up: DeploymentSeen = {
  name: "ingest-green",
  service: "ingest",
  colour: "green",
  resourceVersion: "1",
  epoch: 1,
  content: "c",
  release: undefined,
  image,
  reads: [],
  replicas: 2,
  generation: 3,
  observedGeneration: 3,
  statusReplicas: 2,
  updated: 2,
  available: 2,
  stuck: undefined,
};

function podOf(name: string, more: Partial<PodSeen> = {}): PodSeen {
  return { name, service: "ingest", colour: "green", image, ready: true, restarts: 0, trouble: undefined, ...more };
}

function seenOf(more: {
  readonly deployment?: Partial<DeploymentSeen>;
  readonly pods?: readonly PodSeen[];
  readonly coloured?: readonly string[];
  readonly live?: readonly string[];
  readonly selector?: Record<string, string> | null;
}): Snapshot {
  const selector = { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" };
  return {
    lease: null,
    head: null,
    ledger: [],
    deployments: new Map([["ingest-green", { ...up, ...more.deployment }]]),
    uncoloured: new Map(),
    earlier: new Map(),
    services: new Map([
      [
        "ingest",
        { selector: more.selector === undefined ? selector : more.selector, ports: [], epoch: 1, resourceVersion: "1" },
      ],
    ]),
    pods: more.pods ?? [podOf("a"), podOf("b")],
    neighbours: [],
    copies: new Map(),
    autoscalers: [],
    jobs: new Map(),
    jobPods: [],
    endpoints: new Map([
      ["ingest-green", more.coloured ?? ["a", "b"]],
      ["ingest", more.live ?? ["a", "b"]],
    ]),
    objects: new Map(),
  };
}

const health = suite("the health of a placement");

health("nothing is missing when all is up", () => {
  assert.equal(listMissing(seenOf({}), placement, 2), []);
});

const missing: [string, Parameters<typeof seenOf>[0], string][] = [
  [
    "the controller has not seen the change",
    { deployment: { observedGeneration: 2 } },
    "Deployment ingest-green: the controller has not seen generation 3 yet",
  ],
  ["another image", { deployment: { image: "x" } }, `Deployment ingest-green has the image x, not ${image}`],
  [
    "pods of before",
    { pods: [podOf("a"), podOf("b"), podOf("c", { image: "x" })] },
    "Deployment ingest-green: 1 pods still have another image",
  ],
  [
    "a pod that is not available",
    { deployment: { available: 1 } },
    "Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all",
  ],
  [
    "a pod too many",
    { deployment: { statusReplicas: 3 } },
    "Deployment ingest-green: 2 of 2 pods available, 2 updated, 3 in all",
  ],
  [
    "an old pod among them",
    { deployment: { updated: 1 } },
    "Deployment ingest-green: 2 of 2 pods available, 1 updated, 2 in all",
  ],
  [
    "the wrong scale",
    { deployment: { replicas: 1 } },
    "Deployment ingest-green: 2 of 2 pods available, 2 updated, 2 in all",
  ],
  ["an address that is not ready", { coloured: ["a"] }, "Service ingest-green: 1 of 2 addresses ready"],
];

for (const [name, change, said] of missing) {
  health(`is incomplete with ${name}`, () => {
    assert.equal(listMissing(seenOf(change), placement, 2), [said]);
  });
}

health("a Deployment that does not exist is missing", () => {
  assert.equal(listMissing({ ...seenOf({}), deployments: new Map() }, placement, 2), [
    "Deployment ingest-green does not exist",
  ]);
});

health("what else does not run in the ring is told beside what is missing", () => {
  const podOfKafka = (waiting: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kafka-0", resourceVersion: "1", labels: { "app.kubernetes.io/name": "kafka" } },
    spec: { containers: [{ name: "kafka", image: "kafka" }] },
    status: { containerStatuses: [{ restartCount: 0, state: waiting }] },
  });
  const pull = { waiting: { reason: "ErrImagePull", message: "no such image" } };
  assert.equal(listNeighbours(observe([podOfKafka(pull)])), ["beside it, pod kafka-0: ErrImagePull: no such image"]);
  assert.equal(listNeighbours(observe([podOfKafka({ running: {} })])), []);
});

health("pods fail when waiting does not mend them, and only pods of this release", () => {
  const failing = (more: Partial<PodSeen>) =>
    findFailures(seenOf({ pods: [podOf("a", more)] }), placement, POLICY).map(({ reason }) => reason);
  const trouble = (reason: string) => ({ reason, message: "" });
  for (const reason of ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerError"]) {
    assert.equal(failing({ trouble: trouble(reason) }), [reason]);
  }
  for (const reason of ["ContainerCreating", "ErrImagePull", "PodInitializing"])
    assert.equal(failing({ trouble: trouble(reason) }), []);
  assert.equal(failing({ trouble: trouble("CrashLoopBackOff"), restarts: 2 }), []);
  assert.equal(failing({ trouble: trouble("CrashLoopBackOff"), restarts: 3 }), ["CrashLoopBackOff"]);
  assert.equal(failing({ trouble: trouble("ImagePullBackOff"), image: "of the release before" }), []);
  assert.equal(failing({ trouble: trouble("ImagePullBackOff"), colour: "blue" }), []);
});

health("a Deployment that its controller has given up fails, unless that was about an earlier template", () => {
  const failing = (deployment: Partial<DeploymentSeen>) => findFailures(seenOf({ deployment }), placement, POLICY);
  assert.equal(failing({ stuck: "timed out" }), [
    {
      service: "ingest",
      deployment: "ingest-green",
      pod: undefined,
      reason: "ProgressDeadlineExceeded",
      message: "timed out",
    },
  ]);
  assert.equal(failing({ stuck: "timed out", observedGeneration: 2 }), []);
});

health("a Service is switched only with exactly the colour's selector", () => {
  const selector = { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" };
  const switched = (value: Record<string, string> | null) =>
    listUnswitched(seenOf({ selector: value }), placement).length === 0;
  assert.is(switched(selector), true);
  assert.is(switched(null), false);
  assert.is(switched({ ...selector, "slipway.dev/colour": "blue" }), false);
  assert.is(switched({ ...selector, app: "ingest" }), false);
  assert.is(switched({ "slipway.dev/colour": "green" }), false);
  assert.equal(listUnswitched({ ...seenOf({}), services: new Map() }, placement), ["ingest"]);
});

health("the traffic has settled when it reaches this colour's pods, and nobody else", () => {
  assert.equal(listUnsettled(seenOf({}), placement), []);
  assert.equal(listUnsettled(seenOf({ live: [] }), placement), ["Service ingest reaches no pod yet"]);
  assert.equal(listUnsettled(seenOf({ live: ["a", "old-1"] }), placement), ["Service ingest still reaches old-1"]);
});

const gate = suite("the gate of the bake");
const since = Date.UTC(2026, 0, 1);
const head = emptyHead(RING, since);
const { id } = placement.release;

function trafficOf(more: Partial<Traffic>): Evidence {
  return { traffic: { release: id, asked: {}, counted: {}, unread: [], ...more } };
}

function judge(change: Parameters<typeof seenOf>[0], evidence: Evidence = {}, rules: Partial<typeof POLICY.gate> = {}) {
  const policy = { ...POLICY, gate: { ...POLICY.gate, ...rules } };
  return judgeBake(head, placement, { seen: seenOf(change), policy, evidence });
}

gate("lets a healthy release be", () => {
  assert.is(judge({}), undefined);
  assert.is(judge({}, trafficOf({ counted: { ingest: { requests: 100, failures: 1 } } })), undefined);
});

gate("stops a release for each of its reasons", () => {
  assert.is(judge({ pods: [podOf("a", { restarts: 1 })] }), "pods of the new colour restarted 1 times, 0 are allowed");
  assert.is(judge({ pods: [podOf("a", { restarts: 1 })] }, {}, { maxRestarts: 1 }), undefined);
  assert.is(judge({ coloured: [] }), "no pod of the new colour is ready: ingest");
  assert.is(
    judge({ pods: [podOf("a", { trouble: { reason: "ImagePullBackOff", message: "gone" } })] }),
    "pods of the new colour fail:\n    pod a: ImagePullBackOff: gone",
  );
  assert.is(
    judge({}, trafficOf({ counted: { ingest: { requests: 100, failures: 2 } } })),
    "ingest: 2 of 100 requests failed (2.00 %), 1 % are allowed",
  );
  const probe = { release: id, atMs: since, ok: false, detail: "503" };
  assert.is(judge({}, { probe }), "the release does not answer as it should: 503");
});

gate("does not judge by another release's requests, or by a check of before", () => {
  const bad = { ingest: { requests: 100, failures: 100 } };
  assert.is(judge({}, trafficOf({ release: "r-other", counted: bad })), undefined);
  const check = { release: id, atMs: since, ok: true, detail: "" };
  assert.is(findCheck(check, head, placement), check);
  assert.is(findCheck({ ...check, atMs: since - 1 }, head, placement), undefined);
  assert.is(findCheck({ ...check, release: "r-other" }, head, placement), undefined);
  assert.is(findCheck(undefined, head, placement), undefined);
});

health.run();
gate.run();
