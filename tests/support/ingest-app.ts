import type { Reading, UploadRecord } from "../../services/contracts/src/index.ts";
import { Admission } from "../../services/ingest/src/admission.ts";
import { createApp } from "../../services/ingest/src/app.ts";
import type { Deps } from "../../services/ingest/src/deps.ts";
import { defaultLimits, type Limits } from "../../services/ingest/src/limits.ts";
import { createMetrics } from "../../services/ingest/src/metrics.ts";
import type { Lane } from "../../services/kafka/src/index.ts";
import { ingest } from "../reference/http/ingest.ts";
import { holdToDocument } from "./api-answers.ts";

/** A reading as it is stored, without the id that is made for it. */
export type StoredReading = Pick<Reading, "series" | "ts" | "nanos" | "value" | "unit" | "attrs">;

/** What came of one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `detail` of a problem document; the reasons of the refused rows otherwise. */
  readonly told: readonly string[];
  readonly stored: readonly StoredReading[];
}

interface IngestOptions {
  readonly limits?: Partial<Limits>;
  readonly maxBodyBytes?: number;
  readonly now?: number;
  /** Called for each reading with the number of those before it; what it throws is how storing this one fails. */
  readonly beforeStore?: (before: number, lane: Lane | undefined) => void;
}

/** Ingest without a broker: what it stores is in a list. `ask` and `send` hold its answers to its document of OpenAPI. */
export function createIngest({
  limits = {},
  maxBodyBytes = 1_000_000,
  now = Date.UTC(2024, 5, 1),
  beforeStore = () => undefined,
}: IngestOptions = {}) {
  const stored: Reading[] = [];
  const known = new Map<string, UploadRecord>();
  const admission = new Admission({ ...defaultLimits, ...limits });
  const deps: Deps = {
    store: async (reading, _source, { lane } = {}) => {
      beforeStore(stored.length, lane);
      stored.push(reading);
      return { partition: 0, offset: stored.length - 1 };
    },
    awaitRoom: async () => undefined,
    ledger: {
      get: (id) => known.get(id),
      note: (record) => void known.set(record.id, record),
      save: async (record) => void known.set(record.id, record),
    },
    metrics: createMetrics({ load: () => 0, bytes: () => 0 }),
    now: () => now,
    futureToleranceMs: 86_400_000,
    maxBodyBytes,
    limits,
    admission,
  };
  const app = createApp(deps);
  const ask = holdToDocument(ingest, (request) => app.fetch(request));
  const send = async (path: string, type: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const before = stored.length;
    const init = { method: "POST", headers: { "content-type": type, ...headers }, body: Buffer.from(body) };
    const answer = await ask(path, init);
    const text = await answer.text();
    const rows = stored.slice(before).map(({ id: _, ...reading }) => reading);
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      told: readTold(text),
      stored: rows,
    } satisfies Answer;
  };
  return { app, ask, admission, stored, send };
}

interface Told {
  readonly detail?: string;
  readonly errors?: readonly Refused[];
  readonly results?: readonly Refused[];
  readonly rejected?: readonly Refused[];
}

interface Refused {
  readonly line?: number;
  readonly column?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly problems?: readonly { readonly field: string; readonly detail: string }[];
}

/** All that an answer says in words, each as one line. */
function readTold(text: string): string[] {
  const [line = ""] = text.split("\n");
  if (!line.startsWith("{")) return [];
  const told = JSON.parse(line) as Told;
  const refused: Refused[] = [
    ...(told.errors ?? []),
    ...(told.results ?? []),
    ...(Array.isArray(told.rejected) ? told.rejected : []),
  ];
  const lines = refused.flatMap(({ line: at, column, reason, code, detail, problems }) => [
    ...(reason === undefined ? [] : [`line ${at} ${column}: ${reason}`]),
    ...(code === undefined ? [] : [`line ${at} ${code}: ${detail}`]),
    ...(problems ?? []).map((problem) => `${problem.field}: ${problem.detail}`),
  ]);
  return [...(told.detail === undefined ? [] : [told.detail.replace(/ \(upload up-\w+: .*\)$/, "")]), ...lines];
}

export const T = "2024-01-01T00:00:00Z";
export const T_MS = Date.UTC(2024, 0, 1);
export const HEADER = "series,ts,value\n";

/** A file with one row. */
export const csvOf = (series: string) => `${HEADER}${series},${T},1\n`;
/** A line with one reading. */
export const lineOf = (series: string) => `{"series":"${series}","ts":"${T}","value":1}\n`;
