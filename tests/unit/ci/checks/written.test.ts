import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listDetails, tellCounts } from "../../../../ci/src/checks/tell-written.ts";
import { type ReportFile, readWritten } from "../../../../ci/src/checks/written.ts";

const FOLDER = "tests/data/reports";

/** A file as a program has written it. */
function sample(name: string): ReportFile {
  return { path: `reports/${name}`, text: readFileSync(`${FOLDER}/${name}`, "utf8") };
}

function file(path: string, text: ReportFile["text"]): ReportFile {
  return { path, text };
}

/** What a report says of files of JUnit: the counts, then the details. */
function tellJunit(...files: readonly ReportFile[]): string[] {
  const written = readWritten({ junit: files.map(({ path }) => path) }, files);
  return [tellCounts(written), ...listDetails(written)];
}

const written = suite("what a check has written");

const samples: readonly (readonly [string, readonly string[]])[] = [
  [
    "surefire.xml",
    [
      "3 passed, 2 failed, 1 skipped",
      "com.acme.MathTest > breaks: no database",
      "com.acme.MathTest > subtracts: expected: <1> but was: <2>",
    ],
  ],
  [
    "pytest.xml",
    [
      "1 passed, 2 failed, 2 skipped",
      "test_math > test_subtracts: assert (3 - 1) == 1",
      'test_math > test_db: failed on setup with "RuntimeError: no database"',
    ],
  ],
  [
    "gotestsum.xml",
    [
      "1 passed, 2 failed, 1 skipped",
      "example.org/math > TestSubtracts/small: math_test.go:4: expected 1, got 2",
      "example.org/math > TestSubtracts: Failed",
    ],
  ],
  ["node.xml", ["2 passed, 2 failed, 2 skipped", "top fails: boomsecond line", "math > subtracts: 2 == 1"]],
  [
    "jest.xml",
    ["2 passed, 1 failed, 1 skipped", "math subtracts: Error: expect(received).toBe(expected) // Object.is equality"],
  ],
  [
    "vitest.xml",
    [
      "1 passed, 2 failed, 1 skipped",
      "v/broken.test.js: Cannot find module './not-there.js' imported from '/src/v/broken.test.js'",
      "v/math.test.js > math > subtracts <b>: expected 2 to be 1 // Object.is equality",
    ],
  ],
  ["mocha.xml", ["1 passed, 1 failed, 1 skipped", "math > subtracts: 2 == 1"]],
];
for (const [name, lines] of samples)
  written(`is counted from ${name}`, () => {
    assert.equal(tellJunit(sample(name)), lines);
  });

written("adds the tests of several files up, and names a file once that two patterns name", () => {
  const files = [sample("surefire.xml"), sample("node.xml")];
  const read = readWritten({ junit: ["reports/*.xml", "reports"] }, files);
  assert.is(tellCounts(read), "5 passed, 4 failed, 3 skipped");
});

const forms: readonly (readonly [string, string, readonly string[]])[] = [
  ["no tests", "<testsuites/>", ["no tests"]],
  [
    "suites in suites",
    '<testsuites><testsuite name="a"><testsuite name="b"><testcase name="c"/><testcase name="d"><error type="E"/></testcase></testsuite></testsuite></testsuites>',
    ["1 passed, 1 failed", "a > b > d: E"],
  ],
  [
    "a suite that names no test, by the sums that it claims",
    '<testsuite name="a" tests="9" failures="1" errors="2" skipped="3" disabled="x"/>',
    ["3 passed, 3 failed, 3 skipped"],
  ],
  [
    "a suite that claims other sums than it has tests, by its tests",
    '<testsuite tests="99" failures="7"><testcase name="a"/></testsuite>',
    ["1 passed"],
  ],
  [
    "a suite that could not end, beside its tests",
    '<testsuite name="db"><testcase name="a"/><error message="no database"/></testsuite>',
    ["1 passed, 1 failed", "db: no database"],
  ],
  [
    "a test that passed when it was run again",
    '<testsuite><testcase name="a"><flakyFailure message="once"/></testcase><testcase name="b"><rerunFailure message="two"/><failure message="one"/></testcase></testsuite>',
    ["1 passed, 1 failed", "b: one"],
  ],
  [
    "tests that were not run, as GoogleTest says it",
    '<testsuite><testcase name="a" status="notrun"/><testcase name="b" status="run" result="skipped"/><testcase name="c" status="run" result="completed"/></testsuite>',
    ["1 passed, 2 skipped"],
  ],
  [
    "a test without a name",
    "<testsuite><testcase><failure>  \n  === RUN x\n  said so  \n</failure></testcase></testsuite>",
    ["0 passed, 1 failed", "a test without a name: said so"],
  ],
  [
    "messages of several lines and colours, in one line",
    '<testsuite><testcase name="a&#10;b"><failure message="&#27;[31mred&#27;[0m #x1B[1mand&#9;more\u0007"/></testcase></testsuite>',
    ["0 passed, 1 failed", "a b: red and more"],
  ],
];
for (const [what, text, lines] of forms)
  written(`counts ${what}`, () => {
    assert.equal(tellJunit(file("a.xml", text)), lines);
  });

written("names ten failed tests, cuts what is long, and counts the rest", () => {
  const tests = Array.from(
    { length: 25 },
    (_, at) => `<testcase name="t${at}"><failure message="${"m".repeat(500)}"/></testcase>`,
  );
  const [counts, ...lines] = tellJunit(file("a.xml", `<testsuite>${tests.join("")}</testsuite>`));
  assert.is(counts, "0 passed, 25 failed");
  assert.is(lines.length, 11);
  assert.is(lines[0], `t0: ${"m".repeat(200)}…`);
  assert.is(lines[10], "and 15 more failed tests");
});

const spoilt: readonly (readonly [string, ReportFile["text"], string])[] = [
  ["an empty file", { problem: "is empty" }, "a.xml is empty"],
  ["one that was cut", "<testsuite><testcase name='a'>", "a.xml is not XML: line 1: expected </testcase>"],
  [
    "entities that grow",
    '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><testsuite name="&c;"/>',
    "a.xml is not XML: line 1: expected no declarations in the document type",
  ],
  [
    "an entity of another file",
    '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<testsuite name="&b;"/>',
    "a.xml is not XML: line 2: expected no declarations in the document type",
  ],
  [
    "another form",
    "<coverage/>",
    "a.xml is not JUnit: expected <testsuites> or <testsuite> at the top, found <coverage>",
  ],
  [
    "suites without an end of them",
    "<testsuite>".repeat(100_000),
    "a.xml is not XML: line 1: expected elements nested at most 200 deep",
  ],
];
for (const [what, text, line] of spoilt)
  written(`tells ${what}, and counts the others`, () => {
    const good = file("b.xml", '<testsuite><testcase name="a"/></testsuite>');
    assert.equal(tellJunit(file("a.xml", text), good), ["1 passed", line]);
  });

written("says what is not there", () => {
  const read = readWritten({ junit: ["out/*.xml", "junit.xml"], lcov: ["lcov.info"], cobertura: [] }, []);
  assert.is(tellCounts(read), "");
  assert.equal(listDetails(read), [
    "no file matches reports.junit names: out/*.xml, junit.xml",
    "no file matches reports.lcov names: lcov.info",
  ]);
});

written("takes of a folder the files that are called as their kind is, and any file that is named", () => {
  const one = '<testsuite><testcase name="a"/></testsuite>';
  const files = [file("out/a.xml", one), file("out/b/c.XML", one), file("out/a.txt", "plain"), file("result", one)];
  for (const pattern of ["out", "out/", "out/**", "out/*", "**"])
    assert.is(tellCounts(readWritten({ junit: [pattern, "result"] }, files)), "3 passed", pattern);
  assert.equal(listDetails(readWritten({ junit: ["out/*.txt"] }, files)), [
    "out/a.txt is not XML: line 1: expected one element at the top",
  ]);
});

const lcov = (text: string) => readWritten({ lcov: ["l.info"] }, [file("l.info", text)]);

written("has the coverage of lcov as Istanbul and coverage.py write it", () => {
  assert.is(tellCounts(readWritten({ lcov: ["reports"] }, [sample("istanbul.info")])), "coverage 80.0%");
  assert.is(tellCounts(readWritten({ lcov: ["reports"] }, [sample("coverage-py.info")])), "coverage 100.0%");
});

written("has the coverage of Cobertura as Istanbul and coverage.py write it", () => {
  assert.is(tellCounts(readWritten({ cobertura: ["reports"] }, [sample("istanbul.xml")])), "coverage 80.0%");
  assert.is(tellCounts(readWritten({ cobertura: ["reports"] }, [sample("coverage-py.xml")])), "coverage 100.0%");
});

written("puts together what several records say of one source, line by line", () => {
  const record = (one: number, two: number) =>
    `TN:\nSF:a.ts\nDA:1,${one}\nDA:2,${two},checksum\nLF:2\nLH:9\nend_of_record\r\n`;
  assert.is(tellCounts(lcov(record(1, 0) + record(0, 1))), "coverage 100.0%");
  assert.is(tellCounts(lcov(record(1, 0) + record(1, 0))), "coverage 50.0%");
  const files = [file("a.info", record(1, 0)), file("b.info", record(0, 3))];
  assert.is(tellCounts(readWritten({ lcov: ["*.info"] }, files)), "coverage 100.0%");
});

written("takes the sums of a source for which no line is named", () => {
  assert.is(tellCounts(lcov("SF:a\nLF:8\nLH:2\nend_of_record\n")), "coverage 25.0%");
});

written("never rounds coverage up, and has a word for no lines", () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => `DA:${at},${at === 0 ? 0 : 1}`).join("\n");
  assert.is(tellCounts(lcov(`SF:a\n${lines}\nend_of_record`)), "coverage 99.9%");
  assert.is(tellCounts(lcov("SF:a\nend_of_record\n")), "coverage of no lines");
});

written("counts the lines of Cobertura where no sums are given, those of methods once", () => {
  const text = `<coverage line-rate="0.9"><packages><package><classes>
    <class><methods><method><lines><line number="1" hits="0"/></lines></method></methods><lines><line number="1" hits="0"/><line number="2" hits="7"/></lines></class>
  </classes></package></packages></coverage>`;
  assert.is(tellCounts(readWritten({ cobertura: ["c.xml"] }, [file("c.xml", text)])), "coverage 50.0%");
});

written("names both forms of coverage when both are there", () => {
  const files = [sample("istanbul.info"), sample("coverage-py.xml"), sample("node.xml")];
  const reports = {
    junit: ["reports/node.xml"],
    lcov: ["reports/istanbul.info"],
    cobertura: ["reports/coverage-py.xml"],
  };
  assert.is(
    tellCounts(readWritten(reports, files)),
    "2 passed, 2 failed, 2 skipped, coverage 80.0% (lcov) and 100.0% (cobertura)",
  );
});

const noCoverage: readonly (readonly ["lcov" | "cobertura", string, string])[] = [
  ["lcov", "<html/>", "is not lcov: expected a line that begins with SF:"],
  ["lcov", "end_of_record\n", "is not lcov: expected a line that begins with SF:"],
  ["lcov", "SF:a\nDA:1,1\n", "ends in the middle: its last record has no end_of_record"],
  ["lcov", "SF:a\nDA:1\nend_of_record\n", 'is not lcov: "DA:1"'],
  ["cobertura", "<testsuites/>", "is not Cobertura: expected <coverage line-rate=…> at the top, found <testsuites>"],
  [
    "cobertura",
    '<coverage generated="1" clover="3"><project/></coverage>',
    "is not Cobertura: expected <coverage line-rate=…> at the top, found <coverage>",
  ],
];
for (const [kind, text, problem] of noCoverage)
  written(`refuses ${text.slice(0, 20).trim()} as ${kind}`, () => {
    assert.equal(listDetails(readWritten({ [kind]: ["f"] }, [file("f", text)])), [`f ${problem}`]);
  });

written.run();
