import type { DeliveryMetrics, Spread } from "../rollout/delivery-metrics.ts";
import { tellTime } from "../rollout/objects.ts";
import { alignColumns } from "../table.ts";
import { tellAge } from "./reports.ts";

const DAYS_OF_WEEK = 7;
const DAYS_OF_MONTH = 30;

/** The four figures as a table, and below it what a person has to know to read them. */
export function tellMetrics(measured: DeliveryMetrics, ring: string): string {
  const { sinceMs, untilMs, deployments, leadTime, failRatio, recoveryTime, gaps } = measured;
  const all = Object.values(deployments).reduce((sum, count) => sum + count, 0);
  const title = `ring ${ring}: ${tellAge(untilMs - sinceMs)}, from ${tellSecond(sinceMs)} to ${tellSecond(untilMs)}`;
  const table = [
    ["METRIC", "VALUE", "90TH PERCENTILE", "COUNTED FROM"],
    ["change lead time", ...tellSpread(leadTime), tellCount(leadTime.count, "release")],
    ["deployment frequency", tellFrequency(measured.perDay), "", `${tellCount(all, "deployment")}${tellGap(gaps)}`],
    [
      "change fail rate",
      failRatio === undefined ? "-" : `${Math.round(failRatio * 100)} %`,
      "",
      `${deployments.failed} of ${tellCount(all - deployments.baking, "deployment")}`,
    ],
    ["failed deployment recovery time", ...tellSpread(recoveryTime), tellCount(recoveryTime.count, "recovery")],
  ];
  const remarks = listRemarks(measured);
  return `${[title, "", ...alignColumns(table), ...(remarks.length === 0 ? [] : ["", ...remarks])].join("\n")}\n`;
}

/** What the figures leave out, and why. */
function listRemarks({ deployments, unrestored, stopped, withoutLeadTime, missing }: DeliveryMetrics): string[] {
  const remarks: readonly (readonly [count: number, what: string, why: string])[] = [
    [deployments.baking, "deployment", "still in the bake: not in the change fail rate"],
    [deployments.replaced, "deployment", "replaced by a newer release during the bake: not counted as failed"],
    [unrestored, "failed deployment", "with no healthy release since: not in the recovery time"],
    [stopped, "attempt", "ended before the switch: not counted as deployments"],
    [withoutLeadTime, "release", "with a commit later than its switch, so clocks disagree: not in the lead time"],
    [
      missing.count,
      "event",
      `deleted from the ledger, the first is number ${missing.first}: the figures are incomplete`,
    ],
  ];
  return remarks.filter(([count]) => count > 0).map(([count, what, why]) => `${tellCount(count, what)} ${why}`);
}

function tellSpread({ medianMs, p90Ms }: Spread): [median: string, p90: string] {
  if (medianMs === undefined || p90Ms === undefined) return ["-", ""];
  return [`${tellAge(medianMs)} (median)`, tellAge(p90Ms)];
}

/** In the unit in which it is at least one. */
function tellFrequency(perDay: number | undefined): string {
  if (perDay === undefined) return "-";
  const [count, unit] =
    perDay >= 1
      ? [perDay, "day"]
      : perDay * DAYS_OF_WEEK >= 1
        ? [perDay * DAYS_OF_WEEK, "week"]
        : [perDay * DAYS_OF_MONTH, "30 days"];
  return `${Number(count.toPrecision(2))} per ${unit}`;
}

function tellGap({ medianMs }: Spread): string {
  return medianMs === undefined ? "" : `, ${tellAge(medianMs)} apart (median)`;
}

function tellCount(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}

function tellSecond(ms: number): string {
  return tellTime(ms).replace(/\.\d+Z$/, "Z");
}
