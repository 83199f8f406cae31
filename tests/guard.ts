/**
 * Finds tests that uvu would leave out without a word.
 *
 * uvu 0.5.6 exits with 0 when a suite is never run, when `.only` hides the rest, and when no file matches. Each of
 * these would turn a red build green, so this runs before every test run and fails it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Paths of all test files below `folder`, relative to it, in a stable order. */
export function findTestFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .sort();
}

/** Says what in the text of a test file would keep a test from running; an empty list when nothing would. */
export function findHiddenTests(text: string): string[] {
  const code = withoutComments(text);
  const made = [...code.matchAll(/^\s*(?:const|let|var)\s+(\w+)\s*=\s*suite\s*[(<]/gm)].map((match) => match[1] ?? "");
  if (/^import\s*\{[^}]*\btest\b[^}]*\}\s*from\s*"uvu"/m.test(code)) made.push("test");
  if (made.length === 0) return ["holds no suite"];
  const problems: string[] = [];
  for (const name of made) {
    if (!new RegExp(`^\\s*${name}\\.run\\(\\);$`, "m").test(code)) problems.push(`the suite ${name} is never run`);
    if (new RegExp(`^\\s*${name}\\.only\\s*\\(`, "m").test(code)) problems.push(`${name}.only() hides the other tests`);
    if (new RegExp(`^\\s*${name}\\.skip\\s*\\(`, "m").test(code)) problems.push(`${name}.skip() leaves a test out`);
  }
  return problems;
}

/** All problems of the test files below `folder`, one line each: `path: problem`. */
export function guard(folder: string): string[] {
  const files = findTestFiles(folder);
  if (files.length === 0) return [`${folder}: no *.test.ts file found`];
  return files.flatMap((file) =>
    findHiddenTests(readFileSync(join(folder, file), "utf8")).map((problem) => `${join(folder, file)}: ${problem}`),
  );
}

// Only whole-line comments: a `//` inside a string (an address) must stay.
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\/.*$/gm, "").replace(/^\s*\/\*[\s\S]*?\*\//gm, "");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = guard("tests");
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
