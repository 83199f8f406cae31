import { z } from "zod";
import { eventSchema } from "./ledger.ts";
import { HEAD_NAME, type KubeObject, LABEL } from "./objects.ts";
import { nameSchema, releaseSchema } from "./release.ts";
import { SlipwayError } from "./slipway-error.ts";

const colourSchema = z.enum(["blue", "green"]);

const placementSchema = z.strictObject({
  release: releaseSchema,
  /** Which colour of each service runs it. */
  colours: z.record(nameSchema, colourSchema),
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
 * ```
 * FROZEN is entered from any of them and left to where it came from.
 */
export const phaseSchema = z.enum([
  "STABLE",
  "PREPARED",
  "STAGED",
  "SWITCHING",
  "BAKING",
  "COMMITTING",
  "ROLLBACK",
  "FROZEN",
]);

export type Phase = z.output<typeof phaseSchema>;

export const headSchema = z.strictObject({
  version: z.literal(1),
  ring: nameSchema,
  phase: phaseSchema,
  /** When the phase was entered. Deadlines count from here. */
  since: z.iso.datetime(),
  /** The fence of this record: only the run that holds this epoch writes it. */
  epoch: z.int().min(1),
  /** This run came in while writes of an earlier one may be on their way, and still claims the objects they go to. */
  claiming: z.boolean(),
  /** Number of the ledger's last event, which `event` repeats: it is written to the ledger after this record. */
  seq: z.int().min(0),
  event: eventSchema.nullable(),
  /** What serves. */
  live: placementSchema.nullable(),
  /** What is being brought up, or, in ROLLBACK, taken down. */
  want: placementSchema.nullable(),
  /** What to go back to: recorded before the first Service moves, dropped before its pods are used for something else. */
  prev: placementSchema.nullable(),
  /** Number of the `started` event of the attempt under way. */
  attempt: z.int().min(1).nullable(),
  /** When the last Service was seen at the candidate. */
  switchedAt: z.iso.datetime().nullable(),
  rollback: z
    .strictObject({
      from: phaseSchema,
      /** `null`: there was nothing before; the candidate is taken down and nothing serves. */
      to: placementSchema.nullable(),
      reason: z.string(),
      planned: z.boolean(),
      decidedAt: z.iso.datetime(),
    })
    .nullable(),
  frozen: z.strictObject({ from: phaseSchema, why: z.enum(["approval", "person"]), reason: z.string() }).nullable(),
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
  let json: unknown;
  try {
    json = JSON.parse(text ?? "");
  } catch {
    throw refuse("the ring's record is not JSON");
  }
  const parsed = headSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw refuse(
    `the ring's record cannot be read: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
  );
}
