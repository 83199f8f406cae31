import { setTimeout as delay } from "node:timers/promises";
import type { ExpectedWindow } from "./expected-windows.ts";
import { COLUMNS_QUERY } from "./flights-csv.ts";

/** Answer to an upload, as far as it matters here. Nothing of it is taken for granted. */
interface UploadBody {
  readonly rows?: number;
  readonly accepted?: number;
  readonly rejected?: number;
  readonly errors?: readonly { line: number; column: string; reason: string }[];
}

/** Fetches JSON. @throws Error with address, status and text of an answer that is none. */
export async function askJson<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

export async function uploadCsv(
  ingestUrl: string,
  csv: Uint8Array,
  key: string,
): Promise<{ readonly status: number; readonly replayed: boolean; readonly body: UploadBody }> {
  const answer = await fetch(`${ingestUrl}/v1/uploads?${COLUMNS_QUERY}`, {
    method: "POST",
    headers: { "content-type": "text/csv", "idempotency-key": key },
    body: Buffer.from(csv),
  });
  const text = await answer.text();
  if (answer.status >= 500) throw new Error(`POST /v1/uploads answered ${answer.status}: ${text.slice(0, 500)}`);
  const replayed = answer.headers.get("idempotency-replayed") === "true";
  return { status: answer.status, replayed, body: JSON.parse(text) as UploadBody };
}

/** Sends one reading and says the status of the answer. */
export async function sendReading(ingestUrl: string, reading: object): Promise<number> {
  const answer = await fetch(`${ingestUrl}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(reading),
  });
  await answer.arrayBuffer();
  return answer.status;
}

interface SeriesList {
  readonly series: readonly { readonly id: string; readonly windows: number; readonly readings: number }[];
}

const listUrl = (dashboardUrl: string, prefix: string) =>
  `${dashboardUrl}/v1/series?q=${encodeURIComponent(prefix)}&limit=20000`;

/** Waits until the dashboard knows so many readings and windows. On time-out the problem says what it knew last. */
export async function awaitSeries(
  dashboardUrl: string,
  prefix: string,
  wanted: { readonly readings: number; readonly windows: number },
  deadlineMs: number,
): Promise<{ readonly problems: readonly string[] }> {
  const endAt = Date.now() + deadlineMs;
  for (;;) {
    const { series } = await askJson<SeriesList>(listUrl(dashboardUrl, prefix));
    const readings = series.reduce((sum, one) => sum + one.readings, 0);
    const windows = series.reduce((sum, one) => sum + one.windows, 0);
    if (readings === wanted.readings && windows === wanted.windows) return { problems: [] };
    const tooMany = readings > wanted.readings || windows > wanted.windows;
    if (tooMany || Date.now() > endAt) {
      const when = tooMany ? "" : ` after ${deadlineMs / 1_000} s`;
      return {
        problems: [
          `${prefix}: ${readings} of ${wanted.readings} readings and ${windows} of ${wanted.windows} windows${when}`,
        ],
      };
    }
    await delay(100);
  }
}

/** All windows of the series whose names begin with `prefix`. */
export async function readAllWindows(dashboardUrl: string, prefix: string): Promise<ExpectedWindow[]> {
  const { series } = await askJson<SeriesList>(listUrl(dashboardUrl, prefix));
  const windows: ExpectedWindow[] = [];
  for (const { id } of series) {
    const url = `${dashboardUrl}/v1/series/${encodeURIComponent(id)}?limit=20000`;
    const slice = await askJson<{ windows: ExpectedWindow[]; truncated: boolean }>(url);
    if (slice.truncated) throw new Error(`${id} has more windows than one answer holds; use fewer ROWS`);
    windows.push(...slice.windows);
  }
  return windows;
}

/** Counts the change events that the dashboard's stream sends about one series. */
export async function watchSeries(
  dashboardUrl: string,
  series: string,
): Promise<{ readonly changes: () => number; readonly close: () => void }> {
  const abort = new AbortController();
  const answer = await fetch(`${dashboardUrl}/v1/stream?series=${encodeURIComponent(series)}`, {
    signal: abort.signal,
  });
  if (answer.body === null || answer.status !== 200) throw new Error(`GET /v1/stream answered ${answer.status}`);
  let changes = 0;
  const { body } = answer;
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      changes += lines.filter((line) => line === "event: change").length;
    }
  };
  // Ends with an error when it is closed below.
  read().catch(() => undefined);
  return { changes: () => changes, close: () => abort.abort() };
}
