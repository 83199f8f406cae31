import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readTimestamp } from "../../../services/contracts/src/index.ts";

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
  ["2001-01-31T14:05+99:00", '"2001-01-31T14:05+99:00" has no time zone; end it with Z or an offset such as +02:00'],
] as const) {
  timestamp(`refuses ${text} and says why`, () => {
    assert.equal(readTimestamp(text), { ok: false, problem });
  });
}

timestamp.run();
