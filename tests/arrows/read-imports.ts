import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { Part } from "./table.ts";

/** A file, and another file or a package that it imports. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** What a file imports when it names a package of this repository. */
const OWN_PACKAGE = "@slipway/";

/**
 * All imports in the TypeScript and JavaScript files below `folder`, also those of types alone: local files as paths
 * from the top of the repository, everything else as it stands there.
 */
export function listImports(folder: string): Import[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.m?[tj]s$/.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path))
    .flatMap((from) => readImports(readFileSync(from, "utf8")).map((to) => ({ from, to: resolve(from, to) })));
}

/** What the statements of a source text import. */
export function readImports(text: string): string[] {
  const statements = /^(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? "");
}

function resolve(from: string, to: string): string {
  return to.startsWith(".") ? normalize(join(dirname(from), to)) : to;
}

/** The room of a part that a file is in, or a package of the part; `undefined` for everything outside. */
function roomOf({ folder }: Part, path: string): string | undefined {
  if (path.startsWith(OWN_PACKAGE) && folder === "services") return path.slice(OWN_PACKAGE.length);
  if (!path.startsWith(`${folder}/`)) return undefined;
  return path
    .slice(folder.length + 1)
    .split("/")[0]
    ?.replace(/\.m?[tj]s$/, "");
}

/** The arrows that there are between the rooms of a part, as `FROM → TO`, each with a file that has it. */
export function findArrows(part: Part): ReadonlyMap<string, Import> {
  const arrows = new Map<string, Import>();
  for (const one of listImports(part.folder)) {
    const [from, to] = [roomOf(part, one.from), roomOf(part, one.to)];
    if (from !== undefined && to !== undefined && from !== to) arrows.set(`${from} → ${to}`, one);
  }
  return arrows;
}

/** A way from a file back to itself, each file importing the next; `undefined` when there is none. */
export function findCircle(imports: readonly Import[]): string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const left = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (left.has(file)) return undefined;
    for (const to of targets.get(file) ?? []) {
      const circle = walk(to, [...way, file]);
      if (circle !== undefined) return circle;
    }
    left.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
