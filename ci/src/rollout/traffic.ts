import { z } from "zod";
import { pathSchema } from "../input/http-path.ts";
import { portSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { readSamples, type Sample } from "./exposition.ts";
import type { RingPolicy } from "./policy.ts";

const patternSchema = z.string().refine(isPattern, "expected a regular expression, for example 5..");

/** Label → what its whole value must be like. A label that a series lacks is empty, as for Prometheus. */
const matchersSchema = z
  .record(z.string(), patternSchema)
  .refine((all) => Object.keys(all).length > 0, "expected at least one label")
  .superRefine((all, context) => {
    for (const label of Object.keys(all)) {
      if (!/^[a-zA-Z_]\w*$/.test(label))
        context.addIssue({ code: "custom", path: [label], message: "expected the name of a label" });
    }
  });

/** How the pods of a service count their requests: part of slipway.yaml. */
export const counterRuleSchema = mapping({
  port: portSchema.describe("Where each pod reports its counters, in Prometheus' text format."),
  path: pathSchema.default("/metrics").describe("The path of the counters."),
  requests: z
    .string()
    .regex(/^[a-zA-Z_:][\w:]*$/, "expected the name of a counter")
    .describe("The name of the counter of requests; of a histogram or a summary, its …_count."),
  failed: matchersSchema.describe(
    "Which of its series count failed requests: those in which all of these labels match.",
  ),
  except: matchersSchema
    .optional()
    .describe(
      "Series that are left out, failed or not: those in which all of these labels match. For requests that a machine makes all the time, such as Slipway's own probe: many good answers to them would hide bad answers to people.",
    ),
});

export type CounterRule = z.output<typeof counterRuleSchema>;

/** Requests, and those of them that failed. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** What Slipway asked a service itself. */
export interface Asked extends Counts {
  /** It did not answer as it should, the last time and perhaps before; gone once it does. */
  readonly failing?: { readonly inARow: number; readonly said: string };
  /** Why it could not be asked the last time. */
  readonly unasked?: string;
}

export interface Counted extends Counts {
  /** The counter's name, when no pod has it. */
  readonly unknown?: string;
}

/** The requests to a release, as far as they could be measured. Services by name. */
export interface Traffic {
  readonly release: string;
  /** What Slipway asked the live Services itself during the bake. */
  readonly asked: Readonly<Record<string, Asked>>;
  /**
   * What the pods have counted since they started. That is since before the switch, but they got no traffic then; and it
   * is the same for every process that looks. Services without `metrics` in slipway.yaml are not in it.
   */
  readonly counted: Readonly<Record<string, Counted>>;
  /** Pods whose counters are not in it although they should be, and why, one line each. */
  readonly unread: readonly string[];
}

/**
 * So many failed requests of Slipway in a row speak against a release, however few there were in all: who waits for each
 * answer of a service that hangs asks it seldom.
 */
const MAX_IN_A_ROW = 3;

/** What the text that a pod tells about itself says about its requests. A counter that is not there counts none. */
export function countRequests(
  text: string,
  { requests: name, failed, except }: CounterRule,
): (Counts & { readonly known: boolean }) | { readonly problem: string } {
  const read = readSamples(text);
  if ("problem" in read) return read;
  const series = read.samples.filter((sample) => sample.name === name);
  const strange = series.find(({ value }) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (strange !== undefined) return { problem: `${name} is ${strange.value}, which counts nothing` };
  const labels = new Set(series.flatMap((sample) => [...sample.labels.keys()]));
  // A wrong name would match nothing, and a gate that sees no failures lets everything pass.
  const missing = Object.keys({ ...failed, ...except }).filter((label) => series.length > 0 && !labels.has(label));
  if (missing.length > 0)
    return { problem: `${name} has no label ${missing.join(", ")}; it has ${[...labels].join(", ") || "none"}` };
  const looked = series.filter((sample) => except === undefined || !matchesAll(sample, except));
  return {
    requests: sum(looked),
    failures: sum(looked.filter((sample) => matchesAll(sample, failed))),
    known: series.length > 0,
  };
}

/**
 * Why the requests to a release speak against it, or `undefined`. Each service is judged by itself, so that a small one
 * does not hide behind a busy one; those with too few requests are judged together.
 */
export function judgeTraffic({ asked, counted }: Traffic, gate: RingPolicy["gate"]): string | undefined {
  const judged = gate.maxErrorShare < 1;
  const isBad = ({ requests, failures }: Counts) => requests > 0 && failures / requests > gate.maxErrorShare;
  const isEnough = ({ requests }: Counts) => requests >= gate.minRequests;
  const tell = (who: string, { requests, failures }: Counts, what: string) =>
    `${who}: ${tellNumber(failures)} of ${tellCount(requests, what)} failed (${((failures / requests) * 100).toFixed(2)} %), ${tellShare(gate.maxErrorShare)} are allowed`;
  const own = Object.entries(asked);
  const others = Object.entries(counted);
  const lines = [
    ...others
      .filter(([, counts]) => isEnough(counts) && isBad(counts))
      .map(([name, counts]) => tell(name, counts, "request")),
    // Every service is asked equally often: all together tell when it has been often enough.
    ...(isEnough(addUp(own))
      ? own.filter(([, counts]) => isBad(counts)).map(([name, counts]) => tell(name, counts, "request of Slipway"))
      : []),
  ];
  const small = others.filter(([, counts]) => counts.requests > 0 && !isEnough(counts));
  const together = addUp(small);
  if (isEnough(together) && isBad(together))
    lines.push(tell(small.map(([name]) => name).join(" and "), together, "request"));
  const hanging = Object.entries(asked).flatMap(([name, { failing }]) =>
    judged && failing !== undefined && failing.inARow >= MAX_IN_A_ROW
      ? [`${name}: the last ${failing.inARow} requests of Slipway failed: ${failing.said}`]
      : [],
  );
  const all = [...lines, ...hanging];
  return all.length === 0 ? undefined : all.join("\n    ");
}

/**
 * What a bake may not end with, because nobody could say then how the release does: a service that answered wrongly the
 * last time that Slipway asked, or could not be asked, and counters that could not be read. One line each.
 */
export function listDoubts({ asked, unread }: Traffic, gate: RingPolicy["gate"]): string[] {
  const doubts = Object.entries(asked).flatMap(([name, { failing, unasked }]) => {
    if (unasked !== undefined) return [`${name} could not be asked: ${unasked}`];
    return failing === undefined || gate.maxErrorShare >= 1 ? [] : [`${name} failed when last asked: ${failing.said}`];
  });
  return [...doubts, ...unread];
}

/** What was measured, in one line for a person: `ingest 1,204 requests 0 failed, dashboard 1 request 0 failed; …`. */
export function tellTraffic({ asked, counted, unread }: Traffic): string {
  const tell = (counts: Counts) => `${tellCount(counts.requests, "request")} ${tellNumber(counts.failures)} failed`;
  const others = Object.entries(counted);
  // Workers and jobs alone: their pods are all that there is to watch.
  if (Object.keys(asked).length + others.length === 0) return "it answers no requests; its pods are healthy";
  const own = `Slipway's own ${tell(addUp(Object.entries(asked)))}`;
  const unknown = others.flatMap(([name, counts]) =>
    counts.unknown === undefined ? [] : [`no pod of ${name} counts ${counts.unknown}`],
  );
  const seen = others.some(([, { requests }]) => requests > 0)
    ? others.map(([name, counts]) => `${name} ${tell(counts)}`).join(", ")
    : others.length > 0
      ? "no requests from others were seen"
      : "requests from others were not counted (no service has metrics in slipway.yaml)";
  return [seen, ...unknown, ...(unread.length === 0 ? [] : [`not all counters could be read: ${unread[0]}`]), own].join(
    "; ",
  );
}

function matchesAll({ labels }: Sample, matchers: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchers).every(([label, pattern]) => anchor(pattern).test(labels.get(label) ?? ""));
}

function anchor(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "su");
}

function isPattern(text: string): boolean {
  try {
    // As it stands: what anchoring puts around it could complete it.
    new RegExp(text, "su");
    return true;
  } catch {
    return false;
  }
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

function addUp(entries: readonly (readonly [string, Counts])[]): Counts {
  return entries.reduce(
    (total, [, { requests, failures }]) => ({
      requests: total.requests + requests,
      failures: total.failures + failures,
    }),
    { requests: 0, failures: 0 },
  );
}

/** `request of Slipway` → `1,204 requests of Slipway`. */
function tellCount(count: number, what: string): string {
  const [noun, ...rest] = what.split(" ");
  return [tellNumber(count), count === 1 ? noun : `${noun}s`, ...rest].join(" ");
}

function tellNumber(count: number): string {
  return count.toLocaleString("en-US");
}

function tellShare(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}
