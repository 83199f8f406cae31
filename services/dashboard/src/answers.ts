import { anomalyRecord, windowRecord } from "@slipway/contracts";
import { z } from "zod";
import type * as page from "./page-contract.ts";

/** What the dashboard answers, as schemas: docs/reference/dashboard.openapi.json is printed from them, and tests hold answers to it. */

export const seriesSummary = z.object({
  id: z.string(),
  unit: z.string().optional(),
  windows: z.int(),
  readings: z.int(),
  anomalies: z.int(),
  firstTs: z.int().describe("Start of its first window, milliseconds since 1970."),
  lastTs: z.int().describe("Start of its last window, milliseconds since 1970."),
  lastMean: z.number().describe("The mean of its last window."),
}) satisfies z.ZodType<page.SeriesSummary>;

export const totals = z.object({
  series: z.int(),
  windows: z.int(),
  readings: z.int(),
  anomalies: z.int(),
}) satisfies z.ZodType<page.Totals>;

export const seriesListing = z.object({
  total: z.int().describe("Those that did not fit counted as well."),
  series: z.array(seriesSummary),
  totals,
}) satisfies z.ZodType<page.SeriesListing>;

export const seriesSlice = z.object({
  summary: seriesSummary,
  windows: z.array(windowRecord),
  anomalies: z.array(anomalyRecord),
  truncated: z.boolean().describe("Older windows of the range were left out."),
  version: z.int().describe("Rises with every change of the series."),
}) satisfies z.ZodType<page.SeriesSlice>;

export const anomalyListing = z.object({
  anomalies: z.array(anomalyRecord).describe("The newest first."),
  total: z.int().describe("How many there are, of all series and times."),
}) satisfies z.ZodType<page.AnomalyListing>;

export const about = z.object({
  canAdd: z.boolean().describe("Whether there is an ingest that accepts readings."),
  totals,
}) satisfies z.ZodType<page.About>;
