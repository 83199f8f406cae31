/** What an API server may leave out of an object, and objects that are not Slipway's. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlipwayError } from "../../../../ci/src/account.ts";
import { readHead } from "../../../../ci/src/rollout/head.ts";
import { findFailures, listMissing } from "../../../../ci/src/rollout/health.ts";
import { readEvent } from "../../../../ci/src/rollout/ledger.ts";
import { findColourIn } from "../../../../ci/src/rollout/names.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { readEarlier, readEarlierText } from "../../../../ci/src/rollout/rolling/earlier.ts";
import { POLICY } from "./fixtures.ts";
import { at, deploymentItem, type Fields, placement, podItem, slice, T0 } from "./pod-items.ts";

const sparse = suite("objects with as little as an API server may send");

const object = (kind: string, name: string, more: Fields = {}, meta: Fields = {}) => ({
  kind,
  metadata: { name, resourceVersion: "1", ...meta },
  ...more,
});

sparse("a lease that nobody has held yet is held since the beginning of time, by nobody", () => {
  assert.equal(observe([object("Lease", "slipway-deploy", { spec: {} })]).lease, {
    holder: "",
    epoch: 0,
    acquiredAtMs: 0,
    renewedAtMs: 0,
    seconds: 0,
    resourceVersion: "1",
  });
});

sparse("addresses without a pod are told as they are, and those of no Service are left out", () => {
  const { endpoints } = observe([
    { ...slice, endpoints: [{ addresses: ["192.0.2.1", "192.0.2.2"] }, { targetRef: { name: "a" } }] },
    {
      ...slice,
      metadata: { name: "empty-1", resourceVersion: "1", labels: { "kubernetes.io/service-name": "empty" } },
      endpoints: null,
    },
    { ...slice, metadata: { name: "nobodys-1", resourceVersion: "1" } },
  ]);
  assert.equal(
    [...endpoints],
    [
      ["ingest-green", ["192.0.2.1,192.0.2.2", "a"]],
      ["empty", []],
    ],
  );
});

sparse("an autoscaler of something else than a Deployment is nobody's rival", () => {
  const spec = { maxReplicas: 3, scaleTargetRef: { kind: "StatefulSet", name: "ingest-green" } };
  assert.equal(observe([object("HorizontalPodAutoscaler", "kafka", { spec })]).autoscalers, []);
});

sparse("an object that is not as Kubernetes writes it is told with its fields", () => {
  assert.throws(
    () => observe([object("Lease", "slipway-deploy", { spec: { leaseTransitions: "many" } })]),
    (error: unknown) =>
      error instanceof SlipwayError &&
      error.message.includes(
        "the cluster shows something unexpected: spec.leaseTransitions: Invalid input: expected number, received string",
      ) &&
      error.message.includes("where: Lease slipway-deploy"),
  );
});

const about = { kind: "Pod", name: "a" };
const notReady = { conditions: [{ type: "Ready", status: "False" }], containerStatuses: [] };
const warning = (more: Fields, name = "e") =>
  object("Event", name, { type: "Warning", involvedObject: about, ...more }, { creationTimestamp: at(1) });

const SHORT = "Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all";

/** Events about one pod, and what is told of it. */
const events: readonly (readonly [name: string, items: readonly Fields[], told: string])[] = [
  ["without words", [warning({})], `${SHORT} (a not ready)`],
  ["with words alone", [warning({ message: "the node is full" })], `${SHORT} (a the node is full)`],
  ["with a reason alone", [warning({ reason: "Evicted" })], `${SHORT} (a Evicted)`],
  [
    "of which the later one counts, whichever time it has",
    [
      warning({ reason: "FailedMount", message: "later", series: { lastObservedTime: at(9) } }),
      warning({ reason: "FailedMount", message: "earlier", eventTime: at(5) }, "f"),
    ],
    `${SHORT} (a FailedMount: later)`,
  ],
];

for (const [name, items, told] of events) {
  sparse(`a pod is told by events ${name}`, () => {
    const seen = observe([
      deploymentItem({ availableReplicas: 1 }),
      slice,
      podItem("a", { status: notReady }),
      ...items,
    ]);
    assert.equal(listMissing(seen, placement, 2), [told]);
  });
}

sparse("a container that waits without a message is told by its reason", () => {
  const status = {
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      {
        name: "ingest",
        ready: false,
        restartCount: 4,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 1 } },
      },
    ],
  };
  const seen = observe([deploymentItem(), slice, podItem("a", { status })]);
  assert.equal(
    findFailures(seen, placement, POLICY, { nowMs: T0 + 60_000, sinceMs: T0 }).map(
      ({ reason, message }) => `${reason}: ${message}`,
    ),
    ["CrashLoopBackOff: it ended with exit code 1"],
  );
});

/** Objects of a colour that is not up, and what is told of it. */
const colours: readonly (readonly [name: string, items: readonly Fields[], told: string])[] = [
  [
    "whose Deployment fails without a reason",
    [deploymentItem({ availableReplicas: 1, conditions: [{ type: "ReplicaFailure", status: "True" }] })],
    `${SHORT} (ReplicaFailure)`,
  ],
  [
    "whose Deployment is late without a message",
    [
      deploymentItem({
        availableReplicas: 1,
        conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
      }),
    ],
    SHORT,
  ],
  [
    "whose container waits without a message",
    [
      deploymentItem({ availableReplicas: 1 }),
      podItem("a", {
        status: {
          ...notReady,
          containerStatuses: [
            { name: "ingest", ready: false, restartCount: 0, state: { waiting: { reason: "ErrImagePull" } } },
          ],
        },
      }),
    ],
    `${SHORT} (a ErrImagePull)`,
  ],
];

for (const [name, items, told] of colours) {
  sparse(`a colour is told ${name}`, () => {
    assert.equal(listMissing(observe([...items, slice]), placement, 2), [told]);
  });
}

sparse("a colour whose Service has no addresses yet is not up", () => {
  const seen = observe([deploymentItem(), podItem("a"), podItem("b")]);
  assert.equal(listMissing(seen, placement, 2), ["Service ingest-green: 0 of 2 addresses ready"]);
});

sparse("a pod without a container of the service runs no image of it", () => {
  const spec = { containers: [{ name: "other", image: "registry.example.org/other:1" }] };
  assert.is(observe([podItem("a", { spec })]).pods[0]?.image, undefined);
});

sparse("a record that is not there is refused as one that cannot be read", () => {
  assert.throws(() => readHead(undefined), /the ring's record cannot be read: /);
  assert.throws(() => readEvent("slipway-evt-00000001", undefined), /this is not an event: /);
  assert.is(readEarlierText(undefined), undefined);
});

sparse("a Deployment without notes and fields is kept as one without", () => {
  const plain = { kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "web" } };
  assert.equal(readEarlier(plain), { deployment: "web", hadPods: true, spec: {}, notes: {} });
});

sparse("a service that a release does not have is a mistake of the program, and is said", () => {
  const { release } = placement;
  assert.throws(() => referTo(release, "web"), `release ${release.id} has no service web`);
  assert.throws(() => findColourIn(placement, "web"), `the record of ${release.id} has no colour for web`);
});

sparse.run();
