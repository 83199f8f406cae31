import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findPlace, readFindings } from "../../../../ci/src/outcomes/frames.ts";
import { Paths } from "../../../../ci/src/outcomes/paths.ts";

const FILES = [
  "sum_test.py",
  "packages/x/src/sum.js",
  "packages/x/src/sum.test.js",
  "packages/y/src/sum.js",
  "go/math/math_test.go",
  "app/src/test/java/com/acme/MathTest.java",
  "app/src/main/java/com/acme/Math.java",
  "a b/c%d.ts",
  "Dockerfile",
];
const paths = new Paths(new Set(FILES), "/work", "packages/x");

const places = suite("a place that a tool names");

const written: readonly (readonly [string, string, string | undefined])[] = [
  ["an absolute path of the container", "/work/packages/x/src/sum.js", "packages/x/src/sum.js"],
  ["an address", "file:///work/packages/x/src/sum.js?t=1", "packages/x/src/sum.js"],
  ["an address with signs that are spelt out", "file:///work/a%20b/c%25d.ts", "a b/c%d.ts"],
  ["a path with a per cent sign of its own", "a b/c%d.ts", "a b/c%d.ts"],
  ["a path from the folder of the check", "src/sum.js", "packages/x/src/sum.js"],
  ["a path from the top", "packages/y/src/sum.js", "packages/y/src/sum.js"],
  ["a path with dots", "./src/../src/sum.js", "packages/x/src/sum.js"],
  ["a path up out of the folder of the check", "../y/src/sum.js", "packages/y/src/sum.js"],
  ["a path of Windows", "src\\sum.js", "packages/x/src/sum.js"],
  ["a path of an image of its own", "/app/src/sum.js", "packages/x/src/sum.js"],
  ["the name of a file that is there once", "math_test.go", "go/math/math_test.go"],
  ["a path out of the repository", "../../../etc/passwd", undefined],
  ["a file of a dependency", "/work/node_modules/z/src/sum.js", undefined],
  ["a file of the system", "/usr/lib/python3/sum_test.py", undefined],
  ["a module of Node", "node:internal/test", undefined],
  ["nothing", "", undefined],
];
for (const [what, path, found] of written)
  places(`is ${found ?? "none"} for ${what}`, () => {
    assert.is(paths.find(path), found);
  });

places("is none where two files may be meant, and the nearer one where only one is near", () => {
  assert.is(new Paths(new Set(FILES), "/work", ".").find("sum.js"), undefined);
  assert.is(paths.find("sum.js"), "packages/x/src/sum.js");
});

const frames: readonly (readonly [string, string, object | undefined])[] = [
  [
    "Node",
    "Error: no\n  at run (node:internal/x:1:2)\n  at TestContext.<anonymous> (file:///work/packages/x/src/sum.test.js:4:27)",
    { path: "packages/x/src/sum.test.js", line: 4, column: 27 },
  ],
  ["Vitest", " ❯ src/sum.test.js:2:111", { path: "packages/x/src/sum.test.js", line: 2, column: 111 }],
  ["pytest", "E   assert\n\nsum_test.py:4: AssertionError", { path: "sum_test.py", line: 4 }],
  ["Python", 'File "/work/sum_test.py", line 12, in test_adds', { path: "sum_test.py", line: 12 }],
  ["Go", "=== RUN   TestX\n    math_test.go:4: expected 1", { path: "go/math/math_test.go", line: 4 }],
  [
    "Java",
    "at org.junit.Assert.fail(Assert.java:9)\nat com.acme.MathTest.adds(MathTest.java:3)",
    { path: "app/src/test/java/com/acme/MathTest.java", line: 3 },
  ],
  ["a Dockerfile", "Dockerfile:7\n--------", { path: "Dockerfile", line: 7 }],
  ["line 0, which there is not", "sum_test.py:0: x", undefined],
  ["other software", "at x (/usr/lib/y.js:1:1)", undefined],
];
for (const [what, text, place] of frames)
  places(`is read from what ${what} prints`, () => {
    assert.equal(findPlace(text, paths), place);
  });

const lints: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  ["tsc", "src/sum.js(4,2): error TS2322: no", [["packages/x/src/sum.js:4:2 error", "error TS2322: no"]]],
  ["most linters", "./src/sum.js:4:2: E501 too long", [["packages/x/src/sum.js:4:2 error", "E501 too long"]]],
  [
    "ruff, below its message",
    "E501 Line too long\n --> sum_test.py:4:89\n  |",
    [["sum_test.py:4:89 error", "E501 Line too long"]],
  ],
  [
    "ESLint, below the file",
    "/work/packages/x/src/sum.js\n  4:25  error  'a' is not used  no-unused-vars\n  5:1  warning  odd",
    [
      ["packages/x/src/sum.js:4:25 error", "'a' is not used no-unused-vars"],
      ["packages/x/src/sum.js:5:1 warning", "odd"],
    ],
  ],
  ["Biome", "src/sum.js:4:2 lint/style/x ━━━━━", [["packages/x/src/sum.js:4:2 error", "lint/style/x"]]],
  ["go vet", "# math\nvet: go/math/math_test.go:3:1: no", []],
  ["files that are not there", "lib/z.js:4:2: no", []],
  ["the same twice", "sum_test.py:1: x\nsum_test.py:1: x", [["sum_test.py:1 error", "x"]]],
];
for (const [what, output, found] of lints)
  places(`is found in the output of ${what}`, () => {
    const all = readFindings(output, paths).map(({ level, message, place: { path, line, column } }) => [
      `${[path, line, column].filter((part) => part !== undefined).join(":")} ${level}`,
      message,
    ]);
    assert.equal(all, found);
  });

// What grows with the square of the length would not end before the limit of this file.
places("is looked for in no more time than a long text needs", () => {
  for (const text of [
    "a".repeat(2_000_000),
    "/a.b".repeat(500_000),
    "at a.".repeat(400_000),
    'File "'.repeat(300_000),
  ]) {
    findPlace(text, paths);
    readFindings(text, paths);
  }
});

places.run();
