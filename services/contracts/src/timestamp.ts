/** Timestamps before this are refused: milliseconds. A number below it is nearly always meant in seconds. */
export const EARLIEST_TS = Date.UTC(1980, 0, 1);

/** Timestamps from here on are refused: milliseconds. */
export const LATEST_TS = Date.UTC(2200, 0, 1);

export type TimestampResult =
  | { readonly ok: true; readonly ts: number }
  | { readonly ok: false; readonly problem: string };

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a point in time: milliseconds since 1970 as digits, or ISO 8601 (`2001-01-31T14:05:00Z`, also with a space).
 *
 * Without a zone the text means `zone` (`Z` or `+02:00`); when that is not given either, it is refused and not guessed.
 * A day that the month does not have is refused too: `Date` would silently move it to the next month.
 */
export function readTimestamp(text: string, zone?: string): TimestampResult {
  const trimmed = text.trim();
  if (/^-?\d+$/.test(trimmed)) return inRange(Number(trimmed), trimmed);
  const match = ISO.exec(trimmed);
  if (match === null) return { ok: false, problem: `${quote(trimmed)} is not an ISO 8601 time` };
  const [, year = "", month = "", day = "", hour = "0", minute = "0", second = "0", fraction = "", ownZone] = match;
  const offsetMs = readZone(ownZone ?? zone);
  if (offsetMs === undefined) {
    return { ok: false, problem: `${quote(trimmed)} has no time zone; end it with Z or an offset such as +02:00` };
  }
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Number(`${fraction}000`.slice(0, 3));
  const utc = Date.UTC(y, mo - 1, d, h, mi, s, ms);
  const back = new Date(utc);
  if (back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) {
    return { ok: false, problem: `${quote(trimmed)} is not a date and time that exists` };
  }
  return inRange(utc - offsetMs, trimmed);
}

/** Offset of a zone in milliseconds east of UTC; `undefined` when it is no zone. */
export function readZone(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (/^z$/i.test(zone)) return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null || Number(match[2]) > 14 || Number(match[3]) > 59) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

function inRange(ts: number, text: string): TimestampResult {
  if (ts >= EARLIEST_TS && ts < LATEST_TS) return { ok: true, ts };
  const hint = /^\d{9,11}$/.test(text) ? "; this looks like seconds, send milliseconds" : "";
  return { ok: false, problem: `${quote(text)} is outside 1980 to 2199${hint}` };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}
