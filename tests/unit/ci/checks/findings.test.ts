import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readCheckstyle, readSarif } from "../../../../ci/src/checks/findings.ts";
import { Unreadable } from "../../../../ci/src/checks/unreadable.ts";
import { Paths } from "../../../../ci/src/outcomes/paths.ts";

const paths = new Paths(new Set(["src/sum.js"]), "/work", ".");

/** A run of SARIF with these results. */
const sarif = (...results: readonly object[]) => JSON.stringify({ version: "2.1.0", runs: [{ results }] });

const at = (region: object) => ({
  locations: [{ physicalLocation: { artifactLocation: { uri: "src/sum.js" }, region } }],
});

const findings = suite("findings of a linter");

findings("of SARIF have what a tool says, however little: a message, a level, a place", () => {
  const { findings: found, count } = readSarif(
    sarif(
      { ruleId: "R1", level: "error", message: { text: "one" }, ...at({ startLine: 3, startColumn: 2 }) },
      { message: { markdown: "*two*" }, ...at({ startLine: 3 }) },
      { ruleId: "R3", level: "none", ...at({}) },
    ),
    paths,
  );
  assert.equal(found, [
    { level: "error", message: "one", rule: "R1", place: { path: "src/sum.js", line: 3, column: 2 } },
    { level: "warning", message: "*two*", place: { path: "src/sum.js", line: 3 } },
    { level: "note", message: "R3", rule: "R3", place: { path: "src/sum.js" } },
  ]);
  assert.is(count, 3);
});

findings("of SARIF without a message, without a place or that somebody has let pass are counted alone", () => {
  const { findings: found, count } = readSarif(
    sarif(
      at({ startLine: 1 }),
      { message: { text: "nowhere" } },
      { message: { text: "no file" }, locations: [{}] },
      { message: { text: "let pass" }, ...at({ startLine: 1 }), suppressions: [{ kind: "inSource" }] },
    ),
    paths,
  );
  assert.equal(found, []);
  assert.is(count, 4);
});

findings("of Checkstyle become a run of SARIF, with what each of them says", () => {
  const { findings: found, runs } = readCheckstyle(
    `<checkstyle><file name="/work/src/sum.js">
      <error line="3" column="2" severity="info" message="one" source="rule"/>
      <error line="4" severity="ignore" source=""/>
      <error message="three"/>
    </file><file><error message="of no file"/></file></checkstyle>`,
    paths,
  );
  assert.equal(found, [
    { level: "note", message: "one", rule: "rule", place: { path: "src/sum.js", line: 3, column: 2 } },
    { level: "note", message: "", place: { path: "src/sum.js", line: 4 } },
    { level: "error", message: "three", place: { path: "src/sum.js" } },
  ]);
  const located = (region?: object) => [
    { physicalLocation: { artifactLocation: { uri: "src/sum.js" }, ...(region && { region }) } },
  ];
  const results = [
    {
      ruleId: "rule",
      level: "note",
      message: { text: "one" },
      locations: located({ startLine: 3, startColumn: 2 }),
    },
    { level: "note", message: { text: "" }, locations: located({ startLine: 4 }) },
    { level: "error", message: { text: "three" }, locations: located() },
  ];
  assert.equal(runs, [{ tool: { driver: { name: "checkstyle" } }, results }]);
});

findings("in a file of another form are none, and it is told what was expected", () => {
  const refused: readonly (readonly [() => unknown, RegExp])[] = [
    [() => readSarif("no", paths), /^is not JSON: /],
    [() => readSarif("[]", paths), /^is not SARIF: expected "version": "2\.1\.0" and a list of runs$/],
    [() => readSarif('{ "version": "2.1.0", "runs": {} }', paths), /^is not SARIF: /],
    [() => readCheckstyle("<pmd/>", paths), /^is not Checkstyle: expected <checkstyle> at the top, found <pmd>$/],
  ];
  for (const [read, message] of refused)
    assert.throws(read, (error: Error) => error instanceof Unreadable && message.test(error.message));
});

findings.run();
