import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createIngest, type StoredReading } from "../../../support/ingest-app.ts";

const exports = suite("exports of real programs");

const folder = "tests/data/exports";

interface Case {
  readonly file: string;
  /** What a person says besides the file. */
  readonly query?: string;
  readonly type?: string;
  readonly encoding?: string;
  readonly stored: readonly string[];
  readonly told: readonly string[];
}

/** Series, exact time and value as one text. */
function show({ series, ts, nanos = 0, value }: StoredReading): string {
  return `${series} | ${new Date(ts).toISOString().slice(0, -1)}${String(nanos).padStart(6, "0")}Z | ${value}`;
}

const cases: readonly Case[] = [
  {
    file: "postgresql-copy.csv",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
      "a,b | 2024-02-29T23:59:59.500000000Z | -1e-7",
      "a;b | 2199-12-31T00:00:00.000000000Z | 1.7976931348623157e+308",
    ],
    told: [
      'line 7 value: "Infinity" is not a number',
      'line 8 value: "NaN" is not a number',
      "line 9 value: is missing",
      'line 10 ts: "infinity" is not an ISO 8601 time',
      'line 11 ts: "0044-03-15 12:53:28+00:53:28 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
    ],
  },
  {
    file: "postgresql-copy-latin1.csv",
    stored: [],
    told: [
      "line 2: not utf-8 at byte offset 27 (0xF6); save the file as UTF-8, or declare its charset in the content type. Nothing from here on was read",
    ],
  },
  {
    file: "postgresql-copy-latin1.csv",
    type: "text/csv; charset=iso-8859-1",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
      "a,b | 2024-02-29T23:59:59.500000000Z | -1e-7",
      "a;b | 2199-12-31T00:00:00.000000000Z | 1.7976931348623157e+308",
    ],
    told: [
      'line 7 value: "Infinity" is not a number',
      'line 8 value: "NaN" is not a number',
      "line 9 value: is missing",
      'line 10 ts: "infinity" is not an ISO 8601 time',
      'line 11 ts: "0044-03-15 12:53:28+00:53:28 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
    ],
  },
  {
    file: "postgresql-copy-semicolon.csv",
    query: "?delimiter=%3B",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
      "a,b | 2024-02-29T23:59:59.500000000Z | -1e-7",
      "a;b | 2199-12-31T00:00:00.000000000Z | 1.7976931348623157e+308",
    ],
    told: [
      'line 7 value: "Infinity" is not a number',
      'line 8 value: "NaN" is not a number',
      "line 9 value: is missing",
      'line 10 ts: "infinity" is not an ISO 8601 time',
      'line 11 ts: "0044-03-15 12:53:28+00:53:28 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
    ],
  },
  {
    file: "postgresql-numeric.csv",
    stored: [],
    told: [
      'line 2 ts: "2024-01-01 00:00:00" has no time zone; end it with Z or an offset such as +02:00',
      'line 3 ts: "2024-07-01 12:00:00.123456" has no time zone; end it with Z or an offset such as +02:00',
      'line 4 ts: "2024-02-29 23:59:59.5" has no time zone; end it with Z or an offset such as +02:00',
      'line 5 ts: "infinity" is not an ISO 8601 time',
      'line 6 ts: "0044-03-15 12:00:00 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
    ],
  },
  {
    file: "postgresql-numeric.csv",
    query: "?zone=Z",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.3",
      "a,b | 2024-02-29T23:59:59.500000000Z | -1e-7",
    ],
    told: [
      'line 5 ts: "infinity" is not an ISO 8601 time',
      'line 6 ts: "0044-03-15 12:00:00 BC" is not an ISO 8601 time; write the zone as Z or an offset such as +02:00',
    ],
  },
  {
    file: "postgresql-kolkata.csv",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
    ],
    told: [],
  },
  {
    file: "postgresql-german.csv",
    stored: [],
    told: [
      'line 2 ts: "01.01.2024 05:30:00 IST" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
      'line 3 ts: "01.07.2024 17:30:00.123456 IST" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
    ],
  },
  {
    file: "postgresql-psql.csv",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
      "a,b | 2024-02-29T23:59:59.500000000Z | -1e-7",
      "a;b | 2199-12-31T00:00:00.000000000Z | 1.7976931348623157e+308",
    ],
    told: [],
  },
  {
    file: "postgresql-unaligned.tsv",
    query: "?delimiter=%09",
    stored: [
      "Köln/Pumpe 1 | 2024-01-01T00:00:00.000000000Z | 21.5",
      "Köln/Pumpe 1 | 2024-07-01T12:00:00.123456000Z | 0.30000000000000004",
    ],
    told: [],
  },
  {
    file: "sqlite.csv",
    query: "?zone=Z",
    stored: ["Köln | 2024-01-01T00:00:00.000000000Z | 0.1", 'a,"b" | 2024-01-01T00:00:00.123000000Z | 1e+100'],
    told: ['line 4 ts: "1704067200" is outside 1980 to 2199; this looks like seconds, send milliseconds'],
  },
  {
    file: "pandas.csv",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas.csv.gz",
    encoding: "gzip",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas.csv.gz",
    stored: [],
    told: ["the body looks like gzip, but no Content-Encoding says so"],
  },
  {
    file: "pandas-index.csv",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas-utf16.csv",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas-german.csv",
    query: "?delimiter=%3B&decimal=,",
    type: "text/csv; charset=windows-1252",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas-german.csv",
    query: "?delimiter=%3B",
    type: "text/csv; charset=windows-1252",
    stored: ["a,b | 2024-07-01T12:00:00.123456789Z | 1e-7"],
    told: [
      'line 2 value: "0,30000000000000004" is not a number; for a decimal comma send ?decimal=,',
      'line 4 value: "inf" is not a number',
      "line 5 ts: is missing",
      "line 5 value: is missing",
    ],
  },
  {
    file: "pandas-naive.csv",
    stored: [],
    told: [
      'line 2 ts: "2024-01-01 00:00:00.000000000" has no time zone; end it with Z or an offset such as +02:00',
      'line 3 ts: "2024-07-01 12:00:00.123456789" has no time zone; end it with Z or an offset such as +02:00',
      'line 4 ts: "2024-02-29 23:59:59.500000000" has no time zone; end it with Z or an offset such as +02:00',
      'line 4 value: "inf" is not a number',
      "line 5 ts: is missing",
      "line 5 value: is missing",
    ],
  },
  {
    file: "pandas-naive.csv",
    query: "?zone=Z",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.30000000000000004",
      "a,b | 2024-07-01T12:00:00.123456789Z | 1e-7",
    ],
    told: ['line 4 value: "inf" is not a number', "line 5 ts: is missing", "line 5 value: is missing"],
  },
  {
    file: "pandas-int64.csv",
    stored: [],
    told: [
      'line 2 value: "9007199254740993" has more digits than can be stored: it would be stored as 9007199254740992',
    ],
  },
  {
    file: "pandas.ndjson",
    type: "application/x-ndjson",
    stored: [
      "Köln | 2024-01-01T00:00:00.000000000Z | 0.3",
      "a,b | 2024-07-01T12:00:00.123000000Z | 1e-7",
      'q"uote | 2024-02-29T23:59:59.500000000Z | 5',
    ],
    told: [],
  },
  {
    file: "duckdb.csv",
    stored: ["Köln | 2024-01-01T00:00:00.000000000Z | 0.1", "a,b | 2024-07-01T12:00:00.123456000Z | 1e+100"],
    told: ["line 4 ts: is missing", 'line 5 value: "inf" is not a number'],
  },
  {
    file: "duckdb.csv.gz",
    encoding: "gzip",
    stored: ["Köln | 2024-01-01T00:00:00.000000000Z | 0.1", "a,b | 2024-07-01T12:00:00.123456000Z | 1e+100"],
    told: ["line 4 ts: is missing", 'line 5 value: "inf" is not a number'],
  },
  {
    file: "duckdb.tsv",
    query: "?delimiter=%09",
    stored: ["Köln | 2024-01-01T00:00:00.000000000Z | 0.1", "a,b | 2024-07-01T12:00:00.123456000Z | 1e+100"],
    told: ["line 4 ts: is missing", 'line 5 value: "inf" is not a number'],
  },
  {
    file: "duckdb-naive.csv",
    query: "?zone=%2B02:00",
    stored: ["Köln | 2023-12-31T22:00:00.000000000Z | 0.1", "a,b | 2024-07-01T10:00:00.123456000Z | 1e+100"],
    told: ["line 4 ts: is missing", 'line 5 value: "inf" is not a number'],
  },
  {
    file: "duckdb-hugeint.csv",
    stored: [],
    told: [
      'line 2 value: "170141183460469231731687303715884105727" has more digits than can be stored: it would be stored as 1.7014118346046923e+38',
    ],
  },
  {
    file: "duckdb.ndjson",
    type: "application/x-ndjson",
    stored: ["Köln | 2024-01-01T00:00:00.000000000Z | 0.1", "a,b | 2024-07-01T12:00:00.123456000Z | 1e+100"],
    told: [],
  },
  {
    file: "libreoffice-de.csv",
    query: "?delimiter=%3B&decimal=,&zone=Z",
    type: "text/csv; charset=windows-1252",
    stored: [
      "Köln | 2024-01-01T13:00:00.000000000Z | 21.5",
      "a;b | 2024-12-31T23:59:59.000000000Z | 1234567.25",
      "c | 2024-02-29T00:00:00.000000000Z | 0.1",
    ],
    told: [],
  },
  {
    file: "libreoffice-de.csv",
    query: "?delimiter=%3B&zone=Z",
    stored: [],
    told: [
      "line 2: not utf-8 at byte offset 22 (0xF6); save the file as UTF-8, or declare its charset in the content type. Nothing from here on was read",
    ],
  },
  {
    file: "libreoffice-de.csv",
    query: "?zone=Z",
    type: "text/csv; charset=windows-1252",
    stored: [],
    told: [
      'line 1: no column "series" for series; the header has series;ts;value;note. Say ?series=NAME to use another column. Is this the delimiter? Say ?delimiter=%3B; no column "ts" or "timestamp" or "time" for ts; the header has series;ts;value;note. Say ?ts=NAME to use another column. Is this the delimiter? Say ?delimiter=%3B; no column "value" for value; the header has series;ts;value;note. Say ?value=NAME to use another column. Is this the delimiter? Say ?delimiter=%3B',
    ],
  },
  {
    file: "libreoffice-fr.csv",
    query: "?delimiter=%3B&decimal=,&zone=Z",
    stored: [
      "Köln | 2024-01-01T13:00:00.000000000Z | 21.5",
      "a;b | 2024-12-31T23:59:59.000000000Z | 1234567.25",
      "c | 2024-02-29T00:00:00.000000000Z | 0.1",
    ],
    told: [],
  },
  {
    file: "libreoffice-en.csv",
    query: "?zone=Z",
    type: "text/csv; charset=windows-1252",
    stored: [
      "Köln | 2024-01-01T13:00:00.000000000Z | 21.5",
      "a;b | 2024-12-31T23:59:59.000000000Z | 1234567.25",
      "c | 2024-02-29T00:00:00.000000000Z | 0.1",
    ],
    told: [],
  },
  {
    file: "libreoffice-de-dates.csv",
    query: "?delimiter=%3B&decimal=,&zone=Z",
    type: "text/csv; charset=windows-1252",
    stored: [],
    told: [
      'line 2 ts: "01.02.2024 13:00:00" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
      'line 3 ts: "01.02.2024 14:00:00" is not an ISO 8601 time; write year-month-day, such as 2001-01-31T14:05:00Z',
    ],
  },
];

exports("are all looked at", () => {
  const files = readdirSync(folder).filter((name) => !/^(README\.md|\.gitattributes)$/.test(name));
  assert.equal([...new Set(cases.map(({ file }) => file))].sort(), files.sort());
});

for (const { file, query = "", type = "text/csv", encoding, stored, told } of cases) {
  exports(`${file}${query} (${type}) is stored exactly, and what cannot be is refused in words`, async () => {
    const path = type.startsWith("text/csv") ? `/v1/uploads${query}` : "/v1/events:stream";
    const body = readFileSync(join(folder, file));
    const headers = encoding === undefined ? {} : { "content-encoding": encoding };
    const ingest = createIngest({ now: Date.UTC(2199, 11, 31) });
    const answer = await ingest.send(path, type, body, headers);
    assert.equal(answer.stored.map(show), stored);
    assert.equal(answer.told, told);
  });
}

exports.run();
