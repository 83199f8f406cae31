import { z } from "zod";
import { anomalyRecord, problemDocument, windowRecord } from "../../../services/contracts/src/index.ts";
import {
  about,
  anomalyListing,
  seriesListing,
  seriesSlice,
  seriesSummary,
  totals,
} from "../../../services/dashboard/src/answers.ts";
import { colour } from "../../../services/processor/src/role.ts";
import { NAMED, problems, SENDING } from "./ingest.ts";
import type { AnswerText, Operation, ParameterText, ServiceText } from "./operation.ts";

const json = (description: string, schema: z.ZodType): AnswerText => ({
  description,
  content: { "application/json": schema },
});

const problem = (description: string): AnswerText => ({
  description,
  content: { "application/problem+json": problemDocument },
});

const role = z.enum(["live", "standby"]).describe("live processes; standby waits for the switch to its colour.");

export const processor: ServiceText = {
  title: "Slipway's product: processor",
  description: "Reads from Kafka and writes to Kafka. These requests are for people and for other processors.",
  operations: [
    {
      method: "get",
      path: "/",
      summary: "What it is working on",
      answers: {
        "200": json(
          "Its state.",
          z.object({
            service: z.literal("processor"),
            role,
            algo: z.string().describe("Name and version of the algorithm."),
            windowMs: z.int(),
            allowedLatenessMs: z.int(),
            partitions: z.array(z.int()).describe("Partitions of readings.v1 that it works on."),
            series: z.int().describe("How many series it knows."),
          }),
        ),
      },
    },
    {
      method: "get",
      path: "/v1/role",
      summary: "Its colour and its role",
      answers: {
        "200": json(
          "Its colour and role; a processor that runs alone has no colour.",
          z.object({ colour: colour.optional(), role }),
        ),
      },
    },
  ],
  named: {},
};

const time = z.string().describe("ISO 8601, or milliseconds since 1970.");
const RANGE: readonly ParameterText[] = [
  { name: "from", in: "query", description: "The beginning, included.", schema: time },
  { name: "to", in: "query", description: "The end, not included.", schema: time },
];
const limit = (otherwise: number): ParameterText => ({
  name: "limit",
  in: "query",
  description: `How many at most; ${otherwise} by default.`,
  schema: z.int().min(1).max(20_000),
});

const INVALID = { "422": problem("A parameter is not valid.") };
const UNCHANGED: AnswerText = {
  description: "The client has this version (If-None-Match).",
  headers: { ETag: "The version." },
};

const READING: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/series",
    summary: "Series in short",
    parameters: [{ name: "q", in: "query", description: "A part of their names.", schema: z.string() }, limit(1000)],
    answers: { "200": json("Those that match.", seriesListing), ...INVALID },
  },
  {
    method: "get",
    path: "/v1/series/{id}",
    summary: "Windows and anomalies of a series",
    parameters: [{ name: "id", in: "path", description: "Its name.", schema: z.string() }, ...RANGE, limit(5000)],
    answers: {
      "200": { ...json("A part of the series.", seriesSlice), headers: { ETag: "Its version." } },
      "304": UNCHANGED,
      "404": problem("There is no such series."),
      ...INVALID,
    },
  },
  {
    method: "get",
    path: "/v1/anomalies",
    summary: "Anomalies, the newest first",
    parameters: [
      { name: "series", in: "query", description: "Only those of this series.", schema: z.string() },
      ...RANGE,
      limit(100),
    ],
    answers: { "200": json("Those that match.", anomalyListing), ...INVALID },
  },
  {
    method: "get",
    path: "/v1/stream",
    summary: "Changes, as server-sent events",
    parameters: [
      {
        name: "series",
        in: "query",
        description: "A series whose changes you want; repeat it for more, 20 at most.",
        schema: z.string(),
      },
      {
        name: "Last-Event-ID",
        in: "header",
        description: "The last event that you received: the stream continues after it.",
        schema: z.string(),
      },
    ],
    answers: {
      "200": {
        description:
          "Events change (of a series that was asked for), overview (for everybody), beat (a sign of life) and reset (ask for everything again).",
        content: { "text/event-stream": undefined },
      },
      ...INVALID,
    },
  },
  {
    method: "get",
    path: "/v1/about",
    summary: "A short description of this dashboard",
    answers: { "200": json("What it is.", about) },
  },
];

const PAGE: readonly Operation[] = [
  {
    method: "get",
    path: "/",
    summary: "The page",
    answers: { "200": { description: "The page.", content: { "text/html": undefined } } },
  },
  ...[
    ["/page.js", "text/javascript", "The code of the page"] as const,
    ["/page.css", "text/css", "The style of the page"] as const,
  ].map(
    ([path, type, summary]): Operation => ({
      method: "get",
      path,
      summary,
      answers: {
        "200": { description: `${summary}.`, content: { [type]: undefined }, headers: { ETag: "Its version." } },
        "304": UNCHANGED,
      },
    }),
  ),
];

/** With an ingest behind it. What cannot be handed on is a problem of kind unavailable. */
const HANDED_ON: readonly Operation[] = [
  {
    method: "get",
    path: "/add",
    summary: "Redirect to the form of ingest",
    answers: { "302": { description: "To /add/.", headers: { Location: "/add/" } } },
  },
  ...(["get", "post"] as const).map(
    (method): Operation => ({
      method,
      path: "/add/{path}",
      summary: "The form of ingest, passed on",
      parameters: [{ name: "path", in: "path", description: "The path at ingest.", schema: z.string() }],
      answers: { default: { description: "What ingest answers." }, ...problems("unavailable") },
    }),
  ),
  ...SENDING.map((one): Operation => ({ ...one, answers: { ...problems("unavailable"), ...one.answers } })),
];

export const dashboard: ServiceText = {
  title: "Slipway's product: dashboard",
  description:
    "Shows windows and anomalies as they come. With INGEST_URL it also passes readings on to ingest. Another address answers 404 (not-found).",
  operations: [
    ...PAGE,
    ...READING.map((one) => ({ ...one, answers: { ...one.answers, "500": problem("Something broke on our side.") } })),
    ...HANDED_ON,
  ],
  named: {
    ...NAMED,
    Window: windowRecord,
    Anomaly: anomalyRecord,
    Totals: totals,
    SeriesSummary: seriesSummary,
    SeriesListing: seriesListing,
    SeriesSlice: seriesSlice,
    AnomalyListing: anomalyListing,
    About: about,
  },
};

const state = z.object({
  status: z.enum(["ok", "dead", "ready", "not ready"]),
  reason: z.string().optional().describe("Why it cannot."),
});

export const management: ServiceText = {
  title: "Slipway's product: the management port",
  description: "Each service has it, separate from the public port: MANAGEMENT_PORT, 8081 by default.",
  operations: [
    {
      method: "get",
      path: "/healthz",
      summary: "Whether the process is alive",
      answers: { "200": json("It is.", state), "503": json("It has to be started again.", state) },
    },
    {
      method: "get",
      path: "/readyz",
      summary: "Whether it can serve now",
      answers: { "200": json("It can.", state), "503": json("It cannot; the answer says why.", state) },
    },
    {
      method: "get",
      path: "/metrics",
      summary: "Its counters, in Prometheus' text format",
      answers: { "200": { description: "The counters.", content: { "text/plain": undefined } } },
    },
  ],
  named: {},
};
