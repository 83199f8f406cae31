import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reading } from "../../../../services/contracts/src/index.ts";
import { FateUnknown, NotSent, QueueFull } from "../../../../services/kafka/src/index.ts";
import { createIngest } from "../../../support/ingest-app.ts";

const ingest = suite("ingest");

/** Parts of answers that are looked at. */
interface Body {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly results: readonly { readonly status: string }[];
  readonly errors: readonly { readonly problems: readonly { readonly detail: string }[] }[];
  readonly ignoredColumns: readonly string[];
}

const readBody = async (answer: Response): Promise<Body> => (await answer.json()) as Body;

const NOW = Date.UTC(2024, 5, 1);

/** An app whose broker is a list; `fail.at` names the reading (from 0) with which storing fails. */
function create(fail?: { readonly at: number; readonly error: Error }) {
  const { ask, stored } = createIngest({
    now: NOW,
    maxBodyBytes: 10_000,
    beforeStore: (before, lane) => {
      if (lane?.failure !== undefined) throw new NotSent("after a failure");
      if (fail !== undefined && before >= fail.at) throw fail.error;
    },
  });
  return { app: { request: ask }, stored };
}

const good = { series: "pump", ts: "2024-01-01T00:00:00Z", value: 1.5 };

const post = (path: string, type: string, body: string, headers: Record<string, string> = {}) =>
  new Request(`http://ingest${path}`, { method: "POST", headers: { "content-type": type, ...headers }, body });

async function sendEvents(app: ReturnType<typeof create>["app"], body: unknown) {
  const answer = await app.request(post("/v1/events", "application/json", JSON.stringify(body)));
  return { status: answer.status, body: await readBody(answer) };
}

async function sendCsv(app: ReturnType<typeof create>["app"], csv: string, query = "", key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const answer = await app.request(post(`/v1/uploads${query}`, "text/csv", csv, headers));
  return { status: answer.status, headers: answer.headers, body: await readBody(answer) };
}

ingest("takes one reading, and says where it is stored", async () => {
  const { app, stored } = create();
  const { status, body } = await sendEvents(app, { ...good, id: "x-1" });
  assert.is(status, 202);
  assert.equal(body, { accepted: 1, results: [{ index: 0, status: "stored", id: "x-1", partition: 0, offset: 0 }] });
  assert.equal(stored, [{ id: "x-1", series: "pump", ts: Date.UTC(2024, 0, 1), value: 1.5 }]);
});

ingest("stores the good ones of a list and names every problem of the others", async () => {
  const { app, stored } = create();
  const { status, body } = await sendEvents(app, [good, { series: "", ts: "soon", valeu: 1 }, good]);
  assert.is(status, 207);
  assert.is(stored.length, 2);
  assert.equal(body.results[1], {
    index: 1,
    status: "refused",
    problems: [
      { field: "series", detail: "is missing" },
      { field: "ts", detail: '"soon" is not an ISO 8601 time' },
      { field: "value", detail: "expected a finite number" },
      { field: "", detail: 'Unrecognized key: "valeu"' },
    ],
  });
});

ingest(
  "refuses a reading from the future, an id that looks like a row's, and seconds instead of milliseconds",
  async () => {
    const { app, stored } = create();
    const { status, body } = await sendEvents(app, [
      { ...good, ts: "2024-06-03T00:00:00Z" },
      { ...good, id: "up#1" },
      { ...good, ts: 1_700_000_000 },
    ]);
    assert.is(status, 422);
    assert.is(stored.length, 0);
    assert.equal(
      body.errors.map(({ problems }) => problems.map(({ detail }) => detail)),
      [
        ["2024-06-03T00:00:00.000Z is in the future"],
        ["must not hold #, which is kept for rows of uploads"],
        ['"1700000000" is outside 1980 to 2199; this looks like seconds, send milliseconds'],
      ],
    );
  },
);

for (const [error, status, kind] of [
  [new QueueFull(5), 503, "unavailable"],
  [new NotSent("no connection"), 503, "unavailable"],
  [new FateUnknown("no answer"), 504, "fate-unknown"],
] as const) {
  ingest(`answers ${status} ${kind} when storing ends with ${error.name}`, async () => {
    const { app } = create({ at: 0, error });
    const answer = await app.request(post("/v1/events", "application/json", JSON.stringify(good)));
    assert.is(answer.status, status);
    assert.is(answer.headers.get("content-type"), "application/problem+json");
    assert.is(answer.headers.get("retry-after"), status === 503 ? "1" : null);
    assert.is((await readBody(answer)).type, `urn:slipway:problem:${kind}`);
  });
}

ingest("says 207 when some readings are stored and the broker fails on the rest", async () => {
  const { app } = create({ at: 1, error: new FateUnknown("no answer") });
  const { status, body } = await sendEvents(app, [good, good]);
  assert.is(status, 207);
  assert.equal(
    body.results.map((result) => result.status),
    ["stored", "failed"],
  );
});

for (const [name, request, status] of [
  ["a body that is not JSON", post("/v1/events", "application/json", "{"), 400],
  ["an empty list", post("/v1/events", "application/json", "[]"), 422],
  ["more than 1000 readings", post("/v1/events", "application/json", `[${Array(1_001).fill("0").join()}]`), 422],
  [
    "a body beyond the limit",
    post("/v1/events", "application/json", JSON.stringify("x".repeat(10_001)), { "content-length": "10003" }),
    413,
  ],
  ["another content type", post("/v1/events", "text/plain", "x"), 415],
  ["a file that is no CSV", post("/v1/uploads", "application/json", "{}"), 415],
  ["an unknown wish", post("/v1/uploads?colour=red", "text/csv", "x"), 422],
  ["a path that is not there", post("/v2/events", "application/json", "{}"), 404],
] as const) {
  ingest(`refuses ${name} with ${status}, as a problem document`, async () => {
    const answer = await create().app.request(request);
    assert.is(answer.status, status);
    assert.is(answer.headers.get("content-type"), "application/problem+json");
    assert.is((await readBody(answer)).status, status);
  });
}

ingest("stores the good rows of a file, and reports the bad ones with line, column and reason", async () => {
  const { app, stored } = create();
  const csv = [
    "\uFEFFseries,ts,value,unit",
    "a,2024-01-01T00:00:00Z,1,°C",
    "",
    '"b, ""big""\none",2024-01-01T00:00:00+02:00,-2.5e1,',
    ",2024-01-01T00:00:00Z,1,",
    "a,2024-02-30T00:00:00Z,0x10,",
    "a,2024-01-01T00:00:00Z,NaN,",
    "a,2024-01-01T00:00:00Z,1,,extra",
    'a,2024-01-01T00:00:00Z,"1"x,',
    "a,2024-01-01T00:00:00Z,7,",
  ].join("\r\n");
  const { status, body } = await sendCsv(app, csv);
  assert.is(status, 207);
  assert.equal(
    stored.map(({ id: _, ...rest }) => rest),
    [
      { series: "a", ts: Date.UTC(2024, 0, 1), value: 1, unit: "°C" },
      { series: "a", ts: Date.UTC(2024, 0, 1), value: 7 },
    ],
  );
  assert.equal(body.errors, [
    { line: 4, column: "series", reason: "holds a control character" },
    { line: 6, column: "series", reason: "is missing" },
    { line: 7, column: "ts", reason: '"2024-02-30T00:00:00Z" is not a date and time that exists' },
    { line: 7, column: "value", reason: '"0x10" is not a number' },
    { line: 8, column: "value", reason: '"NaN" is not a number' },
    { line: 9, column: "", reason: "too many columns: 5 instead of 4" },
    { line: 10, column: "value", reason: '"\\"1\\"x" is not a number' },
  ]);
  assert.equal([body.rows, body.accepted, body.rejected], [8, 2, 6]);
});

ingest("gives rows ids that name upload and row, the same ones when the upload is repeated", async () => {
  const csv = "series,ts,value\na,2024-01-01T00:00:00Z,1\na,x,1\na,2024-01-01T00:00:01Z,2\n";
  const first = create({ at: 1, error: new FateUnknown("no answer") });
  assert.is((await sendCsv(first.app, csv, "", "key")).status, 504);
  const second = create();
  await sendCsv(second.app, csv, "", "key");
  const [id = ""] = first.stored.map((reading) => reading.id);
  assert.match(id, /^up-[0-9a-f]{24}#1$/);
  assert.equal(
    second.stored.map((reading) => reading.id),
    [id, id.replace("#1", "#3")],
  );
});

ingest("answers a finished upload from the ledger, and refuses its key for other content", async () => {
  const { app, stored } = create();
  const csv = "series,ts,value\na,2024-01-01T00:00:00Z,1\n";
  const first = await sendCsv(app, csv, "", "key");
  assert.equal([first.status, first.headers.get("idempotency-replayed")], [201, null]);
  const again = await sendCsv(app, csv, "", "key");
  assert.equal([again.status, again.headers.get("idempotency-replayed")], [201, "true"]);
  assert.equal(again.body, first.body);
  assert.is(stored.length, 1);
  const other = await sendCsv(app, `${csv}a,2024-01-01T00:00:01Z,1\n`, "", "key");
  assert.equal([other.status, other.body.type], [422, "urn:slipway:problem:key-reused"]);
  const asked = await app.request(first.headers.get("location") ?? "");
  assert.is((await readBody(asked)).accepted, 1);
});

ingest("finds columns by the names that the request gives, and says which ones it left out", async () => {
  const { app, stored } = create();
  const query = "?series=origin&ts=date&value=delay&attrs=to&zone=Z&delimiter=%3B";
  const { status, body } = await sendCsv(app, "date;delay;origin;to;tail\n2001-01-01 00:01;33;LAS;PHL;N1\n", query);
  assert.is(status, 201);
  assert.equal(body.ignoredColumns, ["tail"]);
  const [{ id: _, ...reading } = {} as Reading] = stored;
  assert.equal(reading, { series: "LAS", ts: Date.UTC(2001, 0, 1, 0, 1), value: 33, attrs: { to: "PHL" } });
});

for (const [name, csv, detail] of [
  ["an empty file", "", "line 1: the file is empty; expected a header"],
  ["a header without the columns", "a,b\n1,2\n", 'line 1: no column "series" for series; the header has a, b.'],
  [
    "a quote that is never closed",
    'series,ts,value\n"a,2024-01-01T00:00:00Z,1\n',
    "line 2: a quote is opened in or after this line",
  ],
] as const) {
  ingest(`says what is wrong with ${name}`, async () => {
    const { status, body } = await sendCsv(create().app, csv);
    assert.is(status, 422);
    assert.ok(body.detail.startsWith(detail), body.detail);
  });
}

ingest("never stores a row behind one that failed", async () => {
  const { app, stored } = create({ at: 2, error: new NotSent("no connection") });
  const rows = Array.from(
    { length: 50 },
    (_, index) => `a,2024-01-01T00:00:${String(index).padStart(2, "0")}Z,${index}`,
  );
  const { status } = await sendCsv(app, ["series,ts,value", ...rows].join("\n"));
  assert.is(status, 503);
  assert.equal(
    stored.map(({ value }) => value),
    [0, 1],
  );
});

ingest("answers lines with reports while they come, and numbers the refused ones", async () => {
  const { app, stored } = create();
  const lines = Array.from({ length: 1_001 }, (_, index) =>
    index === 5 ? "{" : JSON.stringify({ ...good, id: `l-${index}` }),
  );
  const answer = await app.request(post("/v1/events:stream", "application/x-ndjson", lines.join("\n")));
  const reports = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(
    reports.map(({ ackedThrough }) => ackedThrough),
    [1_000, 1_001],
  );
  assert.equal([reports[0].rejected[0].line, reports[0].rejected[0].code], [6, "not-json"]);
  assert.equal([reports[1].done, reports[1].accepted, reports[1].rejectedTotal], [true, 1_000, 1]);
  assert.is(stored.length, 1_000);
});

ingest("has a form that works without JavaScript, and shows what people type as text", async () => {
  const { app, stored } = create();
  const page = await app.request("/");
  assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
  assert.not.match(await page.text(), /<script/);
  const sent = new URLSearchParams({ series: "<b>pump</b>", value: "2", ts: "2024-01-01T10:00", unit: "" });
  const answer = await app.request(post("/entry/reading", "application/x-www-form-urlencoded", sent.toString()));
  assert.is(answer.status, 202);
  assert.match(await answer.text(), /&lt;b&gt;pump&lt;\/b&gt;: 2/);
  assert.is(stored[0]?.ts, Date.UTC(2024, 0, 1, 10));
  const bad = await app.request(post("/entry/reading", "application/x-www-form-urlencoded", "series=a&value=much"));
  assert.is(bad.status, 422);
  assert.match(await bad.text(), /value expected a finite number/);
});

ingest("tells a form whose fault it is that nothing is stored", async () => {
  const types = { "content-type": "multipart/form-data; boundary=b" };
  const file = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nseries,ts,value\r\na,2024-01-01T00:00:00Z,1\r\n--b--\r\n`;
  const reading = { "content-type": "application/x-www-form-urlencoded" };
  for (const [error, status] of [
    [new NotSent("nobody answers"), 503],
    [new QueueFull(1), 503],
    [new FateUnknown("no answer"), 504],
    [new Error("broken"), 500],
  ] as const) {
    const { app } = create({ at: 0, error });
    const sent = [
      await app.request("/entry/reading", { method: "POST", headers: reading, body: "series=a&value=1" }),
      await app.request("/entry/file", { method: "POST", headers: types, body: file }),
    ];
    assert.equal(
      sent.map((answer) => [answer.status, answer.headers.get("content-type")]),
      [status, status].map((one) => [one, "text/html; charset=UTF-8"]),
    );
  }
});

ingest.run();
