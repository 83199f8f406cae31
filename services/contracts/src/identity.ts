/**
 * Who an event is.
 *
 * - A row of an upload is `uploadId#row`, rows counted from 1 without the header. Never a hash of the content: real data
 *   holds equal rows that are two events (191 among 3,000,000 flights).
 * - Otherwise it is the client's id; without one, ingest gives a random id, and repeating the request makes a new event.
 *
 * Rows of one upload reach a series in rising order, so one number for each upload is enough to know what has been seen.
 */
export function rowId(uploadId: string, row: number): string {
  return `${uploadId}#${row}`;
}

/** The parts of a row's id; `undefined` for an id of any other kind. */
export function parseRowId(id: string): { readonly uploadId: string; readonly row: number } | undefined {
  const at = id.lastIndexOf("#");
  if (at <= 0) return undefined;
  const row = Number(id.slice(at + 1));
  return Number.isSafeInteger(row) && row > 0 ? { uploadId: id.slice(0, at), row } : undefined;
}

/** Key of a window in `windows.v1`. */
export function windowKey(series: string, startTs: number): string {
  return `${series}|${startTs}`;
}

/** Key of an anomaly in `anomalies.v1`. */
export function anomalyKey(series: string, ts: number): string {
  return `${series}|${ts}`;
}
