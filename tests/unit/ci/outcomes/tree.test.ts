import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJunit } from "../../../../ci/src/checks/junit.ts";
import { HITS } from "../../../../ci/src/checks/line-hits.ts";
import { Paths } from "../../../../ci/src/outcomes/paths.ts";
import type { CheckResult, LineHits } from "../../../../ci/src/outcomes/result.ts";
import type { Results } from "../../../../ci/src/outcomes/summary.ts";
import { writeTree } from "../../../../ci/src/outcomes/tree.ts";
import { anyText } from "../../../support/any-text.ts";

const passed: CheckResult = {
  name: "lint",
  seconds: 1.5,
  summary: "2 files",
  output: "",
  cases: [],
  findings: [],
  hits: new Map(),
  runs: [],
  problems: [],
};

const unit: CheckResult = {
  ...passed,
  name: "unit",
  exitCode: 7,
  summary: "1 passed, 1 failed",
  output: "bad\n",
  cases: [
    { suite: "sum", name: "adds", state: "passed", seconds: 0.25, message: "", text: "" },
    {
      suite: "sum",
      name: "takes away",
      state: "failed",
      message: "1 is not 2",
      text: "at sum.js:4",
      place: { path: "sum.js", line: 4, column: 2 },
    },
  ],
};

const treeOf = (...checks: readonly CheckResult[]) =>
  writeTree({
    checks,
    left: [],
    hits: new Map(),
    repeat: checks.some(({ exitCode }) => exitCode) ? "To repeat it: x\n" : "",
  });

/** Runs the verdict as a CI system would. */
function tell(tree: Record<string, string>, env: Record<string, string> = {}): { code: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), "verdict-"));
  try {
    for (const [name, text] of Object.entries(tree)) writeFileSync(join(folder, name), text);
    const given = { PATH: process.env["PATH"] ?? "", ...env };
    const { status, stdout } = spawnSync("sh", [join(folder, "verdict.sh")], { env: given, encoding: "utf8" });
    return { code: status, said: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tree = suite("the files of results");

tree("are these, whatever has been checked, and more where there is coverage or SARIF", () => {
  const always = [
    "verdict.sh",
    "summary.txt",
    "summary.md",
    "junit.xml",
    "annotations.json",
    "annotations.github",
    "annotations.azure",
    "codequality.json",
  ];
  assert.equal(Object.keys(treeOf(passed)), always);
  const hits: LineHits = new Map([["a.js", new Map([[1, 1]])]]);
  const full = writeTree({ checks: [{ ...passed, runs: [{ results: [] }] }], left: [], hits, repeat: "" });
  assert.equal(Object.keys(full), [...always, "lcov.info", "cobertura.xml", "results.sarif"]);
});

tree("have a suite of JUnit for each check, and a case for a check that has written none", () => {
  assert.is(
    treeOf(passed, unit)["junit.xml"],
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="slipway" tests="3" failures="1" errors="0" skipped="0" time="3.000">
  <testsuite name="lint" tests="1" failures="0" errors="0" skipped="0" time="1.500">
    <testcase classname="lint" name="lint" time="1.500"/>
  </testsuite>
  <testsuite name="unit" tests="2" failures="1" errors="0" skipped="0" time="1.500">
    <testcase classname="sum" name="adds" time="0.250"/>
    <testcase classname="sum" name="takes away" time="0.000" file="sum.js" line="4"><failure message="1 is not 2">at sum.js:4</failure></testcase>
  </testsuite>
</testsuites>
`,
  );
});

tree("have a failed case for a check that failed though all of its tests passed, with what it printed", () => {
  const [first] = unit.cases;
  const told = readJunit(treeOf({ ...unit, cases: first === undefined ? [] : [first] })["junit.xml"] ?? "");
  assert.equal(told.failures, [{ name: "unit", message: "1 passed, 1 failed" }]);
  assert.is(told.passed, 1);
});

tree("say of a file that cannot be used in JUnit, in both summaries, and count it as skipped", () => {
  const made = treeOf({ ...passed, problems: ["out/x.xml is empty"] });
  assert.match(made["junit.xml"] ?? "", '<skipped message="out/x.xml is empty"/>');
  assert.match(made["summary.txt"] ?? "", "\nlint: out/x.xml is empty\n");
  assert.match(made["summary.md"] ?? "", "- lint: out/x.xml is empty");
});

tree("end with the exit code of the first check that failed, and with 0 when none has", () => {
  assert.is(tell(treeOf(passed)).code, 0);
  assert.is(tell(treeOf(passed, unit, { ...unit, exitCode: 3 })).code, 7);
  for (const exitCode of [0, -1, 256]) assert.is(tell(treeOf({ ...unit, exitCode })).code, 1);
});

tree("are told with how a failure is repeated, the failed test with its line", () => {
  assert.is(
    tell(treeOf(passed, unit)).said,
    `lint  passed  1.5 s  2 files
unit  failed  1.5 s  1 passed, 1 failed
unit: sum > takes away: 1 is not 2 (sum.js:4)

To repeat it: x
`,
  );
});

tree("name checks that did not run", () => {
  const made = writeTree({ checks: [unit], left: ["slow"], hits: new Map(), repeat: "" });
  assert.match(made["summary.txt"] ?? "", "slow  not run: a check of the fast stage has failed\n");
  assert.match(made["summary.md"] ?? "", "| slow | not run |");
});

tree("become annotations and a summary on GitHub, a logged issue on Azure, and neither elsewhere", () => {
  const file = join(mkdtempSync(join(tmpdir(), "summary-")), "summary.md");
  const onGitHub = tell(treeOf(unit), { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: file });
  assert.match(onGitHub.said, "\n::error file=sum.js,line=4,col=2,title=unit::takes away: 1 is not 2\n");
  assert.match(execFileSync("cat", [file], { encoding: "utf8" }), "- unit: sum &gt; takes away".replace("&gt;", "\\>"));
  const onAzure = tell(treeOf(unit), { TF_BUILD: "True" });
  assert.match(
    onAzure.said,
    "\n##vso[task.logissue type=error;sourcepath=sum.js;linenumber=4;columnnumber=2;]unit: takes away: 1 is not 2\n",
  );
  assert.is(/^(?:::|##)/m.test(tell(treeOf(unit)).said), false);
});

tree("are an issue of code quality for GitLab, whose fingerprint does not change when the line moves", () => {
  const issues = (line: number) => {
    const cases = unit.cases.map((one) => (one.place === undefined ? one : { ...one, place: { ...one.place, line } }));
    return JSON.parse(treeOf({ ...unit, cases: [...cases, ...cases] })["codequality.json"] ?? "");
  };
  const [one, same] = issues(4);
  assert.equal(one.location, { path: "sum.js", lines: { begin: 4 } });
  assert.equal([one.severity, one.check_name], ["major", "unit"]);
  assert.is(one.fingerprint, issues(9)[0].fingerprint);
  assert.is.not(one.fingerprint, same.fingerprint);
});

tree("have ten annotations of each kind at most, errors before warnings: GitHub takes no more", () => {
  const finding = (level: "error" | "warning", line: number) => ({
    level,
    message: "no",
    place: { path: "a.js", line },
  });
  const findings = Array.from({ length: 25 }, (_, at) => finding(at % 2 === 0 ? "warning" : "error", at + 1));
  const lines = (treeOf({ ...unit, findings })["annotations.github"] ?? "").trim().split("\n");
  assert.equal([lines.length, lines[0]?.slice(0, 7), lines[10]?.slice(0, 9)], [20, "::error", "::warning"]);
});

/** What a hostile test may be called, and say. */
const hostile = fc.oneof(
  anyText(),
  fc.constantFrom(
    "::set-output name=a::b",
    "\n::error::x",
    "##vso[task.setvariable variable=a]b",
    "]]></failure><x>",
    "\u0000\u001B[31mred\u001B[0m",
    "![x](https://evil.example/)<img src=x>",
    "`````\n# x",
    "\uD800",
    "$(touch /tmp/x)`id`",
  ),
);

tree("let nothing that a program says begin a command of a CI system, close an element, or become a tag", () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, message, text) => {
      const made = treeOf({
        ...unit,
        summary: message,
        output: text,
        cases: [{ suite: name, name, state: "failed", message, text, place: { path: "a b,:%.js", line: 1 } }],
        findings: [{ level: "warning", message: text, rule: message, place: { path: "x.js" } }],
        problems: [text],
      });
      const told = readJunit(made["junit.xml"] ?? "");
      assert.equal([told.failed, told.skipped], [1, 1]);
      assert.is(/^\s*(?:::|##)/m.test(made["summary.txt"] ?? ""), false);
      const commands = (made["annotations.github"] ?? "").trim().split("\n");
      assert.ok(commands.length === 2 && commands.every((line) => /^::(?:error|warning) file=/.test(line)));
      const issues = (made["annotations.azure"] ?? "").trim().split("\n");
      assert.ok(issues.length === 2 && issues.every((line) => /^##vso\[task\.logissue [^\]]*\][^\]]*$/.test(line)));
      JSON.parse(made["codequality.json"] ?? "");
      const outside = (made["summary.md"] ?? "").replaceAll(/(`{3,})text\n[\s\S]*?\n\1(?=\n)/g, "");
      assert.is(/<(?!details><summary>unit|summary>unit|\/details>|\/summary>)/.test(outside), false, outside);
      assert.is(/(?<!\\)!\[|(?<!\\)\]\(/.test(outside), false, outside);
    }),
    { numRuns: 200 },
  );
});

tree("have a summary below what GitHub takes, whatever is in it", () => {
  const one = { suite: "s", state: "failed", message: "m".repeat(5000), text: "t".repeat(50_000) } as const;
  const cases = Array.from({ length: 1000 }, (_, at) => ({ ...one, name: `n${at}` }));
  const checks = Array.from({ length: 4 }, (_, at) => ({ ...unit, name: `c${at}`, cases, output: "`".repeat(60_000) }));
  const made = treeOf(...checks);
  assert.ok(Buffer.byteLength(made["summary.md"] ?? "") < 1024 * 1024);
  assert.match(made["summary.md"] ?? "", "- and 3950 more");
  assert.ok((made["junit.xml"] ?? "").length < 35_000_000);
});

const lines: LineHits = new Map([
  ["b/c & d.js", new Map([[10, 0], [2, 3]])], // biome-ignore format: lines of a file
  ["a.js", new Map([[1, 1]])],
]);

tree("have the coverage in both forms, and each reads as the other", () => {
  const made = writeTree({ checks: [passed], left: [], hits: lines, repeat: "" } satisfies Results);
  assert.is(
    made["lcov.info"],
    "TN:\nSF:a.js\nDA:1,1\nLF:1\nLH:1\nend_of_record\nTN:\nSF:b/c & d.js\nDA:2,3\nDA:10,0\nLF:2\nLH:1\nend_of_record\n",
  );
  const paths = new Paths(new Set(lines.keys()), "/work", ".");
  const plain = (hits: LineHits) => [...hits].map(([path, of]) => [path, [...of].sort(([a], [b]) => a - b)]).sort();
  assert.equal(plain(HITS.lcov(made["lcov.info"] ?? "", paths)), plain(lines));
  assert.equal(plain(HITS.cobertura(made["cobertura.xml"] ?? "", paths)), plain(lines));
  assert.match(made["summary.txt"] ?? "", "\ncoverage: 66.6% of 3 lines\n");
});

tree("name each run of SARIF by its check, so that GitHub takes all of them", () => {
  const made = treeOf({ ...passed, runs: [{ results: [] }, { results: [] }] });
  const { runs } = JSON.parse(made["results.sarif"] ?? "");
  assert.equal(
    runs.map(({ automationDetails }: { automationDetails: { id: string } }) => automationDetails.id),
    ["slipway/lint/", "slipway/lint-2/"],
  );
});

tree.run();
