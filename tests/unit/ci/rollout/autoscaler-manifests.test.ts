/** The autoscalers of manifests, and those that are refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findColourAutoscaler, sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { specOf, withSpec } from "./autoscaler-fields.ts";
import { AUTOSCALER, manifestObjects, RING, releaseOf } from "./fixtures.ts";

const rendered = suite("the autoscalers of manifests");

function sorted(...objects: KubeObject[]) {
  const release = releaseOf(1);
  return sortManifests([...manifestObjects(release), ...objects], release, RING);
}

rendered("become one of each colour, for the colour's Deployment, that removes no pods yet", () => {
  const manifests = sorted(AUTOSCALER);
  assert.not(manifests.base.some(({ kind }) => kind === "HorizontalPodAutoscaler"));
  const made = findColourAutoscaler(manifests, { ring: RING, service: "ingest", colour: "green" });
  assert.is(made?.metadata.name, "ingest-green");
  assert.equal(made?.metadata.labels, {
    "app.kubernetes.io/name": "ingest",
    "slipway.dev/colour": "green",
    "slipway.dev/ring": RING,
  });
  assert.equal(specOf(made), {
    ...specOf(AUTOSCALER),
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ingest-green" },
    behavior: { scaleDown: { selectPolicy: "Disabled" } },
  });
  assert.is(made?.metadata.annotations?.["slipway.dev/held"], "Max");
  assert.is(findColourAutoscaler(manifests, { ring: RING, service: "processor", colour: "green" }), undefined);
});

rendered("keep how they scale, and note how they chose what to take away", () => {
  const behavior = {
    scaleUp: { stabilizationWindowSeconds: 0 },
    scaleDown: { selectPolicy: "Min", stabilizationWindowSeconds: 60 },
  };
  const made = findColourAutoscaler(sorted(withSpec({ behavior })), { ring: RING, service: "ingest", colour: "blue" });
  assert.equal(specOf(made)["behavior"], {
    ...behavior,
    scaleDown: { selectPolicy: "Disabled", stabilizationWindowSeconds: 60 },
  });
  assert.is(made?.metadata.annotations?.["slipway.dev/held"], "Min");
});

for (const [percent, expected] of [
  [undefined, 80],
  [65, 65],
] as const) {
  rendered(`of the older version measure the processors as they did: ${percent ?? "the default"}`, () => {
    const { metrics: _, ...spec } = specOf(AUTOSCALER);
    const old = {
      ...AUTOSCALER,
      apiVersion: "autoscaling/v1",
      spec: { ...spec, ...(percent === undefined ? {} : { targetCPUUtilizationPercentage: percent }) },
    };
    const made = findColourAutoscaler(sorted(old), { ring: RING, service: "ingest", colour: "blue" });
    assert.is(made?.apiVersion, "autoscaling/v2");
    const target = { type: "Utilization", averageUtilization: expected };
    assert.equal(specOf(made)["metrics"], [{ type: "Resource", resource: { name: "cpu", target } }]);
    assert.not("targetCPUUtilizationPercentage" in specOf(made));
  });
}

rendered("of a broker are the ring's, as they are", () => {
  const broker = withSpec({ scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "kafka" } });
  const namesake = withSpec(
    { scaleTargetRef: { kind: "StatefulSet", name: "ingest" } },
    { metadata: { name: "other" } },
  );
  const { base, autoscalers } = sorted(broker, namesake);
  assert.equal(autoscalers, {});
  assert.is(base.filter(({ kind }) => kind === "HorizontalPodAutoscaler").length, 2);
});

const REFUSED: readonly (readonly [string, readonly KubeObject[], string])[] = [
  [
    "KEDA's",
    [
      {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name: "queue" },
        spec: { scaleTargetRef: { name: "ingest" } },
      },
    ],
    "ScaledObject queue is about Deployment ingest, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
  ],
  [
    "KEDA's for a colour",
    [
      {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name: "queue" },
        spec: { scaleTargetRef: { kind: "Deployment", name: "ingest-green" } },
      },
    ],
    "ScaledObject queue is about Deployment ingest-green, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
  ],
  [
    "a vertical one",
    [
      {
        apiVersion: "autoscaling.k8s.io/v1",
        kind: "VerticalPodAutoscaler",
        metadata: { name: "sizes" },
        spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ingest" } },
      },
    ],
    "VerticalPodAutoscaler sizes is about Deployment ingest, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
  ],
  [
    "another controller's",
    [
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Rollout",
        metadata: { name: "roll" },
        spec: { workloadRef: { kind: "Deployment", name: "ingest" } },
      },
    ],
    "Rollout roll is about Deployment ingest, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
  ],
  [
    "one of a version that is gone",
    [{ ...AUTOSCALER, apiVersion: "autoscaling/v2beta2" }],
    "HorizontalPodAutoscaler ingest is about Deployment ingest, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
  ],
  [
    "one for a colour",
    [withSpec({ scaleTargetRef: { kind: "Deployment", name: "ingest-blue" } })],
    "HorizontalPodAutoscaler ingest is about Deployment ingest-blue: name ingest, and each colour gets its own",
  ],
  [
    "two for one service",
    [AUTOSCALER, { ...AUTOSCALER, metadata: { name: "second" } }],
    "HorizontalPodAutoscaler second is about Deployment ingest, as is ingest: two would fight",
  ],
  [
    "no pods at the least",
    [withSpec({ minReplicas: 0 })],
    "HorizontalPodAutoscaler ingest needs minReplicas and maxReplicas as whole numbers from 1; with 0 the pods of an idle colour would be started again",
  ],
  [
    "no most",
    [withSpec({ maxReplicas: undefined })],
    "HorizontalPodAutoscaler ingest needs minReplicas and maxReplicas as whole numbers from 1; with 0 the pods of an idle colour would be started again",
  ],
  [
    "a least above the most",
    [withSpec({ minReplicas: 7 })],
    "HorizontalPodAutoscaler ingest has minReplicas above maxReplicas",
  ],
  [
    "a name that is Slipway's",
    [
      AUTOSCALER,
      withSpec({ scaleTargetRef: { kind: "StatefulSet", name: "kafka" } }, { metadata: { name: "ingest-green" } }),
    ],
    "HorizontalPodAutoscaler ingest-green is a name that Slipway itself uses",
  ],
];

for (const [name, objects, problem] of REFUSED) {
  rendered(`are refused by name: ${name}`, () => {
    try {
      sorted(...objects);
      assert.unreachable();
    } catch (error) {
      assert.is(
        (error as Error).message.split("\n").slice(0, 2).join("\n"),
        `the manifests do not fit the release [bad-manifest]:\n  ${problem}`,
      );
    }
  });
}

rendered.run();
