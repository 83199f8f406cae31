import { SlipwayError } from "../account.ts";
import { findRing } from "../config/find-ring.ts";
import { ownValue, timeSchema } from "../input/names.ts";
import { tellChoices } from "../input/nearest-name.ts";
import { showName } from "../input/shown.ts";
import { type DeliveryMetrics, measureDelivery } from "../rollout/delivery-metrics.ts";
import type { Delivery } from "./delivery.ts";
import { tellMetrics } from "./metrics-report.ts";
import { writeJson, writeOpenMetrics } from "./metrics-text.ts";
import { readLedger } from "./ring.ts";

const FORMATS: Readonly<Record<string, (measured: DeliveryMetrics, ring: string) => string>> = {
  table: tellMetrics,
  openmetrics: writeOpenMetrics,
  json: writeJson,
};

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * The delivery performance of a ring, from its ledger.
 *
 * @throws SlipwayError `bad-arguments` with everything that is wrong with the arguments
 */
export async function metrics(
  { settings, kubectl, now }: Delivery,
  ring: string,
  { since, format = "table" }: { readonly since?: string | undefined; readonly format?: string | undefined },
): Promise<string> {
  const { policy } = findRing(settings, ring);
  const untilMs = now();
  const sinceMs = since === undefined ? undefined : readSince(since, untilMs);
  const write = ownValue(FORMATS, format);
  if (write === undefined || typeof sinceMs === "string") {
    const wrongFormat = `${showName(format)} is not a format: ${tellChoices(format, Object.keys(FORMATS))}`;
    const problems = [...(write === undefined ? [wrongFormat] : []), ...(typeof sinceMs === "string" ? [sinceMs] : [])];
    throw new SlipwayError("bad-arguments", {
      what: problems.join("\n"),
      where: "the arguments --format and --since of metrics",
      todo: "correct them, or leave them out: the table, since the first event of the ledger",
    });
  }
  return write(measureDelivery(await readLedger(kubectl, policy.namespace), { sinceMs, untilMs }), ring);
}

/** The time that is meant, or what is wrong with it. */
function readSince(text: string, nowMs: number): number | string {
  const sinceMs = readTime(text, nowMs);
  if (sinceMs === undefined)
    return `${showName(text)} is not a time: expected one such as 30d, 12h, 2026-01-31 or 2026-01-31T12:00:00Z`;
  return sinceMs < nowMs ? sinceMs : `${showName(text)} is not in the past`;
}

function readTime(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS_MS[unit] ?? 0);
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  return timeSchema.safeParse(time).success ? Date.parse(time) : undefined;
}
