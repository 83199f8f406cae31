/** This repository's own manifests as a ring to check, and how a test plants something into it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { readManifests } from "../../../../ci/src/manifests/read.ts";
import type { Problem, RingToCheck } from "../../../../ci/src/manifests/rules.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";

const BASE = "manifests/base";

export const services = {
  ingest: { port: 8080, needs: ["kafka"] },
  processor: { port: 8080, needs: ["kafka"] },
  dashboard: { port: 8080, needs: ["kafka", "ingest"] },
};

/** This repository's own manifests as the ring `canary` has them: what kustomize adds here is the namespace. */
export const own = readOwn();

function readOwn(): RingToCheck {
  const text = readdirSync(BASE)
    .filter((name) => name !== "kustomization.yaml")
    .map((name) => readFileSync(join(BASE, name), "utf8"))
    .join("\n---\n");
  const objects = readManifests(text, "canary", {
    namespace: "canary",
    manifests: { path: "manifests/canary", kind: "kustomize" },
  }).map((object) => ({
    ...object,
    metadata: { ...object.metadata, namespace: "canary" },
  }));
  return {
    ring: "canary",
    namespace: "canary",
    objects,
    services,
    deployments: {},
    replicas: 2,
    idleReplicas: 0,
    level: "restricted",
  };
}

/** A ring to plant something into. */
export function readRing(): RingToCheck {
  return structuredClone(own);
}

/** The ring with one field of one object set, or taken out; the path's numbers are places in lists. */
export function set(title: string, path: string, value?: unknown): RingToCheck {
  const ring = readRing();
  const object = ring.objects.find(({ kind, metadata }) => title === `${kind} ${metadata.name}`);
  assert.ok(object !== undefined, `no ${title}`);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at: unknown = object;
  for (const key of keys) at = fields(at)[key] ??= {};
  if (value === undefined) {
    assert.ok(last in fields(at), `${title} has no ${path}`);
    delete fields(at)[last];
  } else fields(at)[last] = value;
  return ring;
}

export interface Container {
  readonly name: string;
  readonly image: string;
}

/** The specification of a workload's pods, to be changed. */
export function podSpecIn({ objects }: RingToCheck, title: string) {
  const object = objects.find(({ kind, metadata }) => title === `${kind} ${metadata.name}`);
  assert.ok(object !== undefined, `no ${title}`);
  const { template } = object["spec"] as { template: { spec: Record<"containers" | "initContainers", Container[]> } };
  return template.spec;
}

export function fields(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null);
  return value as Record<string, unknown>;
}

export function add(object: Record<string, unknown>, name: string): RingToCheck {
  const ring = readRing();
  const added = { ...object, metadata: { name, namespace: "canary" } } as unknown as KubeObject;
  return { ...ring, objects: [...ring.objects, added] };
}

export function remove(title: string): RingToCheck {
  const ring = readRing();
  const objects = ring.objects.filter(({ kind, metadata }) => title !== `${kind} ${metadata.name}`);
  assert.is(objects.length, ring.objects.length - 1);
  return { ...ring, objects };
}

export const POD = "spec.template.spec";
export const CONTAINER = `${POD}.containers.0`;
export const NAMED = "spec.template.spec.containers[ingest]";
export const ingest = "Deployment ingest";
export const kafka = "StatefulSet kafka";

/** A workload that breaks no rule but those about policies: the pods of Kafka under another name. */
export function cache(kind: string, apiVersion: string, change: Record<string, unknown> = {}): RingToCheck {
  const broker = readRing().objects.find((object) => object.kind === "StatefulSet");
  const spec = fields(broker?.["spec"]);
  const labels = { matchLabels: { "app.kubernetes.io/name": "cache" } };
  fields(fields(spec["template"])["metadata"])["labels"] = labels.matchLabels;
  spec["selector"] = labels;
  return add({ apiVersion, kind, spec: { ...spec, ...change } }, "cache");
}

/** The ring with the pods of ingest as a worker: no Service, no port that answers, no probe. */
export function withWorker(change: Record<string, unknown> = {}): RingToCheck {
  const ring = copyOfIngest("Deployment", "apps/v1", { selector: { matchLabels: WORKS }, ...change });
  const of = (colour: string) => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: `worker-${colour}`, namespace: "canary" },
    spec: { minAvailable: 1, selector: { matchLabels: { ...WORKS, "slipway.dev/colour": colour } } },
  });
  return {
    ...ring,
    objects: [...ring.objects, of("blue"), of("green")],
    services: { ...services, worker: { kind: "worker", needs: ["kafka"] } },
  };
}

/** The ring with a job that has the pods of ingest. */
export function withJob(change: Record<string, unknown> = {}): RingToCheck {
  const ring = copyOfIngest("Job", "batch/v1", change);
  return { ...ring, services: { ...services, worker: { kind: "job", needs: ["kafka"] } } };
}

const WORKS = { "app.kubernetes.io/name": "worker" };

function copyOfIngest(kind: string, apiVersion: string, change: Record<string, unknown>): RingToCheck {
  const { template } = fields(readRing().objects.find((object) => object.kind === "Deployment")?.["spec"]);
  const podSpec = fields(fields(template)["spec"]);
  const {
    startupProbe: _,
    readinessProbe: __,
    livenessProbe: ___,
    lifecycle: ____,
    ...container
  } = fields(fields(podSpec["containers"])[0]);
  const { topologySpreadConstraints: _____, ...rest } = podSpec;
  const image = `worker@sha256:${"0".repeat(64)}`;
  const spec = { ...rest, containers: [{ ...container, name: "worker", image }] };
  const added = {
    apiVersion,
    kind,
    metadata: { name: "worker", namespace: "canary" },
    spec: { minReadySeconds: 10, template: { metadata: { labels: WORKS }, spec }, ...change },
  };
  const ring = readRing();
  // Whoever lets ingest reach Kafka lets the worker, too.
  const policies = ring.objects
    .filter(({ kind, metadata }) => kind === "NetworkPolicy" && /ingest|kafka/.test(metadata.name))
    .map((object) => JSON.parse(JSON.stringify(object).replaceAll('"ingest"', '"worker"')) as KubeObject)
    .map((object) => ({ ...object, metadata: { ...object.metadata, name: `of-worker-${object.metadata.name}` } }));
  return { ...ring, objects: [...ring.objects, added, ...policies] };
}

/** A violation, and all that is to be said of it. */
export type Planted = readonly [name: string, ring: () => RingToCheck, problem: Problem];
