import { z } from "zod";
import { readingInput, uploadRecord } from "../../../services/contracts/src/index.ts";
import {
  eventsAnswer,
  ingestProblem,
  itemResult,
  streamReport,
  uploadAnswer,
} from "../../../services/ingest/src/answers.ts";
import { MAX_ITEMS } from "../../../services/ingest/src/events.ts";
import { describeProblem, PROBLEM_KINDS, type ProblemKind } from "../../../services/ingest/src/problem.ts";
import type { AnswerText, Operation, ParameterText, ServiceText } from "./operation.ts";

const PROBLEM = "application/problem+json";

const RETRY = "Seconds to wait before trying again.";

/** Answers of these kinds, several of one status as one. */
export function problems(...kinds: readonly ProblemKind[]): Record<string, AnswerText> {
  const byStatus = new Map<number, ProblemKind[]>();
  for (const kind of PROBLEM_KINDS.filter((one) => kinds.includes(one))) {
    const { status } = describeProblem(kind);
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      String(status),
      {
        description: same.map((kind) => `${describeProblem(kind).title} (${kind}).`).join(" "),
        content: { [PROBLEM]: ingestProblem },
        ...([409, 429, 503].includes(status) && { headers: { "Retry-After": RETRY } }),
      },
    ]),
  );
}

/** What any request with a body may end with before it is looked at. */
const WITH_BODY = [
  "malformed",
  "too-slow",
  "too-large",
  "unsupported-charset",
  "unsupported-encoding",
  "too-many",
  "internal",
] as const;
const WITH_BROKER = ["overloaded", "unavailable", "fate-unknown"] as const;

const query = (name: string, description: string, schema: z.ZodType = z.string()): ParameterText => ({
  name,
  in: "query",
  description,
  schema,
});

const column = (of: string) => query(of, `The column of the ${of}, if it is not called so.`);

const UPLOAD_PARAMETERS: readonly ParameterText[] = [
  ...["series", "ts", "value", "unit"].map(column),
  query("attrs", "Columns that become attributes, separated by commas; 50 at most."),
  query("fixedSeries", "The series of all rows, if no column names it."),
  query("zone", "The zone of times without one: Z, or an offset such as +02:00."),
  query("delimiter", "The character between cells.", z.enum([",", ";", "\t", "|"])),
  query("decimal", "The character before the fraction of a number.", z.enum([".", ","])),
  {
    name: "Idempotency-Key",
    in: "header",
    description: "The same key with the same content stores each row once, and returns the first answer again.",
    schema: z.string().min(1).max(255),
  },
];

const uploaded = (description: string): AnswerText => ({
  description,
  content: { "application/json": uploadAnswer },
  headers: {
    Location: "Where the record of the upload is.",
    "Idempotency-Replayed": "true when it is an earlier answer.",
  },
});

/** The same of the form: a problem document when the form cannot be read, a page when what is in it is not stored. */
function formProblems(...kinds: readonly ProblemKind[]): Record<string, AnswerText> {
  return Object.fromEntries(
    Object.entries(problems(...kinds)).map(([status, answer]) => [
      status,
      { ...answer, content: { ...answer.content, "text/html": undefined } },
    ]),
  );
}

const page = (description: string): AnswerText => ({ description, content: { "text/html": undefined } });

/** What a client sends readings to, and files. */
export const SENDING: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/events",
    summary: "Store one reading, or a list",
    body: { "application/json": z.union([readingInput, z.array(readingInput).min(1).max(MAX_ITEMS)]) },
    answers: {
      "202": { description: "All are stored.", content: { "application/json": eventsAnswer } },
      "207": { description: "Some are stored.", content: { "application/json": eventsAnswer } },
      ...problems(...WITH_BODY, ...WITH_BROKER, "unsupported-type", "invalid"),
    },
  },
  {
    method: "post",
    path: "/v1/events:stream",
    summary: "Store a stream of readings, one on each line",
    body: { "application/x-ndjson": readingInput },
    answers: {
      "200": {
        description: "A line for each thousand lines of the request. The last one has done or problem.",
        content: { "application/x-ndjson": streamReport },
      },
      ...problems(
        "malformed",
        "too-large",
        "unsupported-type",
        "unsupported-charset",
        "unsupported-encoding",
        "too-many",
        "internal",
      ),
    },
  },
  {
    method: "post",
    path: "/v1/uploads",
    summary: "Store the rows of a CSV file",
    parameters: UPLOAD_PARAMETERS,
    body: { "text/csv": undefined },
    answers: {
      "201": uploaded("All rows are stored."),
      "207": uploaded("Some rows are stored; the answer lists the others with line, column and reason."),
      ...problems(...WITH_BODY, ...WITH_BROKER, "unsupported-type", "in-progress"),
      "422": {
        description: `No row is stored, or: ${["invalid", "key-reused"].map((kind) => `${describeProblem(kind as ProblemKind).title} (${kind}).`).join(" ")}`,
        content: { "application/json": uploadAnswer, [PROBLEM]: ingestProblem },
      },
    },
  },
  {
    method: "get",
    path: "/v1/uploads/{id}",
    summary: "How far an upload is, or how it ended",
    parameters: [{ name: "id", in: "path", description: "The id in the answer to the upload.", schema: z.string() }],
    answers: {
      "200": { description: "Its record.", content: { "application/json": uploadRecord } },
      ...problems("not-found"),
    },
  },
];

/** The form for people. */
const FORM: readonly Operation[] = [
  {
    method: "get",
    path: "/",
    summary: "A form for people, without JavaScript",
    answers: { "200": page("The form.") },
  },
  {
    method: "get",
    path: "/form.css",
    summary: "The style of the form",
    answers: { "200": { description: "The style.", content: { "text/css": undefined } } },
  },
  {
    method: "post",
    path: "/entry/reading",
    summary: "Store one reading of the form",
    body: { "application/x-www-form-urlencoded": undefined, "multipart/form-data": undefined },
    answers: {
      ...formProblems(...WITH_BODY, ...WITH_BROKER, "unsupported-type"),
      "202": page("It is stored."),
      "422": page("It is not valid; the page says why."),
    },
  },
  {
    method: "post",
    path: "/entry/file",
    summary: "Store the rows of a file of the form",
    body: { "multipart/form-data": undefined, "application/x-www-form-urlencoded": undefined },
    answers: {
      ...formProblems(...WITH_BODY, ...WITH_BROKER, "unsupported-type"),
      "202": page("All rows are stored."),
      "207": page("Some rows are stored; the page lists the others."),
      "422": page("No row is stored; the page says why."),
    },
  },
];

export const NAMED: Readonly<Record<string, z.ZodType>> = {
  ReadingInput: readingInput,
  ItemResult: itemResult,
  EventsAnswer: eventsAnswer,
  StreamReport: streamReport,
  UploadRecord: uploadRecord,
  UploadAnswer: uploadAnswer,
  Problem: ingestProblem,
};

export const ingest: ServiceText = {
  title: "Slipway's product: ingest",
  description:
    "Accepts readings and stores them in Kafka. Nothing is acknowledged before the broker has stored it. Another address answers 404 (not-found), another method 405 (method-not-allowed).",
  operations: [...SENDING, ...FORM],
  named: NAMED,
};
