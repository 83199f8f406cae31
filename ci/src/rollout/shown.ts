import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { fields } from "../input/fields.ts";
import { DEFAULT_POLICY } from "./autoscalers.ts";
import { readHead } from "./head.ts";
import { jobSchema } from "./job-state.ts";
import { readEvent } from "./ledger.ts";
import type { KubeObject } from "./objects.ts";
import { podSpecOf } from "./own-images.ts";
import { podSchema } from "./pod.ts";
import { keyOf, listReads } from "./reads.ts";
import { readEarlierText } from "./rolling/earlier.ts";
import { findOwnersOf } from "./rolling/owners.ts";
import { listOf } from "./trouble.ts";
import { workloadSchema } from "./workload.ts";

/** Objects as `kubectl get --output json` shows them: of each kind, what a rollout reads of it. */

const strings = z.record(z.string(), z.string());

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string(),
    generation: z.number().default(0),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    ownerReferences: listOf(z.object({ kind: z.string(), name: z.string() })),
    labels: strings.default({}),
    annotations: strings.default({}),
  }),
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
const autoscalerSchema = z.object({
  metadata: z.object({ ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]) }),
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
    behavior: z
      .object({ scaleDown: z.object({ selectPolicy: z.string().default(DEFAULT_POLICY) }).prefault({}) })
      .prefault({}),
  }),
});

const configMapSchema = z.object({ data: strings.default({}) });

export type ObjectShown = z.output<typeof objectSchema>;

// One function each: what was read of an object is kept by it.
export const readObject = reader(objectSchema, () => "an object");
export const readLease = reader(leaseSchema);
const readConfigMap = reader(configMapSchema);
export const readService = reader(serviceSchema);
export const readSlice = reader(sliceSchema);
export const readDeployment = reader(workloadSchema);
export const readJob = reader(jobSchema);
export const readAutoscaler = reader(autoscalerSchema);
export const readPod = reader(podSchema);
export const readHeadOf = (item: unknown) => readHead(readConfigMap(item).data["head"]);
export const readEventOf = (item: unknown) =>
  readEvent(readObject(item).metadata.name, readConfigMap(item).data["event"]);
export const readEarlierOf = (item: unknown) => readEarlierText(readConfigMap(item).data["state"]);
export const readReads = (item: unknown) => listReads(podSpecOf(item)).map(keyOf);
export const findKeepers = (item: unknown) => findOwnersOf(item as KubeObject).keepers;

/** How objects of a kind are read. */
function reader<Out>(schema: z.ZodType<Out>, tell: (item: unknown) => string = tellObject): (item: unknown) => Out {
  return (item) => {
    const parsed = schema.safeParse(item);
    if (parsed.success) return parsed.data;
    throw new SlipwayError("bad-record", {
      what: `the cluster shows something unexpected: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
      where: tell(item),
      todo: "inspect it with kubectl get --output yaml; this version of Slipway cannot work with it",
    });
  };
}

function tellObject(item: unknown): string {
  const { kind, metadata } = fields(item);
  return `${kind} ${fields(metadata)["name"]}`;
}
