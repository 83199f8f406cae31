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

/** A release and where in the ring it runs. */
export const placementSchema = mapping({
  release: releaseSchema.describe("The release, whole."),
  colours: z
    .record(nameSchema, colourSchema)
    .describe(
      "Which colour of each service runs it. None: the Deployments are changed in place (`strategy: rolling`).",
    ),
  names: z
    .record(nameSchema, namesSchema)
    .optional()
    .describe("The names of the parts of services whose parts do not all have the name of the service."),
  verified: z.boolean().describe("It passed the bake here."),
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

/** The record of a ring. */
export const headSchema = mapping({
  version: z.literal(1).describe("The version of this form."),
  ring: nameSchema.describe("The ring."),
  phase: phaseSchema.describe("Where the ring is ([the phases](../delivery.md))."),
  since: timeSchema.describe("When the phase was entered. Deadlines count from here."),
  epoch: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe(
    "The fence of this record: only the run that holds this epoch writes it.",
  ),
  claiming: z
    .boolean()
    .describe(
      "This run came in while writes of an earlier one may be on their way, and still claims the objects they go to.",
    ),
  seq: wholeNumber(0, Number.MAX_SAFE_INTEGER).describe(
    "Number of the ledger's last event, which `event` repeats: it is written to the ledger after this record.",
  ),
  event: eventSchema.nullable().describe("The ledger's last event."),
  live: placementSchema.nullable().describe("What serves."),
  want: placementSchema.nullable().describe("What is being brought up, or, in ROLLBACK, taken down."),
  prev: placementSchema
    .nullable()
    .describe(
      "What to go back to: recorded before the first Service moves, dropped before its pods are used for something else.",
    ),
  before: z
    .record(nameSchema, z.string())
    .optional()
    .describe(
      "By service: the ConfigMap that keeps what its Deployment was before the release under way, or the live one, came. Only where Deployments are changed in place; written before the first of them is.",
    ),
  attempt: wholeNumber(1, Number.MAX_SAFE_INTEGER)
    .nullable()
    .describe("Number of the `started` event of the attempt under way."),
  switchedAt: timeSchema.nullable().describe("When the last Service was seen at the candidate."),
  rollback: mapping({
    from: phaseSchema.describe("The phase that it goes back from."),
    to: placementSchema
      .nullable()
      .describe("`null`: there was nothing before; the candidate is taken down and nothing serves."),
    reason: z.string().describe("Why it goes back."),
    planned: z
      .boolean()
      .describe("False when the release failed, or a person called `rollback`; true when another release replaces it."),
    decidedAt: timeSchema.describe("When it was decided."),
  })
    .nullable()
    .describe("That the ring goes back, and to what."),
  frozen: mapping({
    from: phaseSchema.describe("The phase from which it continues when it is thawed."),
    why: z.enum(["approval", "person"]).describe("Who froze it: an approval that is missing, or a person."),
    reason: z.string().describe("Why it is frozen."),
  })
    .nullable()
    .describe("That nothing moves."),
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
