/** Timestamps before this are refused: milliseconds. A number below it is nearly always meant in seconds. */
export const EARLIEST_TS = Date.UTC(1980, 0, 1);

/** Timestamps from here on are refused: milliseconds. */
export const LATEST_TS = Date.UTC(2200, 0, 1);

/** `ts` in milliseconds since 1970; `nanos` is what the text says beyond them, 0 to 999999. */
export type TimestampResult =
  | { readonly ok: true; readonly ts: number; readonly nanos: number }
  | { readonly ok: false; readonly problem: string };

const MAX_CHARS = 100;

const DATE = String.raw`(\d{4})-(\d{2})-(\d{2})`;
const TIME = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,30}))?)?`;
// Hours alone, as PostgreSQL and DuckDB write offsets, only behind a time: behind a date they would look like a day.
const ISO = new RegExp(
  String.raw`^${DATE}(?:(?:[T ]${TIME})?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?|[T ]${TIME}\s*([+-]\d{2}))$`,
  "i",
);

/**
 * Reads a point in time: milliseconds since 1970 as digits, or ISO 8601 (`2001-01-31T14:05:00Z`) with what databases make
 * of it: a space for the `T`, a decimal comma, offsets such as `+00` and `+0000`, `UTC` for `Z`.
 *
 * Without a zone the text means `zone` (`Z` or `+02:00`); when that is not given either, it is refused and not guessed.
 * A day that the month does not have is refused too: `Date` would silently move it to the next month. Digits beyond the
 * nanosecond are refused, because nothing could keep them.
 */
export function readTimestamp(text: string, zone?: string): TimestampResult {
  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARS) return refuse(trimmed, "is not an ISO 8601 time");
  if (/^-?\d+$/.test(trimmed)) return inRange(Number(trimmed), 0, trimmed);
  const match = ISO.exec(trimmed);
  if (match === null) return refuse(trimmed, `is not an ISO 8601 time${adviseForm(trimmed)}`);
  const [, year = "", month = "", day = "", ...rest] = match;
  const [hour = "0", minute = "0", second = "0", fraction = ""] = rest[5] === undefined ? rest : rest.slice(5);
  const offsetMs = readZone(rest[4] ?? rest[9] ?? zone);
  if (offsetMs === undefined) return refuse(trimmed, "has no time zone; end it with Z or an offset such as +02:00");
  if (/[1-9]/.test(fraction.slice(9))) return refuse(trimmed, "has digits beyond the nanosecond, which cannot be kept");
  const fields = [year, month, day, hour, minute, second].map(Number);
  const [y, mo, d, h, mi, s] = fields as [number, number, number, number, number, number];
  // `Date.UTC` takes 85 for 1985.
  if (y < 100) return refuse(trimmed, "is outside 1980 to 2199");
  const digits = fraction.padEnd(9, "0");
  const utc = Date.UTC(y, mo - 1, d, h, mi, s, Number(digits.slice(0, 3)));
  const back = new Date(utc);
  if (back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) {
    return refuse(trimmed, "is not a date and time that exists");
  }
  return inRange(utc - offsetMs, Number(digits.slice(3, 9)), trimmed);
}

/** Offset of a zone in milliseconds east of UTC; `undefined` when it is no zone. */
export function readZone(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (/^(z|utc|gmt)$/i.test(zone)) return 0;
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(zone);
  if (match === null || Number(match[2]) > 14 || Number(match[3] ?? 0) > 59) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

function inRange(ts: number, nanos: number, text: string): TimestampResult {
  if (ts >= EARLIEST_TS && ts < LATEST_TS) return { ok: true, ts, nanos };
  return refuse(text, `is outside 1980 to 2199${adviseUnit(text)}`);
}

function refuse(text: string, problem: string): TimestampResult {
  return { ok: false, problem: `${quote(text)} ${problem}` };
}

/** What a whole number that is no time in milliseconds may have been meant as. */
function adviseUnit(text: string): string {
  if (/^\d{9,11}$/.test(text)) return "; this looks like seconds, send milliseconds";
  if (/^\d{5}$/.test(text)) return "; this looks like a spreadsheet's number of a day, send 2001-01-31T14:05:00Z";
  if (/^(19|2[01])\d{6}(\d{6})?$/.test(text))
    return "; this looks like a date without dashes, send 2001-01-31T14:05:00Z";
  if (/^\d{16}$/.test(text)) return "; this looks like microseconds, send milliseconds";
  return /^\d{19}$/.test(text) ? "; this looks like nanoseconds, send milliseconds" : "";
}

/** How to write what is plainly a time, but in a form that can be read in more than one way. */
function adviseForm(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}.*(\s[A-Z]+(\/\w+)?|\])$/i.test(text))
    return "; write the zone as Z or an offset such as +02:00";
  if (/^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\s/.test(text)) return "; write year-month-day, such as 2001-01-31T14:05:00Z";
  return /^\d+[.,]\d+$/.test(text) ? "; send whole milliseconds since 1970, or 2001-01-31T14:05:00Z" : "";
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}
