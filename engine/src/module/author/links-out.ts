import { existsSync, lstatSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { leavesFolder } from "../../store/paths.ts";
import { ModuleProblem } from "../config.ts";
import { findContextDir } from "../source.ts";

/**
 * Refuses to write files of a module behind links that lead out of its repository, or to nothing: the repository may be somebody
 * else's, and what is there is not a part of it.
 *
 * @param moduleDir absolute, links resolved; need not exist yet
 * @param paths from there
 * @throws ModuleProblem that names each such link
 */
export function refuseLinksOut(moduleDir: string, paths: Iterable<string>): void {
  const top = findContextDir(moduleDir);
  const links = new Set([...paths].flatMap((path) => findLinkOut(top, join(moduleDir, path)) ?? []));
  if (links.size === 0) return;
  const told = [...links].map(
    (link) =>
      `${JSON.stringify(link)} is a link that leads out of ${top}, or to nothing: nothing is written through it`,
  );
  throw new ModuleProblem(
    `${told.join("\n")}\n  to do: put a file or a folder in the place of each link, then run this again`,
  );
}

/** The first link on the way to a place that leads out of a folder. */
function findLinkOut(top: string, place: string): string | undefined {
  let at = top;
  for (const name of relative(top, place).split(sep)) {
    at = join(at, name);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink() && (!existsSync(at) || leavesFolder(relative(top, realpathSync(at))))) return at;
  }
  return undefined;
}
