import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ran } from "../../../../ci/src/checks/check.ts";
import type { Outcome } from "../../../../ci/src/checks/check-report.ts";
import { toResult } from "../../../../ci/src/checks/check-result.ts";
import { type ReportFile, readWritten } from "../../../../ci/src/checks/written.ts";
import type { ReportKind } from "../../../../ci/src/config/settings.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const FILES = [
  "app/src/test/java/com/acme/MathTest.java",
  "app/src/main/java/com/acme/Math.java",
  "py/test_math.py",
  "go/math_test.go",
  "go/math.go",
  "web/n/math.test.mjs",
  "web/j/math.test.js",
  "web/v/math.test.js",
  "web/v/broken.test.js",
  "web/m/math.js",
  "sum.js",
];
const outline = outlineOf(Object.fromEntries(FILES.map((path) => [path, undefined])));

const failed: Outcome = { name: "unit", durationMs: 1500, summary: "1 failed", error: new Error("exit code: 3") };
const passed: Outcome = { name: "unit", durationMs: 1500, summary: "1 passed" };

/** What a check came to that has written this text. */
function resultOf(
  kind: ReportKind,
  text: ReportFile["text"],
  { path = ".", outcome = passed, name = "out/file.xml" } = {},
) {
  const [reports, read] = [{ [kind]: [name] }, [{ path: name, text }]];
  const ran: Ran = { stdout: "", stderr: "", read, written: readWritten(reports, read) };
  return toResult({ outline }, { path, reports }, outcome, ran);
}

const sample = (name: string) => readFileSync(`tests/data/reports/${name}`, "utf8");

const result = suite("what a check came to");

const samples: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  [
    "surefire.xml",
    "app",
    [
      ["com.acme.MathTest > breaks", "app/src/test/java/com/acme/MathTest.java:3"],
      ["com.acme.MathTest > subtracts", "app/src/test/java/com/acme/MathTest.java:3"],
    ],
  ],
  [
    "pytest.xml",
    "py",
    [
      ["test_math > test_subtracts", "py/test_math.py:4"],
      ["test_math > test_db", "py/test_math.py:10"],
    ],
  ],
  [
    "gotestsum.xml",
    "go",
    [
      ["example.org/math > TestSubtracts/small", "go/math_test.go:4"],
      ["example.org/math > TestSubtracts", "nowhere"],
    ],
  ],
  [
    "node.xml",
    "web",
    [
      [" > top fails", "web/n/math.test.mjs:2"],
      ["math > subtracts", "web/n/math.test.mjs:3"],
    ],
  ],
  ["jest.xml", "web", [["math subtracts > math subtracts", "web/j/math.test.js:1"]]],
  [
    "vitest.xml",
    "web",
    [
      ["v/broken.test.js > v/broken.test.js", "web/v/broken.test.js:1"],
      ["v/math.test.js > math > subtracts <b>", "web/v/math.test.js:2"],
    ],
  ],
  ["mocha.xml", "web", [["math > subtracts", "web/m/math.js:2"]]],
];
for (const [name, path, tests] of samples)
  result(`has the failed tests of ${name} with their lines from the top of the repository`, () => {
    const { cases } = resultOf("junit", sample(name), { path });
    assert.equal(
      cases
        .filter(({ state }) => state === "failed")
        .map(({ suite: of, name: test, place }) => [
          `${of} > ${test}`,
          place === undefined ? "nowhere" : `${place.path}:${place.line}`,
        ]),
      tests,
    );
  });

const hitsOf = ({ hits }: { hits: ReadonlyMap<string, ReadonlyMap<number, number>> }) =>
  Object.fromEntries([...hits].map(([path, lines]) => [path, Object.fromEntries(lines)]));

const coverages: readonly (readonly [ReportKind, string, string, string, object])[] = [
  [
    "lcov",
    "l.info",
    ".",
    "TN:\nSF:/work/sum.js\nDA:1,0\nDA:1,2\nDA:2,0\nend_of_record\n",
    { "sum.js": { 1: 2, 2: 0 } },
  ],
  ["lcov", "l.info", "web", "SF:m/math.js\nDA:1,1\nend_of_record\n", { "web/m/math.js": { 1: 1 } }],
  [
    "cobertura",
    "c.xml",
    "web",
    '<coverage line-rate="1"><sources><source>/work/web/m</source></sources><packages><package><classes><class filename="math.js"><lines><line number="3" hits="0"/></lines></class></classes></package></packages></coverage>',
    { "web/m/math.js": { 3: 0 } },
  ],
  [
    "jacoco",
    "j.xml",
    "app",
    '<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="app"><group name="g"><package name="com/acme"><sourcefile name="Math.java"><line nr="3" mi="0" ci="2" mb="0" cb="0"/><line nr="4" mi="1" ci="0"/></sourcefile></package></group></report>',
    { "app/src/main/java/com/acme/Math.java": { 3: 1, 4: 0 } },
  ],
  [
    "coverprofile",
    "c.out",
    "go",
    "mode: atomic\nexample.org/math/math.go:3.2,4.10 1 7\nexample.org/math/math.go:6.1,6.9 1 0\n",
    { "go/math.go": { 3: 7, 4: 7, 6: 0 } },
  ],
];
for (const [kind, name, path, text, hits] of coverages)
  result(`has the lines of ${kind} in ${path}`, () => {
    assert.equal(hitsOf(resultOf(kind, text, { path, name })), hits);
  });

const SARIF = JSON.stringify({
  version: "2.1.0",
  runs: [
    {
      tool: { driver: { name: "ruff" } },
      originalUriBaseIds: { ROOT: { uri: "file:///work/py/" } },
      results: [
        {
          ruleId: "E501",
          level: "error",
          message: { text: "too long" },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: "test_math.py", uriBaseId: "ROOT" },
                region: { startLine: 4, startColumn: 89 },
              },
            },
          ],
        },
        { message: { text: "of no file" } },
      ],
    },
  ],
});

result("has the findings of SARIF, and the run with paths from the top", () => {
  const { findings, runs } = resultOf("sarif", SARIF, { name: "r.sarif" });
  assert.equal(findings, [
    { level: "error", message: "too long", rule: "E501", place: { path: "py/test_math.py", line: 4, column: 89 } },
  ]);
  assert.match(JSON.stringify(runs), '"artifactLocation":{"uri":"py/test_math.py"}');
  assert.match(JSON.stringify(runs), "of no file");
  assert.is(JSON.stringify(runs).includes("originalUriBaseIds"), false);
});

result("has the findings of Checkstyle, and a run of SARIF made of them", () => {
  const text =
    '<checkstyle><file name="/work/sum.js"><error line="2" column="5" severity="warning" message="odd" source="x.y"/></file><file name="/else/z.js"><error line="1" message="b"/></file></checkstyle>';
  const { findings, runs, problems } = resultOf("checkstyle", text);
  assert.equal(findings, [
    { level: "warning", message: "odd", rule: "x.y", place: { path: "sum.js", line: 2, column: 5 } },
  ]);
  assert.match(JSON.stringify(runs), '"ruleId":"x.y","level":"warning","message":{"text":"odd"}');
  assert.equal(problems, []);
});

const spoilt: readonly (readonly [ReportKind, string, string])[] = [
  ["junit", "<testsuite>", "out/file.xml is not XML: line 1: expected </testsuite>"],
  ["sarif", "[]", 'out/file.xml is not SARIF: expected "version": "2.1.0" and a list of runs'],
  ["sarif", '{"version":"2.1.0","runs":[', "out/file.xml is not JSON: "],
  ["checkstyle", "<a/>", "out/file.xml is not Checkstyle: expected <checkstyle> at the top, found <a>"],
  ["jacoco", "<a/>", "out/file.xml is not JaCoCo: expected <report> at the top, found <a>"],
  ["coverprofile", "x", "out/file.xml is not Go coverage: expected a first line such as mode: atomic"],
];
for (const [kind, text, problem] of spoilt)
  result(`says that ${JSON.stringify(text)} is no ${kind}, and has nothing of it`, () => {
    const made = resultOf(kind, text);
    assert.is(made.problems.length, 1);
    assert.is(made.problems[0]?.slice(0, problem.length), problem);
    assert.equal([made.cases.length, made.findings.length, made.runs.length, made.hits.size], [0, 0, 0, 0]);
  });

result("takes SARIF whose parts are of another kind than they should be", () => {
  for (const runs of [
    [null, 1, {}],
    [{ results: "x" }],
    [{ results: [null, { locations: [1, { physicalLocation: 2 }] }] }],
  ])
    assert.equal(resultOf("sarif", JSON.stringify({ version: "2.1.0", runs })).findings, []);
});

result("has the findings in the output of a check that failed and has written no file", () => {
  const error = Object.assign(new Error("failed"), { exitCode: 2, stdout: "sum.js:4:1: no\n", stderr: "bye\n" });
  const made = toResult({ outline }, { path: ".", reports: {} }, { ...failed, error }, undefined);
  assert.equal(made.findings, [{ level: "error", message: "no", place: { path: "sum.js", line: 4, column: 1 } }]);
  assert.equal([made.exitCode, made.output], [2, "sum.js:4:1: no\nbye"]);
});

result("of a check that could not even run is the words of the engine, and exit code 1", () => {
  const made = toResult({ outline }, undefined, { ...failed, error: new Error("no such image") }, undefined);
  assert.equal([made.exitCode, made.output], [1, "no such image"]);
});

result.run();
