import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { nameSchema, timeSchema, wholeNumber } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { readRecordText } from "../input/record-text.ts";
import { eventName, type KubeObject, LABEL } from "./objects.ts";
import { type Release, releaseSchema } from "./release.ts";

/** A signed approval as it travels: the exact bytes that were signed, and the armoured SSHSIG over them. */
const signedApprovalSchema = mapping({
  statement: z.string().describe("The exact text that was signed."),
  signature: z.string().describe("The SSH signature over it, armoured."),
});

export type SignedApproval = z.output<typeof signedApprovalSchema>;

export const eventSchema = mapping({
  version: z.literal(1).describe("The version of this form."),
  seq: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe("1, 2, 3 … without a gap."),
  ring: nameSchema.describe("The ring that it happened in."),
  kind: z
    .enum(["started", "switched", "committed", "failed", "rolled-back", "frozen", "thawed"])
    .describe(
      "`started`, then perhaps `switched`, then exactly one of `committed` (verified), `failed` (it never got the whole traffic, or there was nothing to go back to) and `rolled-back`.",
    ),
  release: releaseSchema.describe("The release that it is about, whole."),
  live: z.string().nullable().describe("The release that served when this happened."),
  at: timeSchema.describe("When it happened."),
  switchedAt: timeSchema.nullable().describe("When the traffic was moved to the release, if it was."),
  decidedAt: timeSchema
    .nullable()
    .describe("When it was decided to go back: the first failing signal, or the person's call."),
  run: z.string().min(1).describe("Which call wrote it: the account and a random name."),
  actor: z.string().min(1).describe("The account of the cluster that wrote it."),
  epoch: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe("The epoch that the run held."),
  reason: z.string().describe("Why: what the person gave, or what failed."),
  short: z
    .literal(true)
    .optional()
    .describe("It went back to what was there before Slipway, and not all of that came up again in time."),
  planned: z
    .boolean()
    .describe("False when the ring goes back because the release failed, or because a person called `rollback`."),
  approvals: z.array(signedApprovalSchema).describe("The approvals that let it in."),
  approvalIds: z.array(z.string()).describe("Ids of the statements of `approvals`: each counts for one event only."),
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
      todo: "something else wrote to the ledger: find out what (kubectl get configmap -o yaml), then delete it",
    });
  const read = readRecordText(eventSchema, text ?? "");
  if ("problems" in read) throw refuse(`this is not an event: ${read.problems.join("; ")}`);
  if (eventName(read.value.seq) !== name) throw refuse(`this event calls itself number ${read.value.seq}`);
  return read.value;
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

/** The release of the last attempt, if it is verified and nothing has begun since. */
export function findPromotable(ledger: readonly LedgerEvent[]): Release | undefined {
  const told = ledger.filter(({ kind }) => kind !== "frozen" && kind !== "thawed");
  let live: Release | undefined;
  const verified: Release[] = [];
  for (const { kind, release } of told) {
    if (kind === "committed") verified.push(release);
    // The traffic is back at the one before.
    if (kind === "rolled-back" && verified.at(-1)?.id === release.id) verified.pop();
    live = kind === "switched" ? undefined : verified.at(-1);
  }
  return live;
}
