import { isAbsolute, posix } from "node:path";
import { pathClean } from "../go-texts/path-clean.ts";
import { runRipgrep } from "../run/ripgrep.ts";
import { useInside } from "../store/inside.ts";
import { leavesFolder } from "../store/paths.ts";
import { flag, text, texts } from "./arguments.ts";
import { ApiError, unsupported } from "./errors.ts";
import { readsValue } from "./field-kinds.ts";
import type { Args, Fields, Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";
import { pathIn, rootOf } from "./trees.ts";
import type { DirectoryValue, FileValue } from "./values.ts";

/** Lines of a file that a pattern was found in: one line, or more where the pattern may match several. */
export interface SearchResultValue {
  readonly filePath: string;
  /** The first of the lines, from 1; 0 when only files were asked for. */
  readonly lineNumber: number;
  /** Of the first line in the file, in bytes. */
  readonly absoluteOffset: number;
  readonly matchedLines: string;
  readonly submatches: readonly SearchSubmatchValue[];
}

interface SearchSubmatchValue {
  readonly text: string;
  /** In bytes of `matchedLines`. */
  readonly start: number;
  readonly end: number;
}

/** How much of what was found is kept, in characters; the real engine has no bound but its memory. */
const MOST_FOUND = 128 << 20;

export const searchFields: Fields = {
  Directory: {
    search: {
      run: async (self, args, graph) => {
        const paths = texts(args["paths"]).map(pathInside);
        const directory = await self.value<DirectoryValue>();
        if (directory.snapshot.layers.length === 0) return [];
        return await searchFolder(graph, directory, { ...args, paths });
      },
    },
  },
  File: {
    search: {
      run: async (self, args, graph) => await searchFile(graph, await self.value<FileValue>(), args),
    },
  },
  SearchResult: {
    filePath: readsValue<SearchResultValue>((result) => result.filePath),
    lineNumber: readsValue<SearchResultValue>((result) => result.lineNumber),
    absoluteOffset: readsValue<SearchResultValue>((result) => result.absoluteOffset),
    matchedLines: readsValue<SearchResultValue>((result) => result.matchedLines),
    submatches: readsValue<SearchResultValue>((result) => result.submatches),
  },
  SearchSubmatch: {
    text: readsValue<SearchSubmatchValue>((submatch) => submatch.text),
    start: readsValue<SearchSubmatchValue>((submatch) => submatch.start),
    end: readsValue<SearchSubmatchValue>((submatch) => submatch.end),
  },
};

function pathInside(given: string): string {
  const path = pathClean(isAbsolute(given) ? given.slice(1) : given);
  if (isAbsolute(path) || leavesFolder(path)) throw new ApiError(`path cannot escape directory: ${given}`);
  return path;
}

async function searchFolder(graph: Graph, directory: DirectoryValue, args: Args): Promise<SearchResultValue[]> {
  const root = await rootOf(graph, directory);
  const paths = texts(args["paths"]);
  return await useInside(root, directory.path, { followLast: true }, async (folder) => {
    // A path is followed inside the folder that is searched, and named as it was found there.
    const found = paths.map((path) => foundBelow(folder.place, path));
    const globs = texts(args["globs"]).map((glob) => `--glob=${glob}`);
    const rest = [...globs, ...(found.length === 0 ? [] : ["--", ...found])];
    return await search(graph, { root, folder: folder.path }, args, rest);
  });
}

function foundBelow(folder: string, path: string): string {
  try {
    return useInside(folder, `/${path}`, { followLast: true }, (found) => posix.relative("/", found.path) || ".");
  } catch {
    // ripgrep says what it misses.
    return path;
  }
}

/** @returns results whose path is the name of the file, wherever a link led */
export async function searchFile(graph: Graph, file: FileValue, args: Args): Promise<SearchResultValue[]> {
  const root = await rootOf(graph, file);
  return await useInside(root, file.path, { followLast: true }, async (found) => {
    const place = { root, folder: posix.dirname(found.path) };
    const results = await search(graph, place, args, ["--", posix.basename(found.path)]);
    return results.map((result) => ({ ...result, filePath: posix.basename(pathIn(file, ".")) }));
  });
}

interface SearchPlace {
  readonly root: string;
  readonly folder: string;
}

async function search(
  graph: Graph,
  place: SearchPlace,
  args: Args,
  rest: readonly string[],
): Promise<SearchResultValue[]> {
  const results: SearchResultValue[] = [];
  const isFilesOnly = flag(args["filesOnly"]);
  const limit = (args["limit"] as number | undefined) ?? Number.POSITIVE_INFINITY;
  let kept = 0;
  const end = await runRipgrep(
    {
      ...place,
      args: [...ripgrepArguments(args), ...rest],
      scratch: await sessionOf(graph).store.makeScratch("search"),
    },
    (line) => {
      const result = isFilesOnly ? fileResult(line) : matchResult(line);
      if (result === undefined) return true;
      results.push(result);
      kept += result.filePath.length + result.matchedLines.length;
      if (kept > MOST_FOUND) return false;
      // As the real engine has it: of files alone the limit does not count.
      return isFilesOnly || results.length < limit;
    },
  );
  if (kept > MOST_FOUND) throw unsupported(`a search that finds more than ${MOST_FOUND} characters`);
  if (end.isCut || end.code === 0) return results;
  if (end.code === 1 || end.stderr.includes("No files were searched")) return [];
  throw new ApiError(end.stderr === "" ? `exit status ${end.code}` : `ripgrep error: ${asOfMany(end.stderr, rest)}`);
}

/** Over several paths ripgrep uses several threads, and then has other words; for the sake of an order it is one thread here. */
function asOfMany(stderr: string, rest: readonly string[]): string {
  const isOne = rest.length - rest.indexOf("--") <= 2;
  return isOne ? stderr : stderr.replace(/^(rg: (.*): )IO error for operation on \2: /gm, "$1");
}

/** The options that stand for the arguments of the field. In order of their paths results are the same each time. */
function ripgrepArguments(args: Args): readonly string[] {
  const when = (name: string, ...options: readonly string[]) => (flag(args[name]) ? options : []);
  const unless = (name: string, ...options: readonly string[]) => (flag(args[name]) ? [] : options);
  return [
    ...when("literal", "--fixed-strings"),
    ...when("multiline", "--multiline"),
    ...when("dotall", "--multiline-dotall"),
    ...when("insensitive", "--ignore-case"),
    ...unless("skipIgnored", "--no-ignore"),
    ...unless("skipHidden", "--hidden"),
    flag(args["filesOnly"]) ? "--files-with-matches" : "--json",
    `--regexp=${text(args["pattern"])}`,
    "--no-follow",
    "--sort=path",
  ];
}

function fileResult(line: string): SearchResultValue {
  return { filePath: line, lineNumber: 0, absoluteOffset: 0, matchedLines: "", submatches: [] };
}

/** A line of ripgrep's JSON; what is not UTF-8 stands there as `bytes`, and the real engine leaves it out. */
interface RipgrepLine {
  readonly type: string;
  readonly data: {
    readonly path: { readonly text?: string };
    readonly lines: { readonly text?: string };
    readonly line_number: number;
    readonly absolute_offset: number;
    readonly submatches: readonly {
      readonly match: { readonly text?: string };
      readonly start: number;
      readonly end: number;
    }[];
  };
}

function matchResult(line: string): SearchResultValue | undefined {
  const { type, data } = JSON.parse(line) as RipgrepLine;
  if (type !== "match" || data.path.text === undefined || data.lines.text === undefined) return undefined;
  return {
    filePath: data.path.text,
    lineNumber: data.line_number,
    absoluteOffset: data.absolute_offset,
    matchedLines: data.lines.text,
    submatches: data.submatches.map(({ match, start, end }) => ({ text: match.text ?? "", start, end })),
  };
}
