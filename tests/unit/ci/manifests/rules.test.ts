import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USER } from "../../../../ci/src/languages/prepare.ts";
import { readManifests } from "../../../../ci/src/manifests/read.ts";
import { selects } from "../../../../ci/src/manifests/rules/selector.ts";
import { findProblems, type Problem, type RingToCheck, ruleNames } from "../../../../ci/src/manifests/rules.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { nameRelease } from "../../../../ci/src/rollout/release.ts";

const BASE = "manifests/base";

const services = {
  ingest: { port: 8080, needs: ["kafka"] },
  processor: { port: 8080, needs: ["kafka"] },
  dashboard: { port: 8080, needs: ["kafka", "ingest"] },
};

/** This repository's own manifests as the ring `canary` has them: what kustomize adds here is the namespace. */
const own = readOwn();

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
function readRing(): RingToCheck {
  return structuredClone(own);
}

/** The ring with one field of one object set, or taken out; the path's numbers are places in lists. */
function set(title: string, path: string, value?: unknown): RingToCheck {
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

interface Container {
  readonly name: string;
  readonly image: string;
}

/** The specification of a workload's pods, to be changed. */
function podSpecIn({ objects }: RingToCheck, title: string) {
  const object = objects.find(({ kind, metadata }) => title === `${kind} ${metadata.name}`);
  assert.ok(object !== undefined, `no ${title}`);
  const { template } = object["spec"] as { template: { spec: Record<"containers" | "initContainers", Container[]> } };
  return template.spec;
}

function fields(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null);
  return value as Record<string, unknown>;
}

function add(object: Record<string, unknown>, name: string): RingToCheck {
  const ring = readRing();
  const added = { ...object, metadata: { name, namespace: "canary" } } as unknown as KubeObject;
  return { ...ring, objects: [...ring.objects, added] };
}

function remove(title: string): RingToCheck {
  const ring = readRing();
  const objects = ring.objects.filter(({ kind, metadata }) => title !== `${kind} ${metadata.name}`);
  assert.is(objects.length, ring.objects.length - 1);
  return { ...ring, objects };
}

const POD = "spec.template.spec";
const CONTAINER = `${POD}.containers.0`;
const NAMED = "spec.template.spec.containers[ingest]";
const ingest = "Deployment ingest";
const kafka = "StatefulSet kafka";

/** A workload that breaks no rule but those about policies: the pods of Kafka under another name. */
function cache(kind: string, apiVersion: string, change: Record<string, unknown> = {}): RingToCheck {
  const broker = readRing().objects.find((object) => object.kind === "StatefulSet");
  const spec = fields(broker?.["spec"]);
  const labels = { matchLabels: { "app.kubernetes.io/name": "cache" } };
  fields(fields(spec["template"])["metadata"])["labels"] = labels.matchLabels;
  spec["selector"] = labels;
  return add({ apiVersion, kind, spec: { ...spec, ...change } }, "cache");
}

/** The ring with the pods of ingest as a worker: no Service, no port that answers, no probe. */
function withWorker(change: Record<string, unknown> = {}): RingToCheck {
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
function withJob(change: Record<string, unknown> = {}): RingToCheck {
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
type Planted = readonly [name: string, ring: () => RingToCheck, problem: Problem];

const planted: readonly Planted[] = [
  [
    "a worker of which nothing says when it works",
    () => withWorker({ minReadySeconds: 0 }),
    {
      rule: "probes",
      object: "Deployment worker",
      path: "spec.minReadySeconds",
      what: "nothing says when a pod works: it counts as up as soon as its program has begun",
      todo: "set minReadySeconds: 10, as long as it takes until it has crashed if it does, or give it a readinessProbe (exec)",
    },
  ],
  [
    "a worker with a number of pods",
    () => withWorker({ replicas: 3 }),
    {
      rule: "replicas",
      object: "Deployment worker",
      path: "spec.replicas",
      what: "the number of a service's pods belongs to slipway-scale",
      todo: "take replicas out, and set rings.canary.replicas in slipway.yaml",
    },
  ],
  [
    "a worker without a Deployment",
    () => ({ ...readRing(), services: { ...services, worker: { kind: "worker", needs: [] } } }),
    {
      rule: "serviceObjects",
      object: "Deployment worker",
      path: "metadata.name",
      what: "worker worker of slipway.yaml has none",
      todo: "give every worker one Deployment, called like it",
    },
  ],
  [
    "a job without a Job",
    () => ({ ...readRing(), services: { ...services, migrate: { kind: "job", needs: [] } } }),
    {
      rule: "serviceObjects",
      object: "Job migrate",
      path: "metadata.name",
      what: "job migrate of slipway.yaml has none",
      todo: "give every job one Job, called like it",
    },
  ],
  [
    "a job that takes its own traces away",
    () => withJob({ ttlSecondsAfterFinished: 60 }),
    {
      rule: "releaseJobs",
      object: "Job worker",
      path: "spec.ttlSecondsAfterFinished",
      what: "a job of a release may not say ttlSecondsAfterFinished: Slipway deletes it once a newer release is live, and until then it tells that it has run",
      todo: "take ttlSecondsAfterFinished out",
    },
  ],
  [
    "a field of a security context that no rule knows",
    () => set(ingest, `${POD}.securityContext.windowsOptions`, { hostProcess: true }),
    {
      rule: "readable",
      object: ingest,
      path: "spec.template.spec.securityContext",
      what: 'Unrecognized key: "windowsOptions"',
      todo: "write it as the API reference of Kubernetes has it, in a kind and version that the rules know",
    },
  ],
  [
    "pods of a kind that no rule knows",
    () => cache("Rollout", "argoproj.io/v1alpha1"),
    {
      rule: "readable",
      object: "Rollout cache",
      path: "spec.template.spec.containers",
      what: "the rules do not know how a Rollout makes pods, and so cannot hold them to anything",
      todo: "write it as the API reference of Kubernetes has it, in a kind and version that the rules know",
    },
  ],
  [
    "a version of the API that is gone",
    () => set("PodDisruptionBudget ingest-blue", "apiVersion", "policy/v1beta1"),
    {
      rule: "readable",
      object: "PodDisruptionBudget ingest-blue",
      path: "apiVersion",
      what: "expected policy/v1, found policy/v1beta1",
      todo: "write it as the API reference of Kubernetes has it, in a kind and version that the rules know",
    },
  ],
  [
    "an object without namespace",
    () => set("Service kafka", "metadata.namespace"),
    {
      rule: "namespaces",
      object: "Service kafka",
      path: "metadata.namespace",
      what: "it names no namespace",
      todo: "set namespace: canary in the ring's kustomization.yaml, or metadata.namespace of the object",
    },
  ],
  [
    "an object in another namespace",
    () => set("Service kafka", "metadata.namespace", "production"),
    {
      rule: "namespaces",
      object: "Service kafka",
      path: "metadata.namespace",
      what: "it lies in namespace production",
      todo: "set namespace: canary in the ring's kustomization.yaml, or metadata.namespace of the object",
    },
  ],
  [
    "a secret with its content",
    () => add({ apiVersion: "v1", kind: "Secret", stringData: { password: "tell nobody" } }, "broker"),
    {
      rule: "secrets",
      object: "Secret broker",
      path: "stringData",
      what: "its content stands in the repository",
      todo: "take it out of the manifests, bring it into the cluster another way, and change what it was",
    },
  ],
  [
    "a service without Service",
    // Nothing needs the processor.
    () => remove("Service processor"),
    {
      rule: "serviceObjects",
      object: "Service processor",
      path: "metadata.name",
      what: "service processor of slipway.yaml has none",
      todo: "give every service one Deployment and one Service, called like it",
    },
  ],
  [
    "two containers, none of them called like the service",
    () => {
      const ring = readRing();
      const pod = podSpecIn(ring, "Deployment processor");
      pod.containers = pod.containers.flatMap((one) => ["main", "side"].map((name) => ({ ...one, name })));
      return ring;
    },
    {
      rule: "serviceObjects",
      object: "Deployment processor",
      path: "metadata.name",
      what: "Deployment processor has no container processor, but main, side",
      todo: "give it one Service, and a container of the service's name",
    },
  ],
  [
    "a job whose container is not called like it",
    () => {
      const ring = withJob();
      const pod = podSpecIn(ring, "Job worker");
      pod.containers = pod.containers.map((one) => ({ ...one, name: "main" }));
      return ring;
    },
    {
      rule: "serviceContainers",
      object: "Job worker",
      path: "spec.template.spec.containers",
      what: "none of its containers is called worker (main)",
      todo: "call the container of the service like the service",
    },
  ],
  [
    "a name that belongs to a colour",
    () => add({ apiVersion: "v1", kind: "Service", spec: { type: "ExternalName" } }, "ingest-green"),
    {
      rule: "freeNames",
      object: "Service ingest-green",
      path: "metadata.name",
      what: "that is a name that Slipway gives itself",
      todo: "call it otherwise, or take it out",
    },
  ],
  [
    "a live Service with a selector",
    () => set("Service ingest", "spec.selector", { "app.kubernetes.io/name": "ingest" }),
    {
      rule: "liveSelectors",
      object: "Service ingest",
      path: "spec.selector",
      what: "the selector of a live Service belongs to slipway-switch",
      todo: "take the selector out; a deploy sets it when it switches",
    },
  ],
  [
    "a service with replicas",
    () => set(ingest, "spec.replicas", 3),
    {
      rule: "replicas",
      object: ingest,
      path: "spec.replicas",
      what: "the number of a service's pods belongs to slipway-scale",
      todo: "take replicas out, and set rings.canary.replicas in slipway.yaml",
    },
  ],
  [
    "a selector that does not fit the pods",
    () => set(ingest, "spec.selector", { matchLabels: { app: "ingest" } }),
    {
      rule: "ownPods",
      object: ingest,
      path: "spec.selector",
      what: "it does not select the pods that it makes",
      todo: "set matchLabels to labels that template.metadata.labels has",
    },
  ],
  [
    "no selector at all",
    () => set(kafka, "spec.selector"),
    {
      rule: "ownPods",
      object: "StatefulSet kafka",
      path: "spec.selector",
      what: "it does not say which pods are its own",
      todo: "set matchLabels to labels that template.metadata.labels has",
    },
  ],
  [
    "no readiness probe",
    () => set(ingest, `${CONTAINER}.readinessProbe`),
    {
      rule: "probes",
      object: ingest,
      path: `${NAMED}.readinessProbe`,
      what: "container ingest has no readinessProbe",
      todo: "say how Kubernetes sees when it takes requests: a switch waits for that",
    },
  ],
  [
    "no liveness probe of the broker",
    () => set(kafka, `${CONTAINER}.livenessProbe`),
    {
      rule: "probes",
      object: "StatefulSet kafka",
      path: "spec.template.spec.containers[kafka].livenessProbe",
      what: "container kafka has no livenessProbe",
      todo: "say how Kubernetes sees when it hangs and has to be started again",
    },
  ],
  [
    "a probe of a port that there is not",
    () => set(ingest, `${CONTAINER}.startupProbe.httpGet.port`, "managment"),
    {
      rule: "probePorts",
      object: ingest,
      path: `${NAMED}.startupProbe.httpGet.port`,
      what: "the startupProbe asks port managment, which container ingest does not have",
      todo: "name one of its ports (http, management), or add this one",
    },
  ],
  [
    "an end without sleep",
    () => set(ingest, `${CONTAINER}.lifecycle`),
    {
      rule: "drain",
      object: ingest,
      path: `${NAMED}.lifecycle.preStop.sleep`,
      what: "container ingest ends at once, while nodes still send it requests",
      todo: "let it sleep before its end: lifecycle.preStop.sleep.seconds: 5",
    },
  ],
  [
    "no time to end after the sleep",
    () => set(ingest, `${POD}.terminationGracePeriodSeconds`, 5),
    {
      rule: "drain",
      object: ingest,
      path: "spec.template.spec.terminationGracePeriodSeconds",
      what: "pods get 5 s to end, of which container ingest sleeps 5 s",
      todo: "give more than the sleep: as long as it takes to finish what was begun",
    },
  ],
  ...["requests.cpu", "requests.memory", "limits.memory"].map(
    (field): Planted => [
      `no ${field}`,
      () => set(ingest, `${CONTAINER}.resources.${field}`),
      {
        rule: "resources",
        object: ingest,
        path: `${NAMED}.resources.${field}`,
        what: `container ingest says nothing of resources.${field}`,
        todo: "give what it was measured to need",
      },
    ],
  ),
  ...["apache/kafka", "apache/kafka:latest", "registry:5000/kafka", "apache/kafka@sha256:12"].map(
    (image): Planted => [
      `image ${image}`,
      () => set(kafka, `${CONTAINER}.image`, image),
      {
        rule: "pinnedImages",
        object: "StatefulSet kafka",
        path: "spec.template.spec.containers[kafka].image",
        what: `image ${image} of container kafka is another one whenever somebody pushes`,
        todo: "name a version as the tag, or a digest",
      },
    ],
  ),
  [
    "an autoscaler of KEDA for a service",
    () =>
      add(
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledObject",
          spec: { scaleTargetRef: { name: "processor" }, minReplicaCount: 0 },
        },
        "backlog",
      ),
    {
      rule: "autoscalers",
      object: "ScaledObject backlog",
      path: "spec",
      what: "it is about Deployment processor, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): take it out",
      todo: "give a service that is to be scaled one HorizontalPodAutoscaler (autoscaling/v2) for the Deployment of its name",
    },
  ],
  ...(
    [
      [kafka, "containers", "kafka"],
      [kafka, "initContainers", "kafka"],
      [kafka, "initContainers", "ingest"],
      [ingest, "initContainers", "waiter"],
      [ingest, "containers", "waiter"],
    ] as const
  ).map(([title, list, repository]): Planted => {
    const image = `${repository}@sha256:${"0".repeat(64)}`;
    const name = title === kafka && list === "containers" ? "kafka" : "beside";
    return [
      `placeholder ${repository} in ${list} of ${title}`,
      () => {
        if (name === "kafka") return set(title, `${CONTAINER}.image`, image);
        const ring = readRing();
        const podSpec = podSpecIn(ring, title);
        const [first] = podSpec.containers;
        podSpec[list] = [...(podSpec[list] ?? []), { ...structuredClone(first), name, image }];
        return ring;
      },
      {
        rule: "pinnedImages",
        object: title,
        path: `spec.template.spec.${list}[${name}].image`,
        what: `image ${image} of container ${name} is a placeholder, which nothing fills in here`,
        todo: "name an image that is there; the release's digest takes the place only in containers of services, workers, jobs and CronJobs, where the repository is that of a service's own container",
      },
    ];
  }),
  [
    "the account default",
    () => set(ingest, `${POD}.serviceAccountName`),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.serviceAccountName",
      what: "pods run as the account default, which everything in the namespace shares",
      todo: "give them a ServiceAccount of the product",
    },
  ],
  [
    "an account that there is not",
    () => set(ingest, `${POD}.serviceAccountName`, "prodcut"),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.serviceAccountName",
      what: "there is no ServiceAccount prodcut among the manifests",
      todo: "add it, or name another one (product)",
    },
  ],
  [
    "a token of the account",
    () => set(ingest, `${POD}.automountServiceAccountToken`),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.automountServiceAccountToken",
      what: "pods get a token for the API of Kubernetes",
      todo: "set automountServiceAccountToken: false",
    },
  ],
  [
    "pods that may be root",
    () => set(ingest, `${POD}.securityContext.runAsNonRoot`),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsNonRoot`,
      what: "container ingest may run as root",
      todo: "set runAsNonRoot: true, for the pod or for the container",
    },
  ],
  [
    "a container that may be root although its pod may not",
    () => set(ingest, `${CONTAINER}.securityContext.runAsNonRoot`, false),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsNonRoot`,
      what: "container ingest may run as root",
      todo: "set runAsNonRoot: true, for the pod or for the container",
    },
  ],
  [
    "user 0",
    () => set(ingest, `${POD}.securityContext.runAsUser`, 0),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsUser`,
      what: "container ingest runs as user 0, who is root",
      todo: "give the number of the image's own user, or leave it out",
    },
  ],
  [
    "no filter of system calls",
    () => set(ingest, `${POD}.securityContext.seccompProfile.type`, "Unconfined"),
    {
      rule: "seccomp",
      object: ingest,
      path: `${NAMED}.securityContext.seccompProfile`,
      what: "container ingest may make every system call",
      todo: "set seccompProfile: { type: RuntimeDefault }, for the pod or for the container",
    },
  ],
  ...(
    [
      ["allowPrivilegeEscalation", undefined, "may gain privileges", "set allowPrivilegeEscalation: false"],
      ["privileged", true, "has all rights of the machine", "take privileged out"],
      ["capabilities.drop", undefined, "keeps capabilities of root", "set capabilities: { drop: [ALL] }"],
      ["capabilities.add", ["NET_ADMIN", "NET_BIND_SERVICE"], "has the capabilities NET_ADMIN", "take them out"],
      ["procMount", "Unmasked", "has procMount Unmasked", "take procMount out"],
    ] as const
  ).map(
    ([field, value, what, todo]): Planted => [
      `${field} ${value}`,
      () => set(ingest, `${CONTAINER}.securityContext.${field}`, value),
      {
        rule: "privileges",
        object: ingest,
        path: `${NAMED}.securityContext.${field}`,
        what: `container ingest ${what}`,
        todo,
      },
    ],
  ),
  ...["hostNetwork", "hostPID", "hostIPC"].map(
    (field): Planted => [
      field,
      () => set(ingest, `${POD}.${field}`, true),
      {
        rule: "nodeAccess",
        object: ingest,
        path: `spec.template.spec.${field}`,
        what: `pods have ${field}, and so are not apart from their node`,
        todo: `take ${field} out`,
      },
    ],
  ),
  [
    "a folder of the node",
    () => set(ingest, `${POD}.volumes`, [{ name: "socket", hostPath: { path: "/run" } }]),
    {
      rule: "nodeAccess",
      object: ingest,
      path: "spec.template.spec.volumes[socket].hostPath",
      what: "volume socket is a hostPath, which a restricted namespace refuses",
      todo: "use one of configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret",
    },
  ],
  [
    "a port of the node",
    () => set(ingest, `${CONTAINER}.ports.0.hostPort`, 80),
    {
      rule: "nodeAccess",
      object: ingest,
      path: `${NAMED}.ports[http].hostPort`,
      what: "container ingest takes port 80 of its node",
      todo: "take hostPort out, and let a Service lead to the port",
    },
  ],
  [
    "a file system that can be written",
    () => set(ingest, `${CONTAINER}.securityContext.readOnlyRootFilesystem`),
    {
      rule: "readOnlyRoot",
      object: ingest,
      path: `${NAMED}.securityContext.readOnlyRootFilesystem`,
      what: "container ingest may write into its own file system",
      todo: "set readOnlyRootFilesystem: true, and mount an emptyDir where it has to write",
    },
  ],
  [
    "an init container that has less than the others",
    () => {
      const ring = readRing();
      const { containers } = fields(
        fields(fields(ring.objects.find(({ kind }) => kind === "StatefulSet")?.["spec"])["template"])["spec"],
      );
      const [main] = containers as Record<string, unknown>[];
      const { readinessProbe: _, resources: __, ...init } = { ...main, name: "prepare" } as Record<string, unknown>;
      return set(kafka, `${POD}.initContainers`, [{ ...init, resources: { requests: { cpu: "1m", memory: "1Mi" } } }]);
    },
    {
      rule: "resources",
      object: "StatefulSet kafka",
      path: "spec.template.spec.initContainers[prepare].resources.limits.memory",
      what: "container prepare says nothing of resources.limits.memory",
      todo: "give what it was measured to need",
    },
  ],
  [
    "a Service that leads to a port that there is not",
    () => set("Service processor", "spec.ports.0.targetPort", "htpp"),
    {
      rule: "servicePorts",
      object: "Service processor",
      path: "spec.ports[http].targetPort",
      what: "it leads to port htpp, which no container of Deployment processor has",
      todo: "name one of http, management, or add the port there",
    },
  ],
  [
    "a Service that selects nothing",
    () =>
      add({ apiVersion: "v1", kind: "Service", spec: { selector: { app: "cache" }, ports: [{ port: 1 }] } }, "cache"),
    {
      rule: "servicePorts",
      object: "Service cache",
      path: "spec.selector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "another port than slipway.yaml says",
    () => set("Service processor", "spec.ports.0.port", 80),
    {
      rule: "servicePorts",
      object: "Service processor",
      path: "spec.ports",
      what: "it has no port 8080, at which slipway.yaml says that processor answers",
      todo: "add port 8080, or correct services.processor.port in slipway.yaml",
    },
  ],
  [
    "a namespace that is open to the outside",
    () => set("NetworkPolicy closed", "spec.policyTypes", ["Ingress"]),
    {
      rule: "closedByDefault",
      object: "NetworkPolicy",
      path: "spec",
      what: "no policy closes the namespace for Egress",
      todo: "add one with podSelector: {}, policyTypes: [Ingress, Egress] and no rules",
    },
  ],
  [
    "pods that no policy is about",
    () => cache("StatefulSet", "apps/v1"),
    {
      rule: "ownPolicies",
      object: "StatefulSet cache",
      path: "spec.template.metadata.labels",
      what: "no NetworkPolicy is about its pods, so they can speak to nobody",
      todo: "add a policy with a podSelector that selects them, and say whom they reach and who reaches them",
    },
  ],
  [
    "a policy that is about nobody",
    () =>
      add(
        {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          spec: { podSelector: { matchLabels: { app: "ingest" } }, policyTypes: ["Ingress"] },
        },
        "extra",
      ),
    {
      rule: "policySelectors",
      object: "NetworkPolicy extra",
      path: "spec.podSelector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "a policy that opens for nobody",
    () => set("NetworkPolicy to-kafka", "spec.egress.1", { to: [{ podSelector: { matchLabels: { app: "kafka" } } }] }),
    {
      rule: "policySelectors",
      object: "NetworkPolicy to-kafka",
      path: "spec.egress[1].to[0].podSelector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "a way out that is closed",
    () => set("NetworkPolicy dashboard-to-ingest", "spec.egress.0.ports.0.port", 8081),
    {
      rule: "needs",
      object: "Deployment dashboard",
      path: "services.dashboard.needs of slipway.yaml",
      what: "dashboard needs ingest, but no NetworkPolicy lets it out to ingest, port 8080",
      todo: "add an egress rule for dashboard: to the pods of ingest, port 8080",
    },
  ],
  [
    "a way in that is closed",
    () =>
      set("NetworkPolicy kafka", "spec.ingress.0.from.0.podSelector.matchExpressions.0.values", [
        "ingest",
        "dashboard",
      ]),
    {
      rule: "needs",
      object: "Deployment processor",
      path: "services.processor.needs of slipway.yaml",
      what: "processor needs kafka, but no NetworkPolicy lets it in at kafka, port 9092",
      todo: "add an ingress rule for kafka: from the pods of processor, port 9092",
    },
  ],
  [
    "a colour without budget",
    () => remove("PodDisruptionBudget ingest-green"),
    {
      rule: "budgets",
      object: ingest,
      path: "the selectors of PodDisruptionBudgets",
      what: "no budget keeps the green pods of ingest, and only those, when nodes are emptied",
      todo: "give each colour of a service one PodDisruptionBudget of its own",
    },
  ],
  [
    "a budget that lets nobody go",
    () => set("PodDisruptionBudget ingest-green", "spec.minAvailable", "51%"),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget ingest-green",
      path: "spec.minAvailable",
      what: "with minAvailable 51% of 2 pods none may go, and no node can be emptied",
      todo: "let at least one pod go: maxUnavailable: 1",
    },
  ],
  [
    "a budget of the only broker",
    () =>
      add(
        {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          spec: { maxUnavailable: 0, selector: { matchLabels: { "app.kubernetes.io/name": "kafka" } } },
        },
        "kafka",
      ),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget kafka",
      path: "spec.maxUnavailable",
      what: "with maxUnavailable 0 of 1 pods none may go, and no node can be emptied",
      todo: "let at least one pod go: maxUnavailable: 1",
    },
  ],
  [
    "a budget of pods that there are not",
    () =>
      add(
        {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          spec: { maxUnavailable: 1, selector: { matchLabels: { app: "cache" } } },
        },
        "cache",
      ),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget cache",
      path: "spec.selector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have, or take it out",
    },
  ],
];

const rules = suite("the rules of manifests");

rules("hold for this repository's own manifests", () => {
  assert.equal(findProblems(readRing()), []);
});

for (const [name, ring, problem] of planted) {
  rules(`find ${name}, and nothing else`, () => assert.equal(findProblems(ring()), [problem]));
}

rules("are each broken by one of the violations above", () => {
  const broken = planted.map(([, , { rule }]) => rule);
  assert.equal(
    ruleNames.filter((rule) => !broken.includes(rule)),
    [],
  );
});

rules("let every container of a service have the image of a service, with any tag: the release fills it in", () => {
  for (const list of ["initContainers", "containers"] as const) {
    for (const image of [`ingest@sha256:${"0".repeat(64)}`, "ingest:latest", `dashboard@sha256:${"0".repeat(64)}`]) {
      const ring = readRing();
      const podSpec = podSpecIn(ring, ingest);
      const [first] = podSpec.containers;
      podSpec[list] = [...(podSpec[list] ?? []), { ...structuredClone(first), name: "beside", image }];
      assert.equal(findProblems(ring), [], `${list}: ${image}`);
    }
  }
});

rules("tell every problem at once, in their own order", () => {
  const both = {
    ...set(ingest, "spec.replicas", 3),
    services: { ...readRing().services, view: { port: 1, needs: [] } },
  };
  assert.equal(
    findProblems(both).map(({ rule, object }) => `${rule}: ${object}`),
    ["serviceObjects: Deployment view", "serviceObjects: Service view", "replicas: Deployment ingest"],
  );
});

rules("count the pods of the smaller colour when a budget has to leave room", () => {
  const of = (counts: { replicas: number; idleReplicas: number }) =>
    findProblems({ ...readRing(), ...counts }).map(({ rule, what }) => `${rule}: ${what}`);
  assert.equal(of({ replicas: 2, idleReplicas: 2 }), []);
  const blocked = "budgetRoom: with minAvailable 1 of 1 pods none may go, and no node can be emptied";
  assert.equal(of({ replicas: 2, idleReplicas: 1 }), Array(6).fill(blocked));
  assert.equal(of({ replicas: 1, idleReplicas: 0 }), Array(6).fill(blocked));
});

rules("count the pods that an autoscaler leaves a colour when a budget has to leave room", () => {
  const of = (minReplicas: number | undefined) => {
    const spec = { scaleTargetRef: { kind: "Deployment", name: "ingest" }, minReplicas, maxReplicas: 5 };
    const ring = add({ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", spec }, "ingest");
    return findProblems({ ...ring, replicas: 2, idleReplicas: 0 }).map(({ object, what }) => `${object}: ${what}`);
  };
  const blocked = (colour: string) =>
    `PodDisruptionBudget ingest-${colour}: with minAvailable 1 of 1 pods none may go, and no node can be emptied`;
  assert.equal(of(2), []);
  for (const one of [1, undefined]) assert.equal(of(one), ["blue", "green"].map(blocked));
});

rules("find one budget for both colours, which would count the idle pods", () => {
  const ring = set("PodDisruptionBudget ingest-green", "spec.selector.matchLabels", {
    "app.kubernetes.io/name": "ingest",
  });
  assert.equal(
    findProblems(ring).map(({ object, what }) => `${object}: ${what}`),
    [
      `${ingest}: PodDisruptionBudget ingest-blue and PodDisruptionBudget ingest-green both keep the blue pods of ingest, and Kubernetes then evicts none`,
      `${ingest}: no budget keeps the green pods of ingest, and only those, when nodes are emptied`,
    ],
  );
});

rules("ask no probe of a Job, and nothing of a broker that is elsewhere", () => {
  const job = cache("Job", "batch/v1", { selector: undefined });
  const spec = fields(fields(fields(job.objects.at(-1)?.["spec"])["template"])["spec"]);
  for (const container of spec["containers"] as Record<string, unknown>[]) {
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) delete container[probe];
  }
  assert.equal(
    findProblems(job).map(({ rule }) => rule),
    ["ownPolicies"],
  );
  const elsewhere = readRing();
  const objects = elsewhere.objects.filter(
    ({ kind, metadata }) => metadata.name !== "kafka" && !(kind === "NetworkPolicy" && metadata.name === "to-kafka"),
  );
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "to-kafka", namespace: "canary" },
    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }] },
  };
  assert.equal(findProblems({ ...elsewhere, objects: [...objects, policy] }), []);
});

rules("take a selector as Kubernetes does", () => {
  const of = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values: string[], labels: Record<string, string>) =>
    selects({ matchLabels: { part: "a" }, matchExpressions: [{ key: "tier", operator, values }] }, labels);
  const asked = [
    { part: "a", tier: "front" },
    { part: "a", tier: "back" },
    { part: "a" },
    { part: "b", tier: "front" },
  ];
  const answers = (operator: Parameters<typeof of>[0], values: string[]) =>
    asked.map((labels) => of(operator, values, labels));
  assert.equal(answers("In", ["front"]), [true, false, false, false]);
  assert.equal(answers("NotIn", ["front"]), [false, true, true, false]);
  assert.equal(answers("Exists", []), [true, true, false, false]);
  assert.equal(answers("DoesNotExist", []), [false, false, true, false]);
});

const toIngest = { podSelector: { matchLabels: { "app.kubernetes.io/name": "ingest" } } };

/** Rules of the only policy that lets the dashboard out to ingest, and whether it gets there. */
const waysOut: readonly (readonly [name: string, rule: Record<string, unknown>, isOpen: boolean])[] = [
  ["to the pods at any port", { to: [toIngest] }, true],
  ["to everybody at the port", { ports: [{ port: 8080 }] }, true],
  ["at the port by its name", { to: [toIngest], ports: [{ port: "http" }] }, true],
  ["at the name of another port", { to: [toIngest], ports: [{ port: "management" }] }, false],
  ["at a range with the port", { to: [toIngest], ports: [{ port: 8000, endPort: 8090 }] }, true],
  ["at a range that ends before the port", { to: [toIngest], ports: [{ port: 8000, endPort: 8079 }] }, false],
  ["at the port by UDP", { to: [toIngest], ports: [{ port: 8080, protocol: "UDP" }] }, false],
  ["to addresses", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, false],
  ["to its own namespace", { to: [{ namespaceSelector: { matchLabels: { "slipway.dev/ring": "canary" } } }] }, true],
  [
    "to pods of that name elsewhere",
    { to: [{ ...toIngest, namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "production" } } }] },
    false,
  ],
  [
    "to pods elsewhere that are not of these manifests",
    {
      to: [
        {
          podSelector: { matchLabels: { app: "collector" } },
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
        },
      ],
    },
    false,
  ],
];

for (const [name, rule, isOpen] of waysOut) {
  rules(
    `see that a policy which opens ${name} ${isOpen ? "lets" : "does not let"} a service reach what it needs`,
    () => {
      assert.equal(
        findProblems(set("NetworkPolicy dashboard-to-ingest", "spec.egress", [rule])).map(({ what }) => what),
        isOpen ? [] : ["dashboard needs ingest, but no NetworkPolicy lets it out to ingest, port 8080"],
      );
    },
  );
}

rules("take a Service that leads to a port by its number", () => {
  assert.equal(findProblems(set("Service ingest", "spec.ports.0.targetPort", 8080)), []);
});

rules("hold for a worker without Service, ports and probes, and for a job", () => {
  assert.equal(findProblems(withWorker()), []);
  assert.equal(findProblems(withJob()), []);
});

rules("look at the own container of a worker whose Deployment has another name", () => {
  const ring = withWorker({ minReadySeconds: 0 });
  const objects = ring.objects.map((object) =>
    object.kind === "Deployment" && object.metadata.name === "worker"
      ? { ...object, metadata: { ...object.metadata, name: "acme-worker" } }
      : object,
  );
  assert.equal(
    findProblems({ ...ring, objects, deployments: { worker: "acme-worker" } }).map(
      ({ rule, object, path }) => `${rule} ${object} ${path}`,
    ),
    ["probes Deployment acme-worker spec.minReadySeconds"],
  );
});

rules("leave a job of a release no word about when it runs and how long it is kept", () => {
  const told = findProblems(withJob({ suspend: true, manualSelector: true, ttlSecondsAfterFinished: 0 }));
  assert.equal(
    told.map(({ rule, path }) => `${rule} ${path}`),
    ["releaseJobs spec.suspend", "releaseJobs spec.ttlSecondsAfterFinished", "releaseJobs spec.manualSelector"],
  );
});

rules("let a CronJob run the image of a service, with any tag: the release fills it in", () => {
  const cron = (image: string): RingToCheck => {
    const ring = withJob();
    const job = ring.objects.find(({ kind }) => kind === "Job");
    const jobSpec = JSON.parse(JSON.stringify(job?.["spec"]).replace(/"worker@sha256:0+"/, JSON.stringify(image)));
    const spec = { schedule: "0 3 * * *", jobTemplate: { spec: jobSpec } };
    const metadata = { name: "nightly", namespace: "canary" };
    return { ...ring, objects: [...ring.objects, { apiVersion: "batch/v1", kind: "CronJob", metadata, spec }] };
  };
  for (const image of [`ingest@sha256:${"0".repeat(64)}`, "worker:latest", "other/tool:1.2"])
    assert.equal(findProblems(cron(image)), [], image);
  const told = findProblems(cron(`other/tool@sha256:${"0".repeat(64)}`));
  assert.equal(
    told.map(({ rule, object, path }) => `${rule} ${object} ${path}`),
    ["pinnedImages CronJob nightly spec.jobTemplate.spec.template.spec.containers[worker].image"],
  );
});

rules("find a second object of a service", () => {
  const { objects } = own;
  const twice = { ...own, objects: [...objects, ...objects.filter(({ metadata }) => metadata.name === "processor")] };
  assert.equal(
    findProblems(twice)
      .filter(({ rule }) => rule === "serviceObjects")
      .map(({ object, what }) => `${object}: ${what}`),
    [
      "Deployment processor: service processor of slipway.yaml has 2",
      "Service processor: service processor of slipway.yaml has 2",
    ],
  );
});

rules("refuse what a deploy would refuse", () => {
  const image = { name: "registry.example.org/any", digest: `sha256:${"a".repeat(64)}` };
  const sort = ({ services, objects, ring }: RingToCheck) => {
    const images = Object.entries(services).map(([name, { kind = "service" }]) => [
      name,
      kind === "service" ? image : { ...image, kind },
    ]);
    const commit = { commit: "1".repeat(40), commitTime: "2026-01-01T00:00:00Z", author: "a@example.org" };
    sortManifests(objects, nameRelease({ ...commit, services: Object.fromEntries(images) }), ring);
  };
  for (const ring of [readRing(), withWorker(), withJob()]) sort(ring);
  const refused = ["serviceObjects", "serviceContainers", "freeNames", "releaseJobs"];
  const cases = planted.filter(([, , { rule }]) => refused.includes(rule));
  assert.equal([...new Set(cases.map(([, , { rule }]) => rule))].sort(), refused.toSorted());
  for (const [name, make] of cases) assert.throws(() => sort(make()), undefined, name);
});

rules("let services run as the user of the images that `build` makes", () => {
  const { services, objects } = readRing();
  for (const name of Object.keys(services)) {
    const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
    const { securityContext } = fields(fields(fields(deployment?.["spec"])["template"])["spec"]);
    const { runAsUser, runAsGroup } = fields(securityContext);
    assert.equal([runAsUser, runAsGroup], [USER, USER], name);
  }
});

rules("advise hardening at the level basic, do not look at it when off, and demand what a deploy needs at each", () => {
  const soft = planted.find(([, , { rule }]) => rule === "readOnlyRoot");
  const hard = planted.find(([, , { rule }]) => rule === "serviceObjects");
  assert.ok(soft !== undefined && hard !== undefined);
  const at = (make: () => RingToCheck, level: RingToCheck["level"]) =>
    findProblems({ ...make(), level }).map(
      ({ rule, isAdvice }) => `${rule} ${isAdvice === true ? "advised" : "demanded"}`,
    );
  const [makeSoft, makeHard] = [soft?.[1] ?? readRing, hard?.[1] ?? readRing];
  assert.equal(at(makeSoft, "restricted"), ["readOnlyRoot demanded"]);
  assert.equal(at(makeSoft, "basic"), ["readOnlyRoot advised"]);
  assert.equal(at(makeSoft, "off"), []);
  for (const level of ["restricted", "basic", "off"] as const)
    assert.ok(at(makeHard, level).includes("serviceObjects demanded"), level);
});

/** The ring with ingest as Deployment acme-ingest with container app, behind Service acme. */
function renamed(): RingToCheck {
  const ring = readRing();
  const calls: Record<string, string> = { Deployment: "acme-ingest", Service: "acme" };
  const objects = ring.objects.map((object) => {
    const name = object.metadata.name === "ingest" ? calls[object.kind] : undefined;
    if (name === undefined) return object;
    const [container] =
      object.kind === "Deployment"
        ? (fields(fields(fields(object["spec"])["template"])["spec"])["containers"] as Container[])
        : [];
    if (container !== undefined) Object.assign(container, { name: "app" });
    const spec =
      object.kind === "Service" ? { ...fields(object["spec"]), selector: ingestLabels(ring) } : object["spec"];
    return { ...object, metadata: { ...object.metadata, name }, spec };
  });
  return { ...ring, objects, deployments: { ingest: "acme-ingest" } };
}

/** The labels that the pods of ingest have in the manifests. */
function ingestLabels({ objects }: RingToCheck): unknown {
  const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "ingest");
  return fields(fields(fields(deployment?.["spec"])["template"])["metadata"])["labels"];
}

rules("know a service by the name of its Deployment, the Service that selects its pods and its only container", () => {
  assert.equal(
    findProblems(renamed()).map(({ rule, object }) => `${rule}: ${object}`),
    // Its selector is what it is found by.
    [],
  );
  const strict = { ...renamed(), deployments: {} };
  assert.ok(
    findProblems(strict).some(({ rule, object }) => rule === "serviceObjects" && object === "Deployment ingest"),
  );
});

/** The ring as one whose Deployments are changed in place, made as kubectl would take it. */
function inPlace(more: (object: KubeObject) => KubeObject = (object) => object): RingToCheck {
  const ring = readRing();
  const objects = ring.objects
    .filter(({ kind }) => kind !== "PodDisruptionBudget")
    .map((object) => {
      const { name } = object.metadata;
      if (object.kind === "Deployment") return { ...object, spec: { ...fields(object["spec"]), replicas: 3 } };
      if (object.kind !== "Service" || !(name in services)) return object;
      return { ...object, spec: { ...fields(object["spec"]), selector: { "app.kubernetes.io/name": name } } };
    })
    .map((object) => more(object as KubeObject));
  return { ...ring, objects, strategy: "rolling" };
}

rules("of two colours are not those of a ring whose Deployments are changed in place", () => {
  assert.equal(findProblems(inPlace()), []);
  const coloured = findProblems({ ...inPlace(), strategy: "blue-green" }).map(({ rule }) => rule);
  assert.equal([...new Set(coloured)], ["liveSelectors", "replicas", "budgets"]);
});

rules("demand of a ring that is changed in place that its Services select the pods", () => {
  for (const selector of [undefined, { app: "other" }]) {
    const ring = inPlace((object) =>
      object.kind === "Service" && object.metadata.name === "ingest"
        ? { ...object, spec: { ...fields(object["spec"]), selector } }
        : object,
    );
    assert.equal(findProblems(ring), [
      {
        rule: "liveSelectors",
        object: "Service ingest",
        path: "spec.selector",
        what: "it does not select the pods of ingest, and with strategy rolling no deploy sets it",
        todo: "set labels that the pods have (template.metadata.labels)",
      },
    ]);
  }
});

rules.run();
