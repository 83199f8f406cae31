import { z } from "zod";

const stepSchema = z.object({
  name: z.string(),
  /** How many steps it is a part of. */
  depth: z.number(),
  startMs: z.number(),
  endMs: z.number(),
});

export type RunStep = z.output<typeof stepSchema>;

/** What a picture of a run is drawn from: its steps of a second and more, in the order in which they began. */
export const runRecordSchema = z.object({
  command: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  ran: z.number(),
  known: z.number(),
  steps: z.array(stepSchema),
});

export type RunRecord = z.output<typeof runRecordSchema>;

const traceSchema = z.object({
  command: z.array(z.string()),
  startedAt: z.string(),
  durationMs: z.number(),
  steps: z.array(
    z.object({
      number: z.number(),
      parent: z.number().optional(),
      name: z.string(),
      startMs: z.number(),
      endMs: z.number(),
      outcome: z.string(),
    }),
  ),
});

const SHOWN_MS = 1000;
const MOST_STEPS = 16;
const LONGEST_NAME = 60;

/** Condenses a run that the engine has kept (`traces/*.json` of its store). */
export function condenseTrace(text: string): RunRecord {
  const trace = traceSchema.parse(JSON.parse(text.slice(text.indexOf("\n") + 1)));
  const byNumber = new Map(trace.steps.map((step) => [step.number, step]));
  const depthOf = (number: number | undefined): number => {
    const parent = number === undefined ? undefined : byNumber.get(number)?.parent;
    return parent === undefined ? 0 : 1 + depthOf(parent);
  };
  const isKnown = ({ outcome }: { readonly outcome: string }) => outcome === "cached";
  const long = trace.steps.filter((step) => !isKnown(step) && step.endMs - step.startMs >= SHOWN_MS);
  const kept = new Set([...long].sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, MOST_STEPS));
  const steps = long.filter((step) => kept.has(step));
  const words = trace.command.filter((word, at) => word !== "--trace" && trace.command[at - 1] !== "--trace");
  return {
    command: `slipway ${words.join(" ")}`,
    startedAt: trace.startedAt,
    durationMs: trace.durationMs,
    ran: trace.steps.filter((step) => !isKnown(step)).length,
    known: trace.steps.filter(isKnown).length,
    steps: steps.map(({ number, name, startMs, endMs }) => ({
      name: tell(name),
      depth: depthOf(number),
      startMs,
      endMs,
    })),
  };
}

/** A step as a person would say it: the command of an exec without the program that limits its time. */
function tell(name: string): string {
  return name
    .replace(/^withExec (timeout -k \d+ \d+ )?/, "")
    .replace(/^node --import tsx tests\/run\.ts /, "tests/run.ts ")
    .replace(/^Slipway\./, "")
    .replace(/^\/bin\/(kubectl kustomize) .*\/(\w+) --output .*/, "$1 $2")
    .slice(0, LONGEST_NAME);
}
