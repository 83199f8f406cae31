import { basename, dirname } from "node:path/posix";
import { foldersUp, hasFile, isBelow, listFolder, type Outline, pathBelow, pathIn } from "../../repository/outline.ts";
import { type Found, listPrograms, type Main } from "../language.ts";
import { withoutComments } from "../source-text.ts";
import { findGoPort } from "./listens.ts";
import type { GoModule } from "./module-file.ts";

/** Folders whose programs are none of the product: they are not looked at. */
const ASIDE =
  /(?:^|\/)(?:vendor|third_party|node_modules|testdata|fixtures?|examples?|_?samples?|demos?|docs?|hack|scripts?|tools?|tests?|[^/]+[-_]tests?|e2e|benchmarks?|playground|[._][^/]+)(?:\/|$)/;

/** Names of programs that people run by hand, as they mostly call them. */
const TOOL =
  /^(?:migrat(?:e|ions?|or)|(?:db|database)[-_]?migrat\w*|seed(?:er)?s?|gen(?:erate|erator)?|codegen|\w+[-_]gen|gen[-_][\w-]+|\w*cli|[\w-]+[-_](?:cli|tool|client)|\w+ctl|tools?|client|docs?|mocks?|bench(?:mark)?|load[-_]?test(?:er)?|health[-_]?check(?:er)?|storybook|[\w-]+[-_]storybook)$/;

/** Packages by which programs take subcommands. */
const COMMANDS =
  /"(?:github\.com\/(?:spf13\/cobra|urfave\/cli|alecthomas\/kong|mitchellh\/cli)(?:\/v\d+)?)"|\bflag\.(?:ErrHelp|NewFlagSet)\b/;

/** What a program does that runs on: it waits for a signal, for requests or for messages. */
const RUNS_ON =
  /\bsignal\.Notify(?:Context)?\(|\.ListenAndServe|\bnet\.Listen\(|\.Serve\(|\bselect\s*\{\s*\}|\b(?:ReadMessage|FetchMessage|PollFetches|ConsumePartition)\(/;

/** Packages with `func main`: the top of the module, the folders of cmd/, and those of main.go elsewhere. */
export function findGoMains(outline: Outline, path: string, module: GoModule): Main[] {
  const programs = findPrograms(outline, path).map((program) => describe(outline, module, program));
  // One alone is what the repository is for, whatever it is called.
  const [only, ...others] = programs;
  return only === undefined || others.length > 0 ? programs : [withoutTool(only)];
}

interface Program {
  /** From the module: `.`, `./cmd/api`. */
  readonly value: string;
  /** The file with `main`. */
  readonly file: string;
}

function findPrograms(outline: Outline, path: string): Program[] {
  const isModule = (folder: string) => hasFile(outline, pathIn(folder, "go.mod"));
  const found = new Map<string, string>();
  for (const file of outline.told) {
    const folder = dirname(file);
    if (!isBelow(folder, path) || foldersUp(folder).find(isModule) !== path) continue;
    const below = folder === path ? "." : pathBelow(folder, path);
    const isRead = below === "." || /^cmd(?:\/[^/]+)?$/.test(below) || basename(file) === "main.go";
    if (!isRead || ASIDE.test(below) || !startsProgram(outline, file)) continue;
    const known = found.get(below);
    if (known === undefined || basename(file) === "main.go") found.set(below, file);
  }
  const inTurn = [...found].sort(
    ([left], [right]) => Number(right === ".") - Number(left === ".") || (left < right ? -1 : 1),
  );
  return inTurn.map(([below, file]) => ({ value: below === "." ? "." : `./${below}`, file }));
}

/** Whether a file has the function that a program begins with; one that is built only on request is a tool beside it. */
function startsProgram(outline: Outline, file: string): boolean {
  if (!/(?<!_test)\.go$/.test(file)) return false;
  const text = outline.text(file) ?? "";
  const isIgnored = /^\/\/(?:go:build|\s*\+build)\s+ignore\b/m.test(text);
  const isEntry = /(?:^|\/)(?:main|cmd\/[^/]+\/[^/]+)\.go$/.test(file) || /^func\s+main\s*\(\s*\)/m.test(text);
  return /^package main\b/m.test(text) && isEntry && !isIgnored;
}

function describe(outline: Outline, module: GoModule, { value, file }: Program): Main {
  const text = readProgram(outline, value, file);
  const port = findGoPort(file, text);
  const name = nameOf(value);
  const tool = port === undefined ? whyTool(name, text) : undefined;
  return {
    value,
    from: value === "." ? `${file} of ${module.name}` : file,
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(tool === undefined ? {} : { tool }),
  };
}

/** The sources of a program without comments. At the top of a module there may be a library beside it: there only its own file counts. */
function readProgram(outline: Outline, value: string, file: string): string {
  const folder = dirname(file);
  const beside = listFolder(outline, folder).map((name) => pathIn(folder, name));
  const own = value === "." ? [file] : beside.filter((one) => /(?<!_test)\.go$/.test(one) && outline.told.has(one));
  return own.map((one) => withoutComments(outline.text(one) ?? "")).join("\n");
}

/** Folders that are called after what lies in them, and not after the program. */
const GENERIC = /^(?:\.|cmd|src|app|main|internal)$/;

function nameOf(value: string): string | undefined {
  return value.split("/").findLast((part) => !GENERIC.test(part));
}

function whyTool(name: string | undefined, text: string): string | undefined {
  if (name !== undefined && TOOL.test(name)) return "its name";
  return COMMANDS.test(text) && !RUNS_ON.test(text) ? "its subcommands" : undefined;
}

function withoutTool({ tool: _, ...main }: Main): Main {
  return main;
}

/** The port of the one program that is no tool. */
export function onlyPortOf(mains: readonly Main[]): Found<number> | undefined {
  const [only, ...others] = listPrograms(mains);
  return others.length === 0 ? only?.port : undefined;
}

/** What is taken for a tool, by what, and how it would be started all the same. */
export function tellTools(path: string, mains: readonly Main[]): string[] {
  return mains.flatMap(({ value, from, name = "tool", tool }) => {
    if (tool === undefined) return [];
    const service = `${name}: { path: ${path}, kind: job, build: { main: ${value} } }`;
    return [
      `${from} is treated as a tool because of ${tool}, not as a service; \`services: { ${service} }\` makes it one`,
    ];
  });
}
