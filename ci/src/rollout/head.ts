import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { nameSchema, timeSchema, wholeNumber } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { readRecordText } from "../input/record-text.ts";
import { eventSchema } from "./ledger.ts";
import { namesSchema } from "./names.ts";
import { HEAD_NAME, type KubeObject, LABEL } from "./objects.ts";
import { releaseSchema } from "./release.ts";

const colourSchema = z.enum(["blue", "green"]);

const placementSchema = mapping({
  release: releaseSchema,
  /** Which colour of each service runs it. None: the Deployments are changed in place (`strategy: rolling`). */
  colours: z.record(nameSchema, colourSchema),
  /** What the parts of those services are called that are not all called like the service. */
  names: z.record(nameSchema, namesSchema).optional(),
  /** It passed the bake here. */
  verified: z.boolean(),
});

/** A release and where in the ring it runs. */
export type Placement = z.output<typeof placementSchema>;

/**
 * ```
 *            deploy                available           smoke, approvals
 *  STABLE ------------> PREPARED ------------> STAGED -----------------> SWITCHING
 *    ^                     |                     |                           | every Service moved and probed
 *    |                     | failing, late       | failing                   v
 *    |                     v                     v         gate fails     BAKING
 *    |<------------------ ROLLBACK <--------------------------------------  |
 *    |<---- old colour idle ---- COMMITTING <-------------------------------+ bake over
 *
 *  In a ring whose Deployments are changed in place (ROLLING in place of STAGED and SWITCHING):
 *
 *  STABLE ------------> PREPARED ----------------> ROLLING -------------> BAKING, as above
 *            deploy         jobs, what was is kept          every pod new and probed
 * ```
 * FROZEN is entered from any of them and left to where it came from.
 */
const phaseSchema = z.enum([
  "STABLE",
  "PREPARED",
  "STAGED",
  "SWITCHING",
  "ROLLING",
  "BAKING",
  "COMMITTING",
  "ROLLBACK",
  "FROZEN",
]);

export type Phase = z.output<typeof phaseSchema>;

const headSchema = mapping({
  version: z.literal(1),
  ring: nameSchema,
  phase: phaseSchema,
  /** When the phase was entered. Deadlines count from here. */
  since: timeSchema,
  /** The fence of this record: only the run that holds this epoch writes it. */
  epoch: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  /** This run came in while writes of an earlier one may be on their way, and still claims the objects they go to. */
  claiming: z.boolean(),
  /** Number of the ledger's last event, which `event` repeats: it is written to the ledger after this record. */
  seq: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  event: eventSchema.nullable(),
  /** What serves. */
  live: placementSchema.nullable(),
  /** What is being brought up, or, in ROLLBACK, taken down. */
  want: placementSchema.nullable(),
  /** What to go back to: recorded before the first Service moves, dropped before its pods are used for something else. */
  prev: placementSchema.nullable(),
  /**
   * By service: the ConfigMap that keeps what its Deployment was before the release under way, or the live one, came.
   * Only where Deployments are changed in place; written before the first of them is.
   */
  before: z.record(nameSchema, z.string()).optional(),
  /** Number of the `started` event of the attempt under way. */
  attempt: wholeNumber(1, Number.MAX_SAFE_INTEGER).nullable(),
  /** When the last Service was seen at the candidate. */
  switchedAt: timeSchema.nullable(),
  rollback: mapping({
    from: phaseSchema,
    /** `null`: there was nothing before; the candidate is taken down and nothing serves. */
    to: placementSchema.nullable(),
    reason: z.string(),
    planned: z.boolean(),
    decidedAt: timeSchema,
  }).nullable(),
  frozen: mapping({ from: phaseSchema, why: z.enum(["approval", "person"]), reason: z.string() }).nullable(),
});

/** One record per ring for the whole release: everything a new process needs to go on. */
export type Head = z.output<typeof headSchema>;

export function headObject(head: Head): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: HEAD_NAME, labels: { [LABEL.record]: "head", [LABEL.ring]: head.ring } },
    data: { head: JSON.stringify(head) },
  };
}

/** @throws SlipwayError `bad-record` with every problem. */
export function readHead(text: string | undefined): Head {
  const refuse = (what: string) =>
    new SlipwayError("bad-record", {
      what,
      where: `ConfigMap ${HEAD_NAME}`,
      todo: "restore the record from the last event (slipway-evt-…), or use the version of Slipway that wrote it",
    });
  const read = readRecordText(headSchema, text ?? "");
  if ("value" in read) return read.value;
  throw refuse(`the ring's record cannot be read: ${read.problems.join("; ")}`);
}

/** The phase, or under a freeze the one that it holds. */
export function phaseOf(head: Head): Phase {
  return head.phase === "FROZEN" ? (head.frozen?.from ?? "STABLE") : head.phase;
}

/** Every place of a release that the record knows of. */
export function listPlacements({ live, want, prev, rollback }: Head): Placement[] {
  return [live, want, prev, rollback?.to ?? null].filter((placement) => placement !== null);
}
