/** Pods as an API server shows them. */
import type { Placement } from "../../../../ci/src/rollout/head.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { releaseOf } from "./fixtures.ts";

export const placement: Placement = { release: releaseOf(2, 1), colours: { ingest: "green" }, verified: false };
export const image = referTo(placement.release, "ingest");
export const digest = image.split("@")[1] ?? "";
export const other = `sha256:${"e".repeat(64)}`;
export const T0 = Date.UTC(2026, 0, 1);
export const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

export type Fields = Record<string, unknown>;

export const running = { ready: true, restartCount: 0, state: { running: {} } };

export function podItem(
  name: string,
  more: { readonly meta?: Fields; readonly spec?: Fields; readonly status?: Fields } = {},
) {
  const labels = {
    "app.kubernetes.io/name": "ingest",
    "slipway.dev/colour": "green",
    "slipway.dev/release": placement.release.id,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, resourceVersion: "1", creationTimestamp: at(0), labels, ...more.meta },
    spec: { containers: [{ name: "ingest", image }], ...more.spec },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: "ingest", ...running }],
      ...more.status,
    },
  };
}

export function deploymentItem(status: Fields = {}, more: { readonly spec?: Fields; readonly meta?: Fields } = {}) {
  const labels = { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "ingest-green", resourceVersion: "1", generation: 3, labels, ...more.meta },
    spec: { replicas: 2, template: { spec: { containers: [{ name: "ingest", image }] } }, ...more.spec },
    status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  };
}

export const slice = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: "ingest-green-1",
    resourceVersion: "1",
    labels: { "kubernetes.io/service-name": "ingest-green" },
  },
  endpoints: [{ targetRef: { name: "a" } }, { targetRef: { name: "b" } }],
};

export const up = [deploymentItem(), slice, podItem("a"), podItem("b")];

export const notReady = {
  type: "Ready",
  status: "False",
  reason: "ContainersNotReady",
  message: "containers with unready status: [ingest]",
};
export const started = { type: "PodReadyToStartContainers", status: "True" };
export const waiting = (reason: string, message = "") => ({ state: { waiting: { reason, message } } });
export const own = (more: Fields) => [{ name: "ingest", restartCount: 0, ...more }];
export const init = (name: string, more: Fields) => ({ name, restartCount: 0, ...more });
export const initialising = own(waiting("PodInitializing"));
