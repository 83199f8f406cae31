import { z } from "zod";
import { type Head, readHead } from "./head.ts";
import { type LedgerEvent, readEvent } from "./ledger.ts";
import { ANNOTATION, type Colour, HEAD_NAME, LABEL, LEASE_NAME } from "./objects.ts";
import { podSpecOf } from "./own-images.ts";
import { keyOf, listReads } from "./reads.ts";
import { SlipwayError } from "./slipway-error.ts";

export interface LeaseSeen {
  /** Empty when nobody holds it. */
  readonly holder: string;
  /** `leaseTransitions`: the epoch of the latest holder. */
  readonly epoch: number;
  readonly acquiredAtMs: number;
  readonly renewedAtMs: number;
  readonly seconds: number;
  readonly resourceVersion: string;
}

export interface DeploymentSeen {
  readonly service: string;
  readonly colour: Colour;
  readonly resourceVersion: string;
  readonly epoch: number | null;
  readonly content: string | undefined;
  /** Image of the service's own container, as the template names it. */
  readonly image: string | undefined;
  /** `Kind/name` of what its pods read. */
  readonly reads: readonly string[];
  readonly replicas: number;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly statusReplicas: number;
  readonly updated: number;
  readonly available: number;
  /** Message of the condition Progressing=False, which the controller sets after progressDeadlineSeconds. */
  readonly stuck: string | undefined;
}

export interface ServiceSeen {
  readonly selector: Readonly<Record<string, string>> | null;
  /** As they are written there. */
  readonly ports: readonly unknown[];
  readonly epoch: number | null;
  readonly resourceVersion: string;
}

export interface PodSeen {
  readonly name: string;
  readonly service: string;
  readonly colour: Colour;
  readonly image: string | undefined;
  readonly ready: boolean;
  readonly restarts: number;
  /** Why a container does not run: the kubelet's reason (`ImagePullBackOff` …) and message. */
  readonly trouble: { readonly reason: string; readonly message: string } | undefined;
}

/** What a ring's namespace holds, as one reading shows it. */
export interface Snapshot {
  readonly lease: LeaseSeen | null;
  readonly head: { readonly record: Head; readonly resourceVersion: string } | null;
  /** By number. */
  readonly ledger: readonly LedgerEvent[];
  /** By name (`ingest-blue`). */
  readonly deployments: ReadonlyMap<string, DeploymentSeen>;
  /** By name, the coloured ones too. */
  readonly services: ReadonlyMap<string, ServiceSeen>;
  /** Pods that are on their way out are not among them. */
  readonly pods: readonly PodSeen[];
  /** Pods of no service that do not run, such as a broker's: they may be why those of a service do not get ready. */
  readonly neighbours: readonly Pick<PodSeen, "name" | "trouble">[];
  /** Names of the pods that get the traffic of a Service, by the Service's name. */
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
  /** Content hash and resource version of every object, by `Kind/name`. */
  readonly objects: ReadonlyMap<string, { readonly content: string | undefined; readonly resourceVersion: string }>;
  /** What pods of one colour read, as Slipway has named it by its content, by `Kind/name`. */
  readonly copies: ReadonlyMap<string, CopySeen>;
}

export interface CopySeen {
  readonly kind: string;
  readonly name: string;
  readonly epoch: number | null;
  readonly resourceVersion: string;
}

const strings = z.record(z.string(), z.string());

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string(),
    generation: z.number().default(0),
    deletionTimestamp: z.string().optional(),
    labels: strings.default({}),
    annotations: strings.default({}),
  }),
});

const containersSchema = z.array(z.object({ name: z.string(), image: z.string() }));

const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.number().default(1),
    template: z.object({ spec: z.object({ containers: containersSchema }) }),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") }))
        .default([]),
    })
    .prefault({}),
});

const waitingSchema = z.object({ reason: z.string().default(""), message: z.string().default("") });

const podSchema = z.object({
  spec: z.object({ containers: containersSchema }),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      containerStatuses: z
        .array(
          z.object({
            restartCount: z.number().default(0),
            state: z.object({ waiting: waitingSchema.optional() }).default({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

const leaseSchema = z.object({
  spec: z.object({
    holderIdentity: z.string().default(""),
    leaseTransitions: z.number().default(0),
    leaseDurationSeconds: z.number().default(0),
    acquireTime: z.string().optional(),
    renewTime: z.string().optional(),
  }),
});

const sliceSchema = z.object({
  endpoints: z
    .array(
      z.object({
        conditions: z.object({ ready: z.boolean().optional() }).default({}),
        targetRef: z.object({ name: z.string() }).optional(),
        addresses: z.array(z.string()).default([]),
      }),
    )
    .nullable()
    .default([]),
});

const serviceSchema = z.object({
  spec: z.object({ selector: strings.optional(), ports: z.array(z.unknown()).default([]) }),
});
const configMapSchema = z.object({ data: strings.default({}) });

/**
 * Reads the `items` of `kubectl get … --output json` of one namespace: Deployments, Services, EndpointSlices, Pods,
 * ConfigMaps, the Lease, and whatever else the manifests hold. Objects of other kinds are kept for their content hash.
 *
 * @throws SlipwayError `bad-record` when an object is not as Kubernetes writes it, or a record not as Slipway does.
 */
export function observe(items: readonly unknown[]): Snapshot {
  let lease: LeaseSeen | null = null;
  let head: Snapshot["head"] = null;
  const ledger: LedgerEvent[] = [];
  const deployments = new Map<string, DeploymentSeen>();
  const services = new Map<string, ServiceSeen>();
  const pods: PodSeen[] = [];
  const neighbours: Pick<PodSeen, "name" | "trouble">[] = [];
  const endpoints = new Map<string, string[]>();
  const objects = new Map<string, { content: string | undefined; resourceVersion: string }>();
  const copies = new Map<string, CopySeen>();

  for (const item of items) {
    const { kind, metadata } = read(objectSchema, item, "an object");
    const { name, labels, annotations, resourceVersion } = metadata;
    const where = `${kind} ${name}`;
    const service = labels[LABEL.service];
    const colour = readColour(labels[LABEL.colour]);
    const epoch = readEpoch(annotations[ANNOTATION.epoch], where);
    const content = annotations[ANNOTATION.content];
    objects.set(`${kind}/${name}`, { content, resourceVersion });
    if (labels[LABEL.record] === "copy") copies.set(`${kind}/${name}`, { kind, name, epoch, resourceVersion });
    if (kind === "Lease" && name === LEASE_NAME) {
      const { spec } = read(leaseSchema, item, where);
      lease = {
        holder: spec.holderIdentity,
        epoch: spec.leaseTransitions,
        acquiredAtMs: spec.acquireTime === undefined ? 0 : Date.parse(spec.acquireTime),
        renewedAtMs: spec.renewTime === undefined ? 0 : Date.parse(spec.renewTime),
        seconds: spec.leaseDurationSeconds,
        resourceVersion,
      };
    } else if (kind === "ConfigMap" && name === HEAD_NAME) {
      head = { record: readHead(read(configMapSchema, item, where).data["head"]), resourceVersion };
    } else if (kind === "ConfigMap" && labels[LABEL.record] === "event") {
      ledger.push(readEvent(name, read(configMapSchema, item, where).data["event"]));
    } else if (kind === "Service") {
      const { selector = null, ports } = read(serviceSchema, item, where).spec;
      services.set(name, { selector, ports, epoch, resourceVersion });
    } else if (kind === "EndpointSlice") {
      const of = labels["kubernetes.io/service-name"];
      if (of === undefined) continue;
      const ready = (read(sliceSchema, item, where).endpoints ?? [])
        // A missing condition means ready (EndpointSlice v1).
        .filter(({ conditions }) => conditions.ready !== false)
        .map(({ targetRef, addresses }) => targetRef?.name ?? addresses.join());
      endpoints.set(of, [...(endpoints.get(of) ?? []), ...ready]);
    } else if (kind === "Deployment" && service !== undefined && colour !== undefined) {
      const { spec, status } = read(deploymentSchema, item, where);
      deployments.set(name, {
        service,
        colour,
        resourceVersion,
        epoch,
        content,
        image: spec.template.spec.containers.find((container) => container.name === service)?.image,
        reads: listReads(podSpecOf(item)).map(keyOf),
        replicas: spec.replicas,
        generation: metadata.generation,
        observedGeneration: status.observedGeneration,
        statusReplicas: status.replicas,
        updated: status.updatedReplicas,
        available: status.availableReplicas,
        stuck: status.conditions.find(({ type, status: is }) => type === "Progressing" && is === "False")?.message,
      });
    } else if (kind === "Pod") {
      if (metadata.deletionTimestamp !== undefined) continue;
      const { spec, status } = read(podSchema, item, where);
      const trouble = status.containerStatuses.map(({ state }) => state.waiting).find((waiting) => waiting?.reason);
      if (service === undefined || colour === undefined) {
        if (trouble !== undefined) neighbours.push({ name, trouble });
        continue;
      }
      pods.push({
        name,
        service,
        colour,
        image: spec.containers.find((container) => container.name === service)?.image,
        ready: status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
        restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
        trouble,
      });
    }
  }
  ledger.sort((left, right) => left.seq - right.seq);
  return { lease, head, ledger, deployments, services, pods, neighbours, endpoints, objects, copies };
}

function read<Out>(schema: z.ZodType<Out>, item: unknown, where: string): Out {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new SlipwayError("bad-record", {
    what: `the cluster shows something unexpected: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
    where,
    todo: "look at it with kubectl get --output yaml; this version of Slipway cannot work with it",
  });
}

function readColour(text: string | undefined): Colour | undefined {
  return text === "blue" || text === "green" ? text : undefined;
}

function readEpoch(text: string | undefined, where: string): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new SlipwayError("bad-record", {
    what: `the annotation ${ANNOTATION.epoch} is ${JSON.stringify(text)}, not a positive number`,
    where,
    todo: `remove it with kubectl annotate ${where.replace(" ", "/")} ${ANNOTATION.epoch}-`,
  });
}
