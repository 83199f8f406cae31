import { basename, dirname } from "node:path/posix";
import { foldersUp } from "./outline.ts";

/** A file of tests, as pytest and unittest find it, or as Django makes it; not in a folder whose name a template fills in. */
export const TEST_FILE = /^(?!(?:.*\/)?[^/]*\{\{)(?:.*\/)?(test_[^/]*|[^/]*_test|tests)\.py$/;

/** Files that make a folder a project of Python. */
const MARKS = new Set(["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "manage.py"]);

/** The first file of tests of each project of Python: its text says what runs it. */
export function listTestSamples(paths: readonly string[]): string[] {
  const folders = new Set(paths.filter((path) => MARKS.has(basename(path))).map((path) => dirname(path)));
  const samples = new Map<string, string>();
  for (const path of paths) {
    if (!TEST_FILE.test(path)) continue;
    const own = foldersUp(dirname(path)).find((folder) => folders.has(folder));
    if (own !== undefined && !samples.has(own)) samples.set(own, path);
  }
  return [...samples.values()];
}
