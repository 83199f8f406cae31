import { z } from "zod";

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

export const workloadSpec = z.looseObject({
  selector: selector.optional(),
  replicas: z.int().optional(),
  minReadySeconds: z.int().optional(),
  template,
});

/** The kinds whose pods the rules read: apiVersion, and where in the object the workload's spec lies. */
export const workloadKinds = {
  Deployment: { apiVersion: "apps/v1", at: ["spec"] },
  StatefulSet: { apiVersion: "apps/v1", at: ["spec"] },
  DaemonSet: { apiVersion: "apps/v1", at: ["spec"] },
  Job: { apiVersion: "batch/v1", at: ["spec"] },
  CronJob: { apiVersion: "batch/v1", at: ["spec", "jobTemplate", "spec"] },
} as const;

export type WorkloadKind = keyof typeof workloadKinds;

export const serviceSpec = z.looseObject({
  selector: labels.optional(),
  ports: z
    .array(z.looseObject({ name: z.string().optional(), port: z.int(), targetPort: portReference.optional() }))
    .default([]),
});

export const budgetSpec = z.looseObject({
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

export const policySpec = z
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
export interface Read<Spec> {
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
