import { z } from "zod";
import { eventName, type KubeObject, LABEL } from "./objects.ts";
import { nameSchema, type Release, releaseSchema } from "./release.ts";
import { SlipwayError } from "./slipway-error.ts";

/** A signed approval as it travels: the exact bytes that were signed, and the armoured SSHSIG over them. */
export const signedApprovalSchema = z.strictObject({ statement: z.string(), signature: z.string() });

export type SignedApproval = z.output<typeof signedApprovalSchema>;

export const eventSchema = z.strictObject({
  version: z.literal(1),
  /** 1, 2, 3 … without a gap. */
  seq: z.int().min(1),
  ring: nameSchema,
  /**
   * `started`, then perhaps `switched`, then exactly one of `committed` (verified), `failed` (it never got the whole
   * traffic, or there was nothing to go back to) and `rolled-back`.
   */
  kind: z.enum(["started", "switched", "committed", "failed", "rolled-back", "frozen", "thawed"]),
  release: releaseSchema,
  /** The release that served when this happened. */
  live: z.string().nullable(),
  at: z.iso.datetime(),
  /** When the traffic was moved to the release, if it was. */
  switchedAt: z.iso.datetime().nullable(),
  /** When it was decided to go back: the first failing signal, or the person's call. */
  decidedAt: z.iso.datetime().nullable(),
  run: z.string().min(1),
  actor: z.string().min(1),
  epoch: z.int().min(1),
  reason: z.string(),
  planned: z.boolean(),
  approvals: z.array(signedApprovalSchema),
  /** Ids of the statements of `approvals`: each is good for one event only. */
  approvalIds: z.array(z.string()),
});

/** One thing that happened in a ring. Never changed once it is written. */
export type LedgerEvent = z.output<typeof eventSchema>;

/** Does the event end the attempt that its `started` began? */
export function endsAttempt(event: LedgerEvent): boolean {
  return event.kind === "committed" || event.kind === "failed" || event.kind === "rolled-back";
}

/** The ConfigMap of an event. `create` is its compare-and-swap; `immutable` keeps it as it is. */
export function eventObject(event: LedgerEvent): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: eventName(event.seq), labels: { [LABEL.record]: "event", [LABEL.ring]: event.ring } },
    immutable: true,
    data: { event: JSON.stringify(event) },
  };
}

/** @throws SlipwayError `bad-record` when the ConfigMap holds no event, or one of another place. */
export function readEvent(name: string, text: string | undefined): LedgerEvent {
  const refuse = (what: string) =>
    new SlipwayError("bad-record", {
      what,
      where: `ConfigMap ${name}`,
      todo: "the ledger was written by something else: find out who (kubectl get configmap -o yaml), then delete it",
    });
  let json: unknown;
  try {
    json = JSON.parse(text ?? "");
  } catch {
    throw refuse("this event is not JSON");
  }
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) {
    throw refuse(
      `this is not an event: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
    );
  }
  if (eventName(parsed.data.seq) !== name) throw refuse(`this event says it is number ${parsed.data.seq}`);
  return parsed.data;
}

/**
 * Is the release verified in the ring whose ledger this is? It is from its `committed` event on, until it is rolled
 * back. The digests are compared too, not just the name.
 */
export function isVerified(ledger: readonly LedgerEvent[], release: Release): boolean {
  const last = ledger.filter((event) => endsAttempt(event) && event.release.id === release.id).at(-1);
  if (last?.kind !== "committed") return false;
  const services = Object.entries(release.services);
  return (
    services.length === Object.keys(last.release.services).length &&
    services.every(([name, { digest }]) => last.release.services[name]?.digest === digest)
  );
}

/** Ids of all approvals that some of the events have used up. */
export function listUsedApprovals(events: readonly LedgerEvent[]): Set<string> {
  return new Set(events.flatMap(({ approvalIds }) => approvalIds));
}
