import { readFileSync } from "node:fs";
import { overwriteInside } from "../store/edit.ts";
import { flag, text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import type { Args, Fields, Graph } from "./graph.ts";
import { searchFile } from "./search.ts";
import { changeTree, placeIn } from "./trees.ts";
import type { FileValue } from "./values.ts";

export const replacedFields: Fields = {
  File: {
    withReplaced: { run: async (self, args, graph) => await withReplaced(graph, await self.value<FileValue>(), args) },
  },
};

/**
 * The file with one occurrence replaced, or all. Whether there are any, and where, is what a search says: in a file that is no
 * text it finds none.
 */
async function withReplaced(graph: Graph, file: FileValue, args: Args): Promise<FileValue> {
  const [search, replacement] = [text(args["search"]), text(args["replacement"])];
  const all = flag(args["all"]);
  const firstFrom = args["firstFrom"] as number | undefined;
  const found = await searchFile(graph, file, { pattern: search, literal: true, multiline: search.includes("\n") });
  const matches = found.filter(({ lineNumber }) => firstFrom === undefined || lineNumber >= firstFrom);
  if (matches.length === 0) {
    if (all) return file;
    throw new ApiError("search string not found");
  }
  const places = matches.flatMap(({ lineNumber, submatches }) =>
    submatches.map(({ start, end }) => `line ${lineNumber} (${start}-${end})`),
  );
  if (!all && firstFrom === undefined && places.length > 1) {
    throw new ApiError(`search string found multiple times: ${places.join(", ")}`);
  }
  const contents = readFileSync(await placeIn(graph, file, "."));
  const from = startOfLine(contents, firstFrom ?? 1);
  const changed = Buffer.concat([
    contents.subarray(0, from),
    replaceBytes(contents.subarray(from), Buffer.from(search), Buffer.from(replacement), all),
  ]);
  const key = ["withReplaced", search, replacement, all, firstFrom ?? null];
  return await changeTree(graph, file, key, (root) => overwriteInside(root, file.path, changed));
}

const NEWLINE = 0x0a;

/** Where a line begins; lines are counted from 1. */
function startOfLine(contents: Buffer, line: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = contents.indexOf(NEWLINE, start);
    if (end === -1) return contents.length;
    start = end + 1;
  }
  return start;
}

function replaceBytes(contents: Buffer, search: Buffer, replacement: Buffer, all: boolean): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = nextMatch(contents, search, 0); at !== -1; at = nextMatch(contents, search, at + search.length, at)) {
    parts.push(contents.subarray(start, at), replacement);
    start = at + search.length;
    if (!all) break;
  }
  return Buffer.concat([...parts, contents.subarray(start)]);
}

/** Nothing is found at the beginning and after each character, as Go's `bytes.Replace` has it. */
function nextMatch(contents: Buffer, search: Buffer, from: number, last = -1): number {
  if (search.length > 0) return contents.indexOf(search, from);
  if (last === -1) return 0;
  let at = last + 1;
  while (at < contents.length && ((contents[at] as number) & 0xc0) === 0x80) at += 1;
  return at > contents.length ? -1 : at;
}
