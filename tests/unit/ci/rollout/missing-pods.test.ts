/** Why pods are not made. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findFailures, listMissing } from "../../../../ci/src/rollout/health.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { POLICY } from "./fixtures.ts";
import { at, deploymentItem, type Fields, image, placement, T0 } from "./pod-items.ts";

const makers = suite("why pods are not made");

const quota =
  'pods "ingest-green-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2';
const failure = {
  type: "ReplicaFailure",
  status: "True",
  reason: "FailedCreate",
  message: quota,
  lastTransitionTime: at(1),
};
const none = { replicas: 0, updatedReplicas: 0, availableReplicas: 0 };
const set = (more: Fields = {}) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: {
    name: "ingest-green-7",
    resourceVersion: "1",
    annotations: { "deployment.kubernetes.io/revision": "4" },
    ownerReferences: [{ kind: "Deployment", name: "ingest-green" }],
  },
  ...more,
});
const revision = { annotations: { "deployment.kubernetes.io/revision": "4" } };
const setEvent = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e", resourceVersion: "1" },
  involvedObject: { kind: "ReplicaSet", name: "ingest-green-7" },
  type: "Warning",
  reason: "FailedCreate",
  message: `Error creating: ${quota}`,
  eventTime: at(1),
};

const refusals: [string, readonly unknown[], string, boolean][] = [
  ["a quota is full", [deploymentItem({ ...none, conditions: [failure] })], `FailedCreate: ${quota}`, true],
  [
    "only the ReplicaSet says that a quota is full",
    [deploymentItem(none, { meta: revision }), set({ status: { conditions: [failure] } })],
    `FailedCreate: ${quota}`,
    true,
  ],
  [
    "only an event says that a quota is full",
    [deploymentItem(none, { meta: revision }), set(), setEvent],
    `FailedCreate: Error creating: ${quota}`,
    true,
  ],
  [
    "not even the ReplicaSet can be made",
    [
      deploymentItem({
        ...none,
        conditions: [
          {
            type: "Progressing",
            status: "False",
            reason: "ReplicaSetCreateError",
            message: 'replicasets.apps "x" is forbidden: exceeded quota',
          },
        ],
      }),
    ],
    'ReplicaSetCreateError: replicasets.apps "x" is forbidden: exceeded quota',
    true,
  ],
  [
    "a webhook does not let them in",
    [
      deploymentItem({
        ...none,
        conditions: [{ ...failure, message: 'admission webhook "p.example" denied the request: no' }],
      }),
    ],
    'FailedCreate: admission webhook "p.example" denied the request: no',
    true,
  ],
  [
    "the Deployment is paused",
    [
      deploymentItem(none, {
        spec: { replicas: 2, paused: true, template: { spec: { containers: [{ name: "ingest", image }] } } },
      }),
    ],
    "DeploymentPaused: its controller creates no pods until it is resumed",
    true,
  ],
  [
    "there was a refusal, and it is over",
    [deploymentItem({ ...none, conditions: [{ ...failure, status: "False" }] })],
    "",
    false,
  ],
];

for (const [name, items, said, ends] of refusals) {
  makers(`${name}: it is told${ends ? ", and given up when the policy's patience is over" : " no more"}`, () => {
    const seen = observe(items);
    assert.equal(listMissing(seen, placement, 2), [
      `Deployment ingest-green: 0 of 2 pods available, 0 updated, 0 in all${said === "" ? "" : ` (${said})`}`,
    ]);
    const watched = (seconds: number) => ({ nowMs: T0 + seconds * 1000, sinceMs: T0 });
    assert.equal(findFailures(seen, placement, POLICY, watched(20)), []);
    const late = findFailures(seen, placement, POLICY, watched(32)).map((one) => `${one.reason}: ${one.message}`);
    assert.equal(late, ends ? [`${said} (waited 30 seconds for it to be fixed)`] : []);
  });
}

makers("the controller's own deadline comes with the reason for it", () => {
  const late = {
    type: "Progressing",
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: 'ReplicaSet "ingest-green-7" has timed out progressing.',
  };
  const seen = observe([deploymentItem({ ...none, conditions: [failure, late] })]);
  assert.equal(
    findFailures(seen, placement, POLICY).map(({ reason }) => reason),
    ["FailedCreate", "ProgressDeadlineExceeded"],
  );
  const old = observe([deploymentItem({ ...none, observedGeneration: 2, conditions: [failure, late] })]);
  assert.equal(findFailures(old, placement, POLICY, { nowMs: T0 + 1e6, sinceMs: T0 }), []);
});
makers.run();
