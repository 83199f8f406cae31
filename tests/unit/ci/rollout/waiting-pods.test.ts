/** Why a pod does not come up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findFailures, listMissing } from "../../../../ci/src/rollout/health.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { POLICY } from "./fixtures.ts";
import { at, deploymentItem, init, notReady, own, placement, podItem, slice, T0, waiting } from "./pod-items.ts";
import { states } from "./pod-states.ts";

const reasons = suite("why a pod does not come up");

for (const [name, { status, spec, event }, said, when] of states) {
  reasons(`${name}: it is told, and given up ${when === "crash" ? "after some restarts" : when}`, () => {
    const pod = podItem("p", {
      status: { phase: "Pending", ...status },
      ...(spec === undefined ? {} : { spec: { ...podItem("p").spec, ...spec } }),
    });
    const warning = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "p.1", resourceVersion: "1", creationTimestamp: at(1) },
      involvedObject: { kind: "Pod", name: "p" },
      type: "Warning",
      reason: event?.[0],
      message: event?.[1],
      firstTimestamp: at(1),
      lastTimestamp: at(9),
    };
    const items = [
      deploymentItem({ availableReplicas: 1 }),
      slice,
      podItem("a"),
      pod,
      ...(event === undefined ? [] : [warning]),
    ];
    const seen = observe(items);
    assert.equal(listMissing(seen, placement, 2), [
      `Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all (p ${said})`,
    ]);
    const failing = (seconds: number, crashLimit: number = POLICY.crashLimit) =>
      findFailures(seen, placement, { ...POLICY, crashLimit }, { nowMs: T0 + seconds * 1000, sinceMs: T0 }).length > 0;
    assert.equal(
      { soon: failing(2), late: failing(50), manyRestarts: failing(2, 6) },
      {
        soon: when === "at once" || when === "crash",
        late: when !== "deadline",
        manyRestarts: when === "at once",
      },
    );
  });
}

reasons("what went well tells nothing: an init container that is done, and events that do not warn", () => {
  const done = init("one", { state: { terminated: { exitCode: 0, reason: "Completed" } } });
  const status = {
    phase: "Pending",
    conditions: [notReady],
    initContainerStatuses: [done],
    containerStatuses: own(waiting("ContainerCreating")),
  };
  const pulling = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "p.1", resourceVersion: "1" },
    involvedObject: { kind: "Pod", name: "p" },
    type: "Normal",
    reason: "Pulling",
    message: "Pulling image",
    lastTimestamp: at(9),
  };
  const seen = observe([
    deploymentItem({ availableReplicas: 1 }),
    slice,
    podItem("a"),
    podItem("p", { status }),
    pulling,
  ]);
  assert.equal(listMissing(seen, placement, 2), [
    "Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all (p ContainerCreating)",
  ]);
});

reasons("what may still be mended has the policy's patience, and at most half of the deadline", () => {
  const unschedulable = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: "full",
    lastTransitionTime: at(10),
  };
  const seen = observe([
    deploymentItem(),
    podItem("p", { status: { phase: "Pending", conditions: [unschedulable], containerStatuses: null } }),
  ]);
  const givenUpAt = (rules: object, sinceMs = T0) => {
    const policy = ringPolicySchema.parse(rules);
    const second = Array.from({ length: 400 }, (_, index) => index).find(
      (one) => findFailures(seen, placement, policy, { nowMs: T0 + one * 1000, sinceMs }).length > 0,
    );
    return second;
  };
  assert.is(givenUpAt({}), 70);
  assert.is(givenUpAt({ patienceSeconds: 20 }), 30);
  assert.is(givenUpAt({ patienceSeconds: 0 }), 10);
  assert.is(givenUpAt({ deadlineSeconds: 60, patienceSeconds: 600 }), 40);
  // Only time in which somebody waited counts.
  assert.is(givenUpAt({}, T0 + 100_000), 160);
  const [failure] = findFailures(seen, placement, ringPolicySchema.parse({}), { nowMs: T0 + 80_000, sinceMs: T0 });
  assert.is(failure?.message, "full (waited 60 seconds for it to be fixed)");
});
reasons.run();
