import { z } from "zod";
import { fields } from "../input/fields.ts";
import { keyOf } from "./reads.ts";
import { conditionSchema, listOf, since, type Trouble, troubleOf } from "./trouble.ts";

/** What other objects than pods and Deployments tell about why pods do not come up. All of it may be left out. */
export interface Hints {
  /** The latest warning about an object, by `Kind/name`. */
  readonly warnings: ReadonlyMap<string, Trouble>;
  /** ReplicaSets by the Deployment that owns them. */
  readonly replicaSets: ReadonlyMap<string, readonly ReplicaSetSeen[]>;
}

export interface ReplicaSetSeen {
  readonly name: string;
  /** Which of its Deployment's templates it stands for. */
  readonly revision: string | undefined;
  /** Why it cannot make its pods. */
  readonly trouble: Trouble | undefined;
}

export const REVISION = "deployment.kubernetes.io/revision";

const eventSchema = z.object({
  metadata: z.object({ creationTimestamp: z.string().nullish() }),
  involvedObject: z.object({ kind: z.string().default(""), name: z.string().default("") }),
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  series: z.object({ lastObservedTime: z.string().nullish() }).nullish(),
});

const replicaSetSchema = z.object({
  metadata: z.object({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
    ownerReferences: listOf(z.object({ kind: z.string(), name: z.string() })),
  }),
  status: z.object({ conditions: listOf(conditionSchema) }).prefault({}),
});

/** Reads what there is of it. Objects that are not as expected tell nothing: no decision needs them. */
export function readHints(items: readonly unknown[]): Hints {
  const warnings = new Map<string, Trouble & { readonly atMs: number }>();
  const replicaSets = new Map<string, ReplicaSetSeen[]>();
  for (const item of items) {
    const { kind } = fields(item);
    const event = kind === "Event" ? eventSchema.safeParse(item).data : undefined;
    if (event?.type === "Warning" && (event.reason || event.message)) {
      const { involvedObject: about, metadata, firstTimestamp, lastTimestamp, eventTime, series } = event;
      const first = firstTimestamp ?? eventTime ?? metadata.creationTimestamp;
      const last = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
      const atMs = since(last).sinceMs ?? 0;
      const key = keyOf(about);
      if (atMs < (warnings.get(key)?.atMs ?? 0)) continue;
      warnings.set(key, { reason: event.reason ?? "", message: event.message ?? "", ...since(first), atMs });
    }
    const set = kind === "ReplicaSet" ? replicaSetSchema.safeParse(item).data : undefined;
    const owner = set?.metadata.ownerReferences.find(({ kind }) => kind === "Deployment")?.name;
    if (set === undefined || owner === undefined) continue;
    const failure = set.status.conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
    const seen = {
      name: set.metadata.name,
      revision: set.metadata.annotations?.[REVISION],
      trouble: failure && troubleOf(failure),
    };
    replicaSets.set(owner, [...(replicaSets.get(owner) ?? []), seen]);
  }
  return { warnings, replicaSets };
}
