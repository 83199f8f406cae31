import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readTimestamp } from "../../../../services/contracts/src/index.ts";

const timestamp = suite("readTimestamp");

for (const [text, zone, iso] of [
  ["2001-01-31T14:05:06.789Z", undefined, "2001-01-31T14:05:06.789Z"],
  ["2001-01-31 14:05:06.7891234Z", undefined, "2001-01-31T14:05:06.789Z"],
  ["2001-01-31T14:05+02:00", undefined, "2001-01-31T12:05:00.000Z"],
  ["2001-01-31T14:05:06-0330", undefined, "2001-01-31T17:35:06.000Z"],
  ["2001-01-31", "Z", "2001-01-31T00:00:00.000Z"],
  ["2001-01-31 14:05", "+01:00", "2001-01-31T13:05:00.000Z"],
  ["2001-01-31T14:05Z", "+01:00", "2001-01-31T14:05:00.000Z"],
  ["2000-02-29T00:00Z", undefined, "2000-02-29T00:00:00.000Z"],
  ["980949906000", undefined, "2001-01-31T14:05:06.000Z"],
  // PostgreSQL, DuckDB, pandas, BigQuery, log4j.
  ["2001-01-31 14:05:06+00", undefined, "2001-01-31T14:05:06.000Z"],
  ["2001-01-31 14:05:06.789123-03", undefined, "2001-01-31T17:05:06.789Z"],
  ["2001-01-31 14:05:06+0530", undefined, "2001-01-31T08:35:06.000Z"],
  ["2001-01-31 14:05:06+00:00", undefined, "2001-01-31T14:05:06.000Z"],
  ["2001-01-31 14:05:06 UTC", undefined, "2001-01-31T14:05:06.000Z"],
  ["2001-01-31 14:05:06,789 +02:00", undefined, "2001-01-31T12:05:06.789Z"],
  ["2001-01-31t14:05:06z", undefined, "2001-01-31T14:05:06.000Z"],
  ["2001-01-31T14:05+02", undefined, "2001-01-31T12:05:00.000Z"],
  ["2001-01-31 14:05:06", "+02", "2001-01-31T12:05:06.000Z"],
  ["2001-01-31T14:05:06.000000000000Z", undefined, "2001-01-31T14:05:06.000Z"],
] as const) {
  timestamp(`reads ${text}${zone === undefined ? "" : ` in the zone ${zone}`}`, () => {
    const read = readTimestamp(text, zone);
    assert.is(read.ok ? new Date(read.ts).toISOString() : read.problem, iso);
  });
}

for (const [text, problem] of [
  ["2001-01-31T14:05", '"2001-01-31T14:05" has no time zone; end it with Z or an offset such as +02:00'],
  ["2001-02-29T00:00Z", '"2001-02-29T00:00Z" is not a date and time that exists'],
  ["2001-01-31T24:00Z", '"2001-01-31T24:00Z" is not a date and time that exists'],
  ["31.01.2001", '"31.01.2001" is not an ISO 8601 time'],
  ["980949906", '"980949906" is outside 1980 to 2199; this looks like seconds, send milliseconds'],
  ["9999-01-01T00:00Z", '"9999-01-01T00:00Z" is outside 1980 to 2199'],
  [
    "2001-01-31T14:05:06.1234567891Z",
    '"2001-01-31T14:05:06.1234567891Z" has digits beyond the nanosecond, which cannot be kept',
  ],
  ["2001-01-31-05", '"2001-01-31-05" is not an ISO 8601 time'],
  [
    "31.01.2001 14:05",
    '"31.01.2001 14:05" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
  ],
  [
    "1/31/2001 2:05 PM",
    '"1/31/2001 2:05 PM" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
  ],
  [
    "2001-01-31 14:05:06 CET",
    '"2001-01-31 14:05:06 CET" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
  ],
  [
    "2001-01-31 14:05:06 Europe/Berlin",
    '"2001-01-31 14:05:06 Europe/Berlin" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
  ],
  [
    "2001-01-31T14:05+01:00[Europe/Berlin]",
    '"2001-01-31T14:05+01:00[Europe/Berlin]" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
  ],
  [
    "36922",
    '"36922" is outside 1980 to 2199; this looks like a spreadsheet\'s number of a day, send 2001-01-31T14:05:00Z',
  ],
  ["36922.58681", '"36922.58681" is not an ISO 8601 time; send whole milliseconds since 1970, or 2001-01-31T14:05:00Z'],
  ["980949906.5", '"980949906.5" is not an ISO 8601 time; send whole milliseconds since 1970, or 2001-01-31T14:05:00Z'],
  ["20010131", '"20010131" is outside 1980 to 2199; this looks like a date without dashes, send 2001-01-31T14:05:00Z'],
  [
    "20010131140506",
    '"20010131140506" is outside 1980 to 2199; this looks like a date without dashes, send 2001-01-31T14:05:00Z',
  ],
  ["980949906000000", '"980949906000000" is outside 1980 to 2199'],
  ["1704067200000000", '"1704067200000000" is outside 1980 to 2199; this looks like microseconds, send milliseconds'],
  [
    "1704067200000000000",
    '"1704067200000000000" is outside 1980 to 2199; this looks like nanoseconds, send milliseconds',
  ],
  ["2016-12-31T23:59:60Z", '"2016-12-31T23:59:60Z" is not a date and time that exists'],
  ["0000-01-01T00:00Z", '"0000-01-01T00:00Z" is outside 1980 to 2199'],
  ["0085-01-31T00:00Z", '"0085-01-31T00:00Z" is outside 1980 to 2199'],
  ["10000-01-01T00:00Z", '"10000-01-01T00:00Z" is not an ISO 8601 time'],
  [
    "0044-03-15 12:00:00+00 BC",
    '"0044-03-15 12:00:00+00 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
  ],
  ["infinity", '"infinity" is not an ISO 8601 time'],
  ["-infinity", '"-infinity" is not an ISO 8601 time'],
  [
    "2001-1-31 14:05Z",
    '"2001-1-31 14:05Z" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
  ],
  ["2001-01-31T14:05:06+00:00:30", '"2001-01-31T14:05:06+00:00:30" is not an ISO 8601 time'],
  ["2001-W05-3", '"2001-W05-3" is not an ISO 8601 time'],
  ["NaT", '"NaT" is not an ISO 8601 time'],
  ["2001-01-31T14:05+99:00", '"2001-01-31T14:05+99:00" has no time zone; end it with Z or an offset such as +02:00'],
] as const) {
  timestamp(`refuses ${text} and says why`, () => {
    assert.equal(readTimestamp(text), { ok: false, problem });
  });
}

timestamp("keeps the digits beyond milliseconds", () => {
  const nanosOf = (text: string) => {
    const read = readTimestamp(text);
    return read.ok ? read.nanos : read.problem;
  };
  assert.is(nanosOf("2001-01-31T14:05:06.7891234Z"), 123_400);
  assert.is(nanosOf("2001-01-31T14:05:06.789Z"), 0);
  assert.is(nanosOf("2001-01-31 14:05:06.000000001+00"), 1);
  assert.is(nanosOf("980949906000"), 0);
});

// What grows with the square of the length would not end before the limit of this file.
timestamp("refuses a text that goes on and on", () => {
  for (const text of [
    `2001-01-31${" ".repeat(20_000_000)}x`,
    `2001-01-31T14:05:06${" a".repeat(10_000_000)}`,
    "1".repeat(20_000_000),
  ]) {
    assert.is(readTimestamp(text).ok, false);
  }
});

timestamp.run();
