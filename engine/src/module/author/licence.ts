import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolders } from "../../store/folders.ts";
import { DEFAULT_LICENCE, LIBRARY_FOLDER } from "./library-folder.ts";
import { refuseLinksOut } from "./links-out.ts";

/** Names under which a licence counts as there. */
const NAMES = [
  ...["COPYING", "LICENCE", "LICENSE", "MIT-LICENSE", "MIT-LICENCE"].flatMap((name) =>
    ["", ".md", ".markdown", ".txt"].map((ending) => name + ending),
  ),
  ...["LICENSE", "LICENCE"].flatMap((name) => [
    `${name}-2.0.txt`,
    `${name}-APACHE`,
    `${name}-APACHE-2.0.txt`,
    `${name}-MIT`,
    `${name}.MIT`,
    `${name}.code`,
    `${name}.docs`,
    `${name}.rst`,
  ]),
  "MIT_LICENSE",
  "MIT_LICENCE",
  "UNLICENSE",
  "UNLICENCE",
];

/**
 * The text of a licence.
 *
 * @param bundlesDir from `buildBundles`
 * @throws Error for one whose text did not come with this program
 */
export function licenceText(bundlesDir: string, id: string): string {
  if (id === DEFAULT_LICENCE) return readFileSync(join(bundlesDir, LIBRARY_FOLDER, `${DEFAULT_LICENCE}.txt`), "utf8");
  throw new Error(
    `failed to get license ${JSON.stringify(id)}: this program brings the text of ${DEFAULT_LICENCE} only: put yours into LICENSE, or say --license="" for none`,
  );
}

/** Whether the module, or a folder above it up to the top of its repository, has a licence. */
export function hasLicence(moduleDir: string): boolean {
  const above: string[] = [];
  for (let folder = moduleDir; ; folder = dirname(folder)) {
    above.push(folder);
    if (existsSync(join(folder, ".git"))) break;
    // Outside of a repository only the module's own folder counts.
    if (folder === dirname(folder)) return NAMES.some((name) => existsSync(join(moduleDir, name)));
  }
  return above.some((folder) => NAMES.some((name) => existsSync(join(folder, name))));
}

/** @throws ModuleProblem where a link is in its place */
export function writeLicence(moduleDir: string, text: string): void {
  refuseLinksOut(moduleDir, ["LICENSE"]);
  makeFolders(moduleDir);
  writeFileSync(join(moduleDir, "LICENSE"), text);
}
