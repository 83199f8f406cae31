import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EntryFilter } from "./tree-filter.ts";

/** From so many entries on, it takes less time to start a program for them than to copy each. */
const WORTH_IT = 200;
/** So many paths fit into the arguments of a program. */
const MOST = 200;

/**
 * The folders of a tree in whose place another one has nothing: those that a program can copy whole when the trees are merged.
 *
 * @returns paths relative to `source`; none when there is too little in them, when something else is in the way of a folder, or when a file
 *   outside of them has other names, which may be in them
 */
export function findNewFolders(source: string, destination: string): string[] {
  const folders: string[] = [];
  const isAlone = (path: string): boolean => {
    for (const entry of readdirSync(join(source, path), { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (!entry.isDirectory()) {
        if (lstatSync(join(source, below)).nlink > 1) return false;
        continue;
      }
      const there = lstatSync(join(destination, below), { throwIfNoEntry: false });
      // What is not UTF-8 was read with this mark in its place: whoever copies entry by entry refuses it.
      if (there === undefined && !entry.name.includes("\ufffd")) folders.push(below);
      else if (there?.isDirectory() !== true || !isAlone(below)) return false;
    }
    return folders.length <= MOST;
  };
  return isAlone("") && isWorthIt(source, folders) ? folders : [];
}

function isWorthIt(source: string, folders: readonly string[]): boolean {
  const waiting = [...folders];
  let entries = 0;
  for (let at = waiting.pop(); at !== undefined && entries < WORTH_IT; at = waiting.pop()) {
    for (const entry of readdirSync(join(source, at), { withFileTypes: true })) {
      entries += 1;
      // A program copies a name that is not UTF-8, but here it cannot be said.
      if (entry.isDirectory() && !entry.name.includes("\ufffd")) waiting.push(join(at, entry.name));
    }
  }
  return entries >= WORTH_IT;
}

/** Takes all of a tree but these folders. */
export function allBut(folders: readonly string[]): EntryFilter<undefined> {
  const left = new Set(folders);
  return {
    start: undefined,
    judge: (path) => ({ taken: !left.has(path), descend: !left.has(path), state: undefined }),
  };
}
