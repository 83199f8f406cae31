import { basename, dirname } from "node:path/posix";
import { foldersUp, listFolder, type Outline, pathBelow, pathIn } from "./outline.ts";

/** Folders of a package in which a program starts, or reads what it is told. */
const FOLDERS = [".", "src", "server", "app", "api", "backend", "lib", "source", "bin", "config"].flatMap((folder) =>
  folder === "src" ? ["src", "src/server", "src/app", "src/api", "src/bin", "src/config", "src/lib"] : [folder],
);

/** How people call these files. */
const NAMES = /^(?:(?:index|server|main|app|start|run|env|config|www)\.[cm]?[jt]s|www)$/;

/** The sources of packages of Node whose text may say at which port they listen, out of all files of a repository. */
export function listNodeStarts(paths: readonly string[]): string[] {
  const packages = new Set(paths.filter((path) => basename(path) === "package.json").map((path) => dirname(path)));
  return paths.filter((path) => {
    if (!NAMES.test(basename(path))) return false;
    const folder = dirname(path);
    const own = foldersUp(folder).find((one) => packages.has(one));
    return own !== undefined && FOLDERS.includes(folder === own ? "." : pathBelow(folder, own));
  });
}

/** Those of one package, by their paths in it; those in `src` before those of other folders. */
export function listStartsIn(outline: Outline, path: string): string[] {
  return FOLDERS.flatMap((folder) =>
    listFolder(outline, pathIn(path, folder).replace(/\/\.$/, ""))
      .filter((name) => NAMES.test(name))
      .map((name) => pathIn(folder, name)),
  ).filter((one) => outline.told.has(pathIn(path, one)));
}
