import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Finds the folder with dagger.json, `dir` or the nearest one above it.
 *
 * @returns undefined when there is none
 */
export function findModuleDir(dir: string): string | undefined {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "dagger.json"))) return realpathSync(folder);
    if (folder === dirname(folder)) return undefined;
  }
}
