/** The requests to a release: how they are read from what pods tell, how they are judged, and how they are told. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSamples } from "../../../../ci/src/rollout/exposition.ts";
import {
  type Counted,
  type CounterRule,
  counterRuleSchema,
  countRequests,
  judgeTraffic,
  type Traffic,
  tellTraffic,
} from "../../../../ci/src/rollout/traffic.ts";
import { POLICY } from "./fixtures.ts";

const exposition = suite("what a pod tells");

function samplesIn(text: string) {
  const read = readSamples(text);
  if ("problem" in read) return read.problem;
  return read.samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);
}

exposition("is read value by value; comments, blank lines and times are passed over", () => {
  const text = `# HELP requests_total Requests, "all" of {them}.
# TYPE requests_total counter
requests_total{method="GET",status="200"} 1027 1395066363000
requests_total{ method = "POST" , status = "5xx", } 3

# a comment
plain 12.47
  indented\t1.5e+3
a:b_1{} 0`;
  assert.equal(samplesIn(text), [
    ["requests_total", { method: "GET", status: "200" }, 1027],
    ["requests_total", { method: "POST", status: "5xx" }, 3],
    ["plain", {}, 12.47],
    ["indented", {}, 1500],
    ["a:b_1", {}, 0],
  ]);
  assert.equal(samplesIn(""), []);
});

exposition("has label values with quotes, backslashes, line ends, braces and commas in them", () => {
  assert.equal(samplesIn(String.raw`a{path="C:\\n\\",said="\"no\"\nmore",like="{b=\"c\"},# x"} 1`), [
    ["a", { path: "C:\\n\\", said: '"no"\nmore', like: '{b="c"},# x' }, 1],
  ]);
});

exposition("has numbers as Go and as prom-client write them", () => {
  const numbers = ["NaN", "Nan", "+Inf", "-Inf", "Infinity", "-1", ".5", "5.", "1E-3"];
  const read = samplesIn(numbers.map((number) => `a ${number}`).join("\n"));
  assert.equal(Array.isArray(read) && read.map(([, , value]) => value), [
    Number.NaN,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    -1,
    0.5,
    5,
    0.001,
  ]);
});

for (const line of [
  "a",
  "a1",
  "1a 1",
  "a b",
  "a 0x1p-2",
  "a 1 2 3",
  "a 1 2.5",
  "a{b} 1",
  "a{b=c} 1",
  'a{b="c" 1',
  'a{b="c"d="e"} 1',
  'a{,b="c"} 1',
  'a{b="c",,} 1',
  'a{1b="c"} 1',
  'a{b="c"',
  String.raw`a{b="\t"} 1`,
  'a{b="c",b="d"} 1',
  'a{b="c"} 1 # {trace="x"} 1',
  "<html>",
]) {
  exposition(`is not read when a line is ${line}`, () => {
    assert.is(samplesIn(`ok 1\n${line}`), `line 2 is not in Prometheus' text format: ${line}`);
  });
}

const counting = suite("the requests that a pod has counted");

const RULE: CounterRule = counterRuleSchema.parse({
  port: 8081,
  requests: "http_request_duration_seconds_count",
  failed: { status: "5.." },
});

/** As the services of this repository tell it. */
const TEXT = `# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.1",method="GET",route="/",status="200"} 60
http_request_duration_seconds_sum{method="GET",route="/",status="200"} 0.2
http_request_duration_seconds_count{method="GET",route="/",status="200"} 60
http_request_duration_seconds_count{method="POST",route="/v1/events",status="202"} 1100
http_request_duration_seconds_count{method="POST",route="/v1/events",status="503"} 30
http_request_duration_seconds_count{method="GET",route="none",status="404"} 7
http_request_duration_seconds_count{method="POST",route="/v1/events",status="504"} 2
http_request_duration_seconds_count{method="POST",route="/v1/5000",status="1500"} 4
nodejs_lag Nan
`;

counting("are all series of the counter, and those whose labels match failed", () => {
  assert.equal(countRequests(TEXT, RULE), { requests: 1203, failures: 32, known: true });
});

counting("need every label to match, and the whole of its value", () => {
  const of = (failed: Record<string, string>) => countRequests(TEXT, { ...RULE, failed });
  assert.equal(of({ status: "50[34]", route: "/v1/.*" }), { requests: 1203, failures: 32, known: true });
  assert.equal(of({ status: "5..", method: "GET" }), { requests: 1203, failures: 0, known: true });
  assert.equal(of({ status: "5" }), { requests: 1203, failures: 0, known: true });
  assert.equal(of({ status: "404|503" }), { requests: 1203, failures: 37, known: true });
  assert.equal(of({ status: "404|500" }), { requests: 1203, failures: 7, known: true });
});

counting("leave out what is excepted, failed or not", () => {
  const except = { method: "GET", route: "/" };
  assert.equal(countRequests(TEXT, { ...RULE, except }), { requests: 1143, failures: 32, known: true });
  assert.equal(countRequests(TEXT, { ...RULE, except: { status: "503" } }), {
    requests: 1173,
    failures: 2,
    known: true,
  });
});

counting("are none when the counter is not there, which is told", () => {
  assert.equal(countRequests("other_total 5\n", RULE), { requests: 0, failures: 0, known: false });
  assert.equal(countRequests("", RULE), { requests: 0, failures: 0, known: false });
});

counting("a label that a single series lacks is empty there", () => {
  const text = 'requests_total 5\nrequests_total{error="yes"} 2\n';
  const rule = { ...RULE, requests: "requests_total" };
  assert.equal(countRequests(text, { ...rule, failed: { error: ".+" } }), { requests: 7, failures: 2, known: true });
  assert.equal(countRequests(text, { ...rule, failed: { error: "" } }), { requests: 7, failures: 5, known: true });
});

counting("cannot be told when no series has the label that says failed: nothing would ever fail", () => {
  assert.equal(countRequests(TEXT, { ...RULE, failed: { code: "5.." }, except: { path: "/" } }), {
    problem: "http_request_duration_seconds_count has no label code, path; it has method, route, status",
  });
});

for (const number of ["NaN", "+Inf", "-1"]) {
  counting(`cannot be told when the counter is ${number}; another value may be`, () => {
    const line = `http_request_duration_seconds_count{status="200"} ${number}\n`;
    assert.equal(countRequests(line, RULE), {
      problem: `http_request_duration_seconds_count is ${Number(number.replace("+Inf", "Infinity"))}, which counts nothing`,
    });
    assert.equal(countRequests(`${TEXT}other ${number}\n`, RULE), { requests: 1203, failures: 32, known: true });
  });
}

counting("cannot be told from something else than metrics", () => {
  assert.equal(countRequests("<html></html>", RULE), {
    problem: "line 1 is not in Prometheus' text format: <html></html>",
  });
});

const rules = suite("the rule that says how a service counts");

function problemsOf(more: object): string[] {
  const parsed = counterRuleSchema.safeParse({ port: 1, requests: "a_total", failed: { status: "5.." }, ...more });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

rules("is refused with what was expected", () => {
  assert.equal(problemsOf({}), []);
  assert.equal(problemsOf({ path: "metrics" }), ["path: expected a path, beginning with /, without # and .."]);
  assert.equal(problemsOf({ requests: "a-b" }), ["requests: expected the name of a counter"]);
  assert.equal(problemsOf({ failed: {} }), ["failed: expected at least one label"]);
  assert.equal(problemsOf({ except: {} }), ["except: expected at least one label"]);
  assert.equal(problemsOf({ failed: { status: "5(" } }), [
    "failed.status: expected a regular expression, for example 5..",
  ]);
  assert.equal(problemsOf({ failed: { status: ")|(" } }), [
    "failed.status: expected a regular expression, for example 5..",
  ]);
  assert.equal(problemsOf({ errors: "x" }), [": unknown; expected one of port, path, requests, failed, except"]);
});

const verdict = suite("the traffic of a bake");

function judge(more: Partial<Traffic>, gate: Partial<typeof POLICY.gate> = {}): string | undefined {
  const traffic = { release: "r", asked: {}, counted: {}, unread: [], ...more };
  return judgeTraffic(traffic, { ...POLICY.gate, ...gate });
}

function counts(requests: number, failures: number): Counted {
  return { requests, failures };
}

verdict("speaks for a release as long as no more fails than may", () => {
  assert.is(judge({ counted: { ingest: counts(100, 1) }, asked: { ingest: counts(100, 1) } }), undefined);
  assert.is(judge({ counted: { ingest: counts(0, 0) } }, { minRequests: 0 }), undefined);
  assert.is(judge({}, { minRequests: 0 }), undefined);
  assert.is(judge({ counted: { ingest: counts(100, 100) } }, { maxErrorShare: 1 }), undefined);
});

verdict("names each service that fails, also a small one beside a busy one", () => {
  assert.is(
    judge({ counted: { back: counts(100_000, 0), front: counts(20, 20), ingest: counts(1204, 37) } }),
    "front: 20 of 20 requests failed (100.00 %), 1 % are allowed\n    ingest: 37 of 1,204 requests failed (3.07 %), 1 % are allowed",
  );
  assert.is(
    judge({ counted: { a: counts(1000, 71) } }, { maxErrorShare: 0.07 }),
    "a: 71 of 1,000 requests failed (7.10 %), 7 % are allowed",
  );
});

verdict("takes services with too few requests together", () => {
  assert.is(judge({ counted: { a: counts(19, 19), big: counts(5000, 0) } }), undefined);
  assert.is(
    judge({ counted: { a: counts(10, 10), b: counts(10, 0), big: counts(5000, 0), none: counts(0, 0) } }),
    "a and b: 10 of 20 requests failed (50.00 %), 1 % are allowed",
  );
});

verdict("counts what Slipway asks itself apart: enough of all, then each service", () => {
  const asked = { a: counts(10, 0), b: counts(10, 1) };
  assert.is(judge({ asked }), "b: 1 of 10 requests of Slipway failed (10.00 %), 1 % are allowed");
  assert.is(judge({ asked: { a: counts(10, 0), b: counts(9, 9) } }), undefined);
  // Many good ones of one kind do not hide bad ones of the other.
  assert.is(
    judge({ asked: { a: counts(900, 0) }, counted: { a: counts(30, 1) } }),
    "a: 1 of 30 requests failed (3.33 %), 1 % are allowed",
  );
});

function tell(more: Partial<Traffic>): string {
  return tellTraffic({ release: "r", asked: { a: counts(60, 0), b: counts(60, 1) }, counted: {}, unread: [], ...more });
}

verdict("is told in one line, with what is not known", () => {
  assert.is(
    tell({ counted: { ingest: counts(1204, 3), dashboard: counts(1, 0) } }),
    "ingest 1,204 requests 3 failed, dashboard 1 request 0 failed; Slipway's own 120 requests 1 failed",
  );
  assert.is(
    tell({ counted: { ingest: counts(0, 0), dashboard: counts(0, 0) } }),
    "no requests from others were seen; Slipway's own 120 requests 1 failed",
  );
  assert.is(
    tell({ counted: { ingest: { ...counts(0, 0), unknown: "x_total" }, dashboard: counts(5, 0) }, unread: ["p", "q"] }),
    "ingest 0 requests 0 failed, dashboard 5 requests 0 failed; no pod of ingest counts x_total; not all counters could be read: p; Slipway's own 120 requests 1 failed",
  );
  assert.is(
    tell({}),
    "requests from others were not counted (no service has metrics in slipway.yaml); Slipway's own 120 requests 1 failed",
  );
  assert.is(
    tellTraffic({ release: "r", asked: {}, counted: {}, unread: [] }),
    "it answers no requests; its pods are healthy",
  );
});

exposition.run();
counting.run();
rules.run();
verdict.run();
