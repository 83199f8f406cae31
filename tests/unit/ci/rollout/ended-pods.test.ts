/** Pods that have ended and still lie there count for nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  countRestarts,
  findFailures,
  listMissing,
  listNeighbours,
  listShort,
} from "../../../../ci/src/rollout/health.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { POLICY } from "./fixtures.ts";
import { at, deploymentItem, digest, type Fields, other, placement, podItem, slice, T0, up } from "./pod-items.ts";

const dead = suite("a pod that has ended");

/** Everything by which Kubernetes leaves a pod lying there. */
const ends: [string, Fields, string][] = [
  [
    "was evicted",
    { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
    "Evicted: The node was low on resource: memory.",
  ],
  [
    "was evicted, of which the API says no reason",
    {
      phase: "Failed",
      containerStatuses: [
        { name: "ingest", restartCount: 7, state: { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } } },
      ],
    },
    "Failed: it ended with exit code 137 (ContainerStatusUnknown)",
  ],
  [
    "was evicted by the API",
    {
      phase: "Failed",
      conditions: [
        {
          type: "DisruptionTarget",
          status: "True",
          reason: "EvictionByEvictionAPI",
          message: "Eviction API: evicting",
        },
      ],
    },
    "EvictionByEvictionAPI: Eviction API: evicting",
  ],
  [
    "ended with success",
    { phase: "Succeeded", conditions: [{ type: "Ready", status: "False", reason: "PodCompleted" }] },
    "Succeeded",
  ],
  [
    "found no processor on its node",
    { phase: "Failed", reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource: cpu" },
    "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu",
  ],
  ["found no memory on its node", { phase: "Failed", reason: "OutOfmemory" }, "OutOfmemory"],
  [
    "was not meant for its node",
    { phase: "Failed", reason: "NodeAffinity", message: "Predicate NodeAffinity failed" },
    "NodeAffinity: Predicate NodeAffinity failed",
  ],
  [
    "was on a node that was shut down",
    { phase: "Failed", reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." },
    "Terminated: Pod was terminated in response to imminent node shutdown.",
  ],
  ["was on a node that shut down long ago", { phase: "Failed", reason: "NodeShutdown" }, "NodeShutdown"],
  ["made room for a more important one", { phase: "Failed", reason: "Preempting" }, "Preempting"],
  [
    "was not let in by the kubelet",
    { phase: "Failed", reason: "UnexpectedAdmissionError", message: "Allocate failed" },
    "UnexpectedAdmissionError: Allocate failed",
  ],
  [
    "is on a node that the cluster has lost",
    { phase: "Unknown", reason: "NodeLost", message: "Node n1 which was running pod is unresponsive" },
    "NodeLost: Node n1 which was running pod is unresponsive",
  ],
];

for (const [name, status, said] of ends) {
  for (const which of [digest, other]) {
    dead(`because it ${name} is left out, ${which === other ? "of another release" : "of this one"}`, () => {
      const restarted = { containerStatuses: [{ name: "ingest", restartCount: 7, state: {} }] };
      const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${which}` }] };
      const gone = podItem("gone", { status: { ...restarted, conditions: [], ...status }, spec });
      const seen = observe([...up, gone]);
      assert.equal(listMissing(seen, placement, 2), []);
      assert.equal(listShort(seen, placement, 2), []);
      assert.is(countRestarts(seen, placement), 0);
      assert.equal(findFailures(seen, placement, POLICY, { nowMs: T0 + 1e9, sinceMs: T0 - 1 }), []);
      const short = observe([deploymentItem({ availableReplicas: 1 }), slice, podItem("a"), gone]);
      const why = which === other ? "" : ` (gone ended: ${said})`;
      assert.equal(listMissing(short, placement, 2), [
        `Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all${why}`,
      ]);
    });
  }
}

dead("and one that is on its way out are not missed, whatever they run", () => {
  const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${other}` }] };
  const leaving = podItem("leaving", { spec, meta: { deletionTimestamp: at(5) } });
  assert.equal(listMissing(observe([...up, leaving]), placement, 2), []);
});

dead("while one of another release that lives is told, because it would get requests", () => {
  const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${other}` }] };
  const seen = observe([...up, podItem("stray", { spec })]);
  assert.equal(listMissing(seen, placement, 2), ["Deployment ingest-green: 1 pods still have another image"]);
  assert.equal(listShort(seen, placement, 2), []);
});

dead("again and again ends the candidate, told with its reason", () => {
  const refused = Array.from({ length: POLICY.crashLimit }, (_, index) =>
    podItem(`r${index}`, {
      meta: { creationTimestamp: at(10 + index) },
      status: { phase: "Failed", reason: "OutOfcpu", message: "no cpu", containerStatuses: null, conditions: null },
    }),
  );
  const seen = observe([deploymentItem({ availableReplicas: 0 }), ...refused]);
  const watched = { nowMs: T0 + 20_000, sinceMs: T0 };
  assert.equal(findFailures(seen, placement, POLICY, watched), [
    {
      service: "ingest",
      deployment: "ingest-green",
      pod: "r2",
      reason: "OutOfcpu",
      message: "no cpu; 3 pods have ended like this",
    },
  ]);
  assert.equal(findFailures(seen, placement, POLICY, { ...watched, sinceMs: T0 + 11_000 }), []);
});

dead("beside the services is nobody's trouble", () => {
  const beside = {
    meta: { labels: {} },
    status: {
      phase: "Failed",
      conditions: [],
      containerStatuses: [{ restartCount: 0, state: { waiting: { reason: "ContainerCreating" } } }],
    },
  };
  assert.equal(listNeighbours(observe([podItem("job", beside)])), []);
});

dead.run();
