import { basename } from "node:path";
import { nearestTo } from "../engine/src/cli/nearest.ts";
import { findTestFiles } from "./guard.ts";

const NOT = "not:";

/** Splits words into what is meant and, with `not:` before it, what is left out of that. */
export function readNot(words: readonly string[]): {
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
} {
  return {
    wanted: words.filter((word) => !word.startsWith(NOT)),
    unwanted: words.filter((word) => word.startsWith(NOT)).map((word) => word.slice(NOT.length)),
  };
}

/**
 * The test files below `folder` that are meant by `words`, in a stable order; all of them without words. `not:WORD` leaves those of
 * that word out.
 *
 * A word is a test file, a folder, or the code that they test, because tests lie as the code does: `engine/src/api/graph.ts`,
 * `tests/unit/engine/api` and `engine/api/graph` are all understood.
 *
 * @throws Error for words that mean nothing
 */
export function chooseTests(folder: string, words: readonly string[]): string[] {
  const files = findTestFiles(folder);
  const { wanted, unwanted } = readNot(words);
  const meant = (word: string) => {
    const name = nameOf(folder, word);
    return files.filter((file) => name === "" || file === `${name}.test.ts` || file.startsWith(`${name}/`));
  };
  const unknown = [...wanted, ...unwanted].filter((word) => meant(word).length === 0);
  if (unknown.length > 0) {
    const hint = "name a test file, a folder, or the code that they test";
    const near = [...new Set(unknown.flatMap((word) => nearestTests(nameOf(folder, word), files)))];
    const such = near.length === 0 ? `such as ${files[0]}` : `perhaps ${near.join(", ")}`;
    throw new Error(`${folder}: no tests for ${unknown.join(", ")}; ${hint}, ${such}`);
  }
  const chosen = new Set(wanted.length === 0 ? files : wanted.flatMap(meant));
  const leftOut = new Set(unwanted.flatMap(meant));
  return files.filter((file) => chosen.has(file) && !leftOut.has(file));
}

/** Tests and folders whose whole path, or whose last part, is nearly that name. */
function nearestTests(name: string, files: readonly string[]): readonly string[] {
  const names = files.map((file) => file.replace(/\.test\.ts$/, ""));
  const folders = names.flatMap((path) => path.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/")));
  const all = [...new Set(folders)];
  const near = nearestTo(name, all);
  if (near.length > 0) return near;
  const [last] = nearestTo(
    basename(name),
    all.map((path) => basename(path)),
  );
  return all.filter((path) => basename(path) === last).slice(0, 3);
}

function nameOf(folder: string, word: string): string {
  const path = word.replace(/^\.\//, "").replace(/\/+$/, "");
  const below = path === folder ? "" : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  return below.replace(/\/src(?=\/|$)/, "").replace(/(\.test)?\.ts$/, "");
}

/**
 * Takes `-t NAME` out of the words: only tests with that text in their name, or in that of their suite, are to run.
 * An empty one when nothing follows it.
 */
export function readTestName(words: readonly string[]): {
  readonly testName: string | undefined;
  readonly words: readonly string[];
} {
  const at = words.indexOf("-t");
  if (at < 0) return { testName: undefined, words };
  return { testName: words[at + 1] ?? "", words: [...words.slice(0, at), ...words.slice(at + 2)] };
}
