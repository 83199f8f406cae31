import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileGlob, hostPatterns, matchesName, PatternList } from "../../../../engine/src/store/patterns.ts";
import { type FilterOptions, TreeFilter } from "../../../../engine/src/store/tree-filter.ts";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";
import { type Entries, goldenTree, inTree, listTree } from "./temporary-tree.ts";

interface RecordedCase {
  readonly name: string;
  readonly steps: readonly { readonly query?: string; readonly expect?: unknown }[];
}

function recordedCases(group: string): readonly RecordedCase[] {
  return JSON.parse(readFileSync(`tests/conformance/golden/api/${group}.json`, "utf8")) as RecordedCase[];
}

/** The innermost value of an answer, when it is a list of names. */
function listIn(answer: unknown): string[] | undefined {
  if (Array.isArray(answer)) return answer.every((item) => typeof item === "string") ? (answer as string[]) : undefined;
  if (answer === null || typeof answer !== "object") return undefined;
  const values = Object.values(answer);
  return values.length === 1 ? listIn(values[0]) : undefined;
}

/** `include:["a"],exclude:["b"]` of a query. */
function filterIn(query: string): FilterOptions {
  const list = (name: string) =>
    JSON.parse(new RegExp(`${name}:(\\[[^\\]]*\\](?=[,)]))`).exec(query)?.[1] ?? "[]") as string[];
  return { include: list("include"), exclude: list("exclude"), gitignore: query.includes("gitignore:true") };
}

/** The tree that most of the recorded cases are about. */
const TREE: Entries = {
  "a.txt": "alpha",
  "b.md": "bee",
  ".dot": "hidden",
  "sub/c.txt": "see",
  "sub/deep/d.json": "{}",
  "sub/deep/e.txt": "east",
  empty: null,
};

function listFiltered(root: string, options: FilterOptions): string[] {
  const filter = new TreeFilter(root, options);
  return [...walkTree(root, filter)].map((entry) => (entry.stat.isDirectory() ? `${entry.path}/` : entry.path));
}

const patterns = suite("patterns");

let recordedCount = 0;
for (const { name, steps } of recordedCases("directory")) {
  const step = steps.at(-1);
  const expected = listIn(step?.expect);
  if (expected === undefined || step?.query === undefined || !/^withDirectory with (include|exclude)/.test(name))
    continue;
  const query = step.query;
  recordedCount += 1;
  patterns(`take what the real engine takes: ${name}`, () =>
    inTree(TREE, (root) => assert.equal(listFiltered(root, filterIn(query)), expected)),
  );
}
for (const { name, steps } of recordedCases("host")) {
  const [step] = steps;
  const expected = listIn(step?.expect);
  const tree = /^\{ host \{ directory\(path:"(tree|ignored)"/.exec(step?.query ?? "")?.[1];
  if (
    expected === undefined ||
    step?.query === undefined ||
    tree === undefined ||
    !/include|exclude|gitignore/.test(name)
  )
    continue;
  const { include = [], exclude = [], gitignore = false } = filterIn(step.query);
  recordedCount += 1;
  patterns(`of the host take what the real engine takes: ${name}`, () =>
    inTree(goldenTree(tree), (root) => {
      const options = { include: hostPatterns(include), exclude: hostPatterns(exclude), gitignore };
      assert.equal(listFiltered(root, options), expected);
    }),
  );
}
for (const { name, steps } of recordedCases("directory")) {
  const [step] = steps;
  const given = /^glob with [^:]*: (.*)$/.exec(name)?.[1];
  const expected = listIn(step?.expect);
  if (given === undefined || expected === undefined) continue;
  recordedCount += 1;
  patterns(`of a glob find what the real engine finds: ${name}`, () =>
    inTree(TREE, (root) => {
      const matches = compileGlob(given);
      assert.equal(
        listTree(root).filter((path) => matches(path.replace(/\/$/, ""))),
        expected,
      );
    }),
  );
}

patterns("are compared with all that was recorded about them", () => {
  assert.ok(recordedCount > 60, `only ${recordedCount} recorded cases were found`);
});

patterns("that cannot be read are refused", () => {
  assert.throws(() => new PatternList(["["]), /^syntax error in pattern$/);
  assert.throws(() => new PatternList(["a", "!"]), /illegal exclusion pattern: "!"/);
  assert.throws(() => compileGlob(""), /^failed to create glob pattern matcher: empty pattern$/);
  assert.throws(() => compileGlob("[a-"), /^failed to create glob pattern matcher: syntax error in pattern$/);
});

for (const [pattern, name, expected] of [
  ["*.txt", "a.txt", true],
  ["*.txt", ".txt", true],
  ["*.txt", "a.txt.bak", false],
  ["**", "a/b", false],
  ["[a-c]?", "bx", true],
  ["[^a-c]?", "bx", false],
  ["[^a-c]?", "zx", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["?", "🙂", true],
  ["a.c", "abc", false],
  ["", "", true],
] as const) {
  patterns(`for removal: ${JSON.stringify(pattern)} ${expected ? "is" : "is not"} ${JSON.stringify(name)}`, () =>
    assert.is(matchesName(pattern, name), expected),
  );
}

/** A second reading of the rules, by names instead of expressions: slow, and simple enough to be seen right. */
function matchesSlowly(pattern: readonly string[], path: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return path.length === 0;
  if (part === "**") {
    if (rest.length === 0) return path.length > 0;
    return path.some((_, skipped) => matchesSlowly(rest, path.slice(skipped)));
  }
  const [name, ...below] = path;
  return name !== undefined && matchesNameSlowly([...part], [...name]) && matchesSlowly(rest, below);
}

function matchesNameSlowly(pattern: readonly string[], name: readonly string[]): boolean {
  const [char, ...rest] = pattern;
  if (char === undefined) return name.length === 0;
  if (char === "*") return [...name, ""].some((_, skipped) => matchesNameSlowly(rest, name.slice(skipped)));
  return name.length > 0 && (char === "?" || char === name[0]) && matchesNameSlowly(rest, name.slice(1));
}

/** What matches a folder matches all that is in it. */
function isTakenSlowly(list: readonly string[], path: readonly string[]): boolean {
  return list.some((one) => path.some((_, place) => matchesSlowly(one.split("/"), path.slice(0, place + 1))));
}

const part = fc.constantFrom("a", "b", "ab", "*", "?", "a*", "*b", "?b", "**");
const pattern = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .filter((parts) => parts.every((one, place) => one !== "**" || parts[place + 1] !== "**"))
  .map((parts) => parts.join("/"));
const path = fc.array(fc.constantFrom("a", "b", "ab", "ba", "c"), { minLength: 1, maxLength: 5 });

patterns("mean the same as a slow reading of the rules", () => {
  fc.assert(
    fc.property(pattern, path, (one, names) => {
      const matched = new PatternList([one]).matches(names.join("/"), undefined).matched;
      assert.is(matched, matchesSlowly(one.split("/"), names), `${one} on ${names.join("/")}`);
    }),
    { numRuns: 2000 },
  );
});

const list = fc.array(pattern, { minLength: 1, maxLength: 4 });

patterns("applied from the top down give each path the fate that all patterns and all its folders give it", () => {
  fc.assert(
    fc.property(list, path, (given, names) => {
      const patternList = new PatternList(given);
      let verdict = patternList.matches(names[0] as string, undefined);
      for (let length = 2; length <= names.length; length += 1) {
        verdict = patternList.matches(names.slice(0, length).join("/"), verdict.state);
      }
      assert.is(verdict.matched, isTakenSlowly(given, names), `${given.join(" ")} on ${names.join("/")}`);
    }),
    { numRuns: 2000 },
  );
});

// The real engine remembers for a folder only what changed its fate: `!*` did not change that of `ab`.
patterns("with ! keep the real engine's short memory", () => {
  const patternList = new PatternList(["?b/*b", "!*"]);
  const folder = patternList.matches("ab", undefined);
  assert.is(folder.matched, false);
  assert.is(patternList.matches("ab/b", folder.state).matched, true);
});

patterns("never skip a folder in which something would have been taken", () => {
  fc.assert(
    fc.property(list, path, (given, names) => {
      if (!isTakenSlowly(given, names)) return;
      const patternList = new PatternList(given);
      for (let length = 1; length < names.length; length += 1) {
        const folder = names.slice(0, length);
        if (isTakenSlowly(given, folder)) return;
        assert.ok(
          patternList.mayMatchBelow(folder.join("/")),
          `${given.join(" ")}: ${folder.join("/")} of ${names.join("/")}`,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

patterns.run();
