import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const lengths = suite("files of code");

const MOST_LINES = 400;

/** Longer ones, and why they are not split. */
const LONGER: Readonly<Record<string, string>> = {
  "ci/src/index.ts": "Dagger takes functions from one class, and the help texts from beside its arguments",
};

const isCode = (path: string) => /\.(ts|tsx|mjs|js)$/.test(path);
const isMade = (path: string) => /(^|\/)(node_modules|dist|sdk|coverage)\//.test(path) || path.endsWith(".d.ts");

function findCode(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => isCode(path) && !isMade(path));
}

const linesOf = (path: string): number => readFileSync(path, "utf8").trimEnd().split("\n").length;

lengths(`have ${MOST_LINES} lines at most, so that each is about one thing`, () => {
  const found = ["ci", "engine", "services", "tests", "bench"].flatMap(findCode);
  assert.ok(found.length > 1000, `${found.length} files`);
  const long = found.filter((path) => linesOf(path) > MOST_LINES);
  assert.equal(long.sort(), Object.keys(LONGER).sort());
});

lengths.run();
