import { z } from "zod";
import { COLOURS, type Colour, type KubeObject, LABEL, selectorOf } from "../../rollout/objects.ts";

/*
 * What the rules read of Kubernetes objects. Fields that no rule reads pass; in the parts where a field more changes
 * what a rule has to say (selectors, network policies, security contexts) an unknown one is refused.
 */

const labels = z.record(z.string(), z.string());

const selector = z.strictObject({
  matchLabels: labels.default({}),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});

/** A selector of labels; without any condition it selects everything. */
export type Selector = z.output<typeof selector>;

const portReference = z.union([z.int(), z.string()]);
const withPort = z.looseObject({ port: portReference });
const probe = z.looseObject({
  httpGet: withPort.optional(),
  tcpSocket: withPort.optional(),
  grpc: withPort.optional(),
});
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));
const seccompProfile = z.strictObject({ type: z.string(), localhostProfile: z.string().optional() });

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  ports: z
    .array(z.looseObject({ name: z.string().optional(), containerPort: z.int(), hostPort: z.int().optional() }))
    .default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z
    .looseObject({
      preStop: z.looseObject({ sleep: z.strictObject({ seconds: z.int() }).optional() }).optional(),
    })
    .prefault({}),
  resources: z.looseObject({ requests: quantities.default({}), limits: quantities.default({}) }).prefault({}),
  securityContext: z
    .strictObject({
      allowPrivilegeEscalation: z.boolean().optional(),
      capabilities: z
        .strictObject({ add: z.array(z.string()).default([]), drop: z.array(z.string()).default([]) })
        .prefault({}),
      privileged: z.boolean().default(false),
      procMount: z.string().default("Default"),
      readOnlyRootFilesystem: z.boolean().optional(),
      runAsGroup: z.int().optional(),
      runAsNonRoot: z.boolean().optional(),
      runAsUser: z.int().optional(),
      seccompProfile: seccompProfile.optional(),
    })
    .prefault({}),
});

const podSpec = z.looseObject({
  containers: z.array(container).min(1),
  initContainers: z.array(container).default([]),
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  /** Kubernetes' own default. */
  terminationGracePeriodSeconds: z.int().default(30),
  hostNetwork: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  hostIPC: z.boolean().default(false),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
  securityContext: z
    .strictObject({
      fsGroup: z.int().optional(),
      fsGroupChangePolicy: z.string().optional(),
      runAsGroup: z.int().optional(),
      runAsNonRoot: z.boolean().optional(),
      runAsUser: z.int().optional(),
      seccompProfile: seccompProfile.optional(),
      supplementalGroups: z.array(z.int()).optional(),
      supplementalGroupsPolicy: z.string().optional(),
    })
    .prefault({}),
});

const template = z.looseObject({ metadata: z.looseObject({ labels: labels.default({}) }).prefault({}), spec: podSpec });

const workloadSpec = z.looseObject({ selector: selector.optional(), replicas: z.int().optional(), template });

/** The kinds whose pods the rules read: apiVersion, and where in the object the workload's spec lies. */
const workloadKinds = {
  Deployment: { apiVersion: "apps/v1", at: ["spec"] },
  StatefulSet: { apiVersion: "apps/v1", at: ["spec"] },
  DaemonSet: { apiVersion: "apps/v1", at: ["spec"] },
  Job: { apiVersion: "batch/v1", at: ["spec"] },
  CronJob: { apiVersion: "batch/v1", at: ["spec", "jobTemplate", "spec"] },
} as const;

type WorkloadKind = keyof typeof workloadKinds;

const serviceSpec = z.looseObject({
  selector: labels.optional(),
  ports: z
    .array(z.looseObject({ name: z.string().optional(), port: z.int(), targetPort: portReference.optional() }))
    .default([]),
});

const budgetSpec = z.looseObject({
  selector: selector.prefault({}),
  minAvailable: portReference.optional(),
  maxUnavailable: portReference.optional(),
});

const peers = z
  .array(
    z.strictObject({
      podSelector: selector.optional(),
      namespaceSelector: selector.optional(),
      ipBlock: z.looseObject({}).optional(),
    }),
  )
  .default([]);
const policyPorts = z
  .array(
    z.strictObject({
      port: portReference.optional(),
      endPort: z.int().optional(),
      protocol: z.string().default("TCP"),
    }),
  )
  .default([]);
const ingressRule = z
  .strictObject({ from: peers, ports: policyPorts })
  .transform(({ from, ports }) => ({ peers: from, peersAt: "from", ports }));
const egressRule = z
  .strictObject({ to: peers, ports: policyPorts })
  .transform(({ to, ports }) => ({ peers: to, peersAt: "to", ports }));

/** One thing that a network policy lets through; no peers are all peers, and no ports all ports. */
export type PolicyRule = z.output<typeof ingressRule>;

const policySpec = z
  .strictObject({
    podSelector: selector.prefault({}),
    policyTypes: z.array(z.enum(["Ingress", "Egress"])).optional(),
    ingress: z.array(ingressRule).default([]),
    egress: z.array(egressRule).default([]),
  })
  // Kubernetes' own rule for a policy that names no types.
  .transform(({ policyTypes, ...spec }) => ({
    ...spec,
    policyTypes: policyTypes ?? (spec.egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"]),
  }));

export type Container = z.output<typeof container>;
export type PodSpec = z.output<typeof podSpec>;

/** An object with its `spec` read. */
interface Read<Spec> {
  /** `Kind name` */
  readonly title: string;
  readonly name: string;
  readonly spec: Spec;
}

export interface Workload extends Read<z.output<typeof workloadSpec>> {
  readonly kind: WorkloadKind;
  /** Where the workload's spec lies: `spec`. */
  readonly path: string;
}

export type Service = Read<z.output<typeof serviceSpec>>;
export type Budget = Read<z.output<typeof budgetSpec>>;
export type NetworkPolicy = Read<z.output<typeof policySpec>>;

/** A place of an object that cannot be read, and why. */
export interface Unread {
  readonly title: string;
  readonly path: string;
  readonly message: string;
}

/** The objects of a ring by what they are. What is of no kind here has no pods and says nothing about pods. */
export interface SortedObjects {
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly budgets: readonly Budget[];
  readonly policies: readonly NetworkPolicy[];
  readonly unread: readonly Unread[];
}

export function tellTitle({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** Reads the objects that rules are about. One that cannot be read is only in `unread`. */
export function sortObjects(objects: readonly KubeObject[]): SortedObjects {
  const unread: Unread[] = [];
  const read = <Spec>(
    object: KubeObject,
    expected: { apiVersion: string; schema: z.ZodType<Spec>; at: readonly string[] },
  ): Read<Spec>[] => {
    const title = tellTitle(object);
    if (object.apiVersion !== expected.apiVersion) {
      const message = `expected ${expected.apiVersion}, found ${object.apiVersion}`;
      unread.push({ title, path: "apiVersion", message });
      return [];
    }
    const parsed = expected.schema.safeParse(expected.at.reduce(lookInto, object));
    if (parsed.success) return [{ title, name: object.metadata.name, spec: parsed.data }];
    for (const { path, message } of parsed.error.issues)
      unread.push({ title, path: [...expected.at, ...path].join("."), message });
    return [];
  };
  const readKind = <Spec>(kind: string, apiVersion: string, schema: z.ZodType<Spec>) =>
    objects
      .filter((object) => object.kind === kind)
      .flatMap((object) => read(object, { apiVersion, schema, at: ["spec"] }));
  const workloads = objects.flatMap((object) => {
    if (!isWorkloadKind(object.kind)) return [];
    const { kind } = object;
    const { apiVersion, at } = workloadKinds[kind];
    return read(object, { apiVersion, schema: workloadSpec, at }).map((found) => ({
      ...found,
      kind,
      path: at.join("."),
    }));
  });
  for (const object of objects) {
    const path = isWorkloadKind(object.kind) ? undefined : findPodSpec(object);
    if (path === undefined) continue;
    const message = `the rules do not know how a ${object.kind} makes pods, and so cannot hold them to anything`;
    unread.push({ title: tellTitle(object), path, message });
  }
  return {
    workloads,
    services: readKind("Service", "v1", serviceSpec),
    budgets: readKind("PodDisruptionBudget", "policy/v1", budgetSpec),
    policies: readKind("NetworkPolicy", "networking.k8s.io/v1", policySpec),
    unread,
  };
}

function isWorkloadKind(kind: string): kind is WorkloadKind {
  return Object.hasOwn(workloadKinds, kind);
}

function lookInto(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Where below `value` a list of containers stands, whatever the kind. */
function findPodSpec(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const containers = lookInto(value, "containers");
  if (Array.isArray(containers) && containers.some((entry) => lookInto(entry, "image") !== undefined))
    return [...path, "containers"].join(".");
  for (const [key, below] of Object.entries(value)) {
    const found = findPodSpec(below, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Pods that are alike: those of a workload, or of one colour of a service. */
export interface PodSet {
  readonly workload: Workload;
  readonly colour?: Colour;
  readonly labels: Readonly<Record<string, string>>;
}

/** The pods of a workload as they will be in the ring: a service's Deployment becomes one of each colour. */
export function listPodSets(workload: Workload, ring: string, isService: boolean): PodSet[] {
  const { labels } = workload.spec.template.metadata;
  if (!isService) return [{ workload, labels }];
  return COLOURS.map((colour) => ({
    workload,
    colour,
    labels: { ...labels, ...selectorOf(workload.name, colour), [LABEL.ring]: ring, [LABEL.release]: "r-any" },
  }));
}

/** As Kubernetes does it (LabelSelector): every condition has to hold. */
export function selects(
  { matchLabels, matchExpressions }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const isThere = Object.hasOwn(labels, key);
      const isListed = isThere && values.includes(labels[key] ?? "");
      return { In: isListed, NotIn: !isListed, Exists: isThere, DoesNotExist: !isThere }[operator];
    })
  );
}

export function selectsEverything({ matchLabels, matchExpressions }: Selector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}
