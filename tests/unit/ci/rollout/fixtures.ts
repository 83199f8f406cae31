import type { Evidence } from "../../../../ci/src/rollout/gate.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { type RingPolicy, ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { nameRelease, type Release } from "../../../../ci/src/rollout/release.ts";
import type { DeployRequest, Request } from "../../../../ci/src/rollout/request.ts";

export const RING = "canary";

export const POLICY: RingPolicy = ringPolicySchema.parse({ deadlineSeconds: 60, bakeSeconds: 20, crashLimit: 3 });

/** The same for a ring whose Deployments are changed in place. */
export const ROLLING: RingPolicy = { ...POLICY, strategy: "rolling" };

const NAMES = ["ingest", "processor", "dashboard"];
const JOB = "migrate";

/** Commit number `number`: a hash that says so. */
export function commitOf(number: number): string {
  return number.toString(16).padStart(40, "0");
}

/** What a release is made of: services, the last of them a worker, a job beside them, both, or workers alone. */
export type Shape = "services" | "worker" | "job" | "worker and job" | "workers";

/** The release of commit `number`, of the first `services` services. Digests tell the number and the service. */
export function releaseOf(number: number, services = 2, shape: Shape = "services"): Release {
  const names = NAMES.slice(0, services);
  const hasJob = shape === "job" || shape === "worker and job";
  const kindOf = (name: string) => {
    if (name === JOB) return { kind: "job" } as const;
    const isWorker = shape === "workers" || (shape.startsWith("worker") && name === names.at(-1));
    return isWorker ? ({ kind: "worker" } as const) : {};
  };
  return nameRelease({
    commit: commitOf(number),
    commitTime: new Date(Date.UTC(2025, 0, number)).toISOString(),
    author: "ada@example.org",
    services: Object.fromEntries(
      [...names, ...(hasJob ? [JOB] : [])].map((name, index) => [
        name,
        {
          name: `registry.example/${name}`,
          digest: `sha256:${(number * 16 + index).toString(16).padStart(64, "0")}`,
          ...kindOf(name),
        },
      ]),
    ),
  });
}

/** What both services' pods read besides, in a volume. */
const READS = { volumes: [{ name: "key", secret: { secretName: "key" } }] };

/** What pods read, and what the whole ring shares: all of it says which commit it is of. */
function settingsOf({ commit }: Release): KubeObject[] {
  const data = { commit };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: data },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "broker" }, data },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "kafka" },
      spec: {
        template: { spec: { containers: [{ name: "kafka", envFrom: [{ configMapRef: { name: "broker" } }] }] } },
      },
    },
  ];
}

/** What kustomize would print for a ring. */
export function manifestObjects(release: Release): KubeObject[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "product" }, automountServiceAccountToken: false },
    ...settingsOf(release),
    ...Object.entries(release.services).flatMap(([name, { kind }]): KubeObject[] => {
      if (kind === "job") return [jobObject(name)];
      return kind === "worker" ? [deploymentObject(name)] : [deploymentObject(name), serviceObject(name)];
    }),
  ];
}

function deploymentObject(name: string): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas: 7, selector: { matchLabels: { app: name } }, template: templateOf(name) },
  };
}

function serviceObject(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 8080, nodePort: 30_000 }] },
  };
}

function jobObject(name: string): KubeObject {
  const { metadata, spec } = templateOf(name);
  const template = { metadata, spec: { ...spec, restartPolicy: "Never" } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 0, template } };
}

function templateOf(name: string) {
  return {
    metadata: { labels: { app: name } },
    spec: {
      ...READS,
      initContainers: [{ name: "wait", image: name, envFrom: [{ configMapRef: { name: "settings" } }] }],
      containers: [
        {
          name,
          image: name,
          envFrom: [{ configMapRef: { name: "settings" } }],
          env: [
            { name: "SLIPWAY_COLOUR", value: "?" },
            { name: "A", value: "b" },
          ],
        },
      ],
    },
  };
}

/** The autoscaler of ingest, as manifests have it. */
export const AUTOSCALER: KubeObject = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "ingest" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ingest" },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
  },
};

/** A deploy of the release of commit `number` that brings an autoscaler for ingest. */
export function autoscaledDeployOf(release: Release): DeployRequest {
  return deployOf(release, { manifests: sortManifests([...manifestObjects(release), AUTOSCALER], release, RING) });
}

/** A deploy of the release of commit `number`, which contains all commits below. */
export function deployOf(release: Release, more: Partial<DeployRequest> = {}): DeployRequest {
  const number = Number.parseInt(release.commit, 16);
  return {
    verb: "deploy",
    release,
    manifests: sortManifests(manifestObjects(release), release, RING),
    ancestors: Array.from({ length: number }, (_, index) => commitOf(index + 1)),
    approvals: [],
    reason: "test",
    ...more,
  };
}

/** The same into a ring whose Deployments are changed in place. */
export function rollingDeployOf(release: Release, more: Partial<DeployRequest> = {}): DeployRequest {
  const manifests = sortManifests(manifestObjects(release), release, RING, {}, "rolling");
  return deployOf(release, { manifests, ...more });
}

/** What `kubectl apply` has made of a ring before Slipway came: the release of a commit, its images by a tag. */
export function foundObjects(release: Release): KubeObject[] {
  const jobs = Object.entries(release.services).flatMap(([name, { kind }]) => (kind === "job" ? [name] : []));
  return manifestObjects(release)
    .filter(({ kind, metadata }) => kind !== "Job" && !jobs.includes(metadata.name))
    .map((object) =>
      object.kind !== "Deployment"
        ? object
        : {
            ...object,
            metadata: { ...object.metadata, annotations: { "deployment.kubernetes.io/revision": "1" } },
            spec: { ...(object["spec"] as object), replicas: 3 },
          },
    );
}

export const ROLLBACK: Request = { verb: "rollback", reason: "it smells" };

/** What a release does when it is asked. Missing: everything is well. */
export interface Manners {
  readonly smoke?: "fails";
  readonly probe?: "fails";
  readonly bake?: "fails";
  /** Until then the counters of its pods cannot be read. */
  readonly unreadUntilMs?: number;
}

/** Evidence as the one who carries out steps would measure it. */
export function measure(what: string, release: Release, manners: Manners, nowMs: number): Evidence {
  const check = (ok: boolean) => ({ release: release.id, atMs: nowMs, ok, detail: ok ? "200" : "500" });
  switch (what) {
    case "smoke":
      return { smoke: check(manners.smoke !== "fails") };
    case "probe":
      return { probe: check(manners.probe !== "fails") };
    case "bake":
      return {
        traffic: {
          release: release.id,
          asked: { ingest: { requests: 40, failures: 0 } },
          counted: { ingest: { requests: 1000, failures: manners.bake === "fails" ? 500 : 1 } },
          unread: nowMs < (manners.unreadUntilMs ?? 0) ? ["counters of pod x: 404"] : [],
        },
      };
    default:
      return {};
  }
}
