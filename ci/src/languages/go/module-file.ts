import { type Outline, pathIn } from "../../repository/outline.ts";
import { unreadable } from "../decide.ts";

/** What counts of a go.mod. */
export interface GoModule {
  readonly path: string;
  /** `module`: the import path. */
  readonly name: string;
  /** `go`: the language version, "1.24" or "1.24.3". */
  readonly go?: string;
  /** `toolchain`, without the prefix "go". */
  readonly toolchain?: string;
  /** The packages of `tool`. */
  readonly tools: readonly string[];
}

/**
 * go.mod of a folder, by the rules of "Go Modules Reference", https://go.dev/ref/mod#go-mod-file.
 *
 * @throws Undecided when it names no module
 */
export function readGoModule(outline: Outline, folder: string): GoModule | undefined {
  const path = pathIn(folder, "go.mod");
  const text = outline.text(path);
  if (text === undefined) return undefined;
  const lines = listDirectives(text);
  const first = (verb: string) => lines.find((line) => line.verb === verb)?.words[0];
  const [name, go, toolchain] = [first("module"), first("go"), first("toolchain")?.replace(/^go/, "")];
  if (name === undefined) throw unreadable(path, text, "go.mod", "it has no line that names the module");
  return {
    path,
    name,
    ...(go === undefined ? {} : { go }),
    ...(toolchain === undefined || toolchain === "default" ? {} : { toolchain }),
    tools: lines.filter(({ verb }) => verb === "tool").map(({ words }) => words[0] ?? ""),
  };
}

/** The folders that go.work of a folder uses, from the top of the repository; none when there is no go.work. */
export function listUsed(outline: Outline, folder: string): string[] {
  return listDirectives(outline.text(pathIn(folder, "go.work")) ?? "")
    .filter(({ verb }) => verb === "use")
    .map(({ words }) => pathIn(folder, (words[0] ?? ".").replace(/^\.\/?/, "")).replace(/\/$/, ""))
    .map((path) => (path === "" ? "." : path));
}

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
}

/** The directives of go.mod and go.work, those in a block one by one. */
function listDirectives(text: string): Directive[] {
  const directives: Directive[] = [];
  let block: string | undefined;
  for (const line of text.split("\n")) {
    const words = line
      .replace(/\/\/.*/, "")
      .trim()
      .split(/\s+/)
      .map(unquote);
    const [verb = "", ...rest] = words;
    if (verb === "") continue;
    if (block !== undefined && verb === ")") block = undefined;
    else if (block !== undefined) directives.push({ verb: block, words });
    else if (rest[0] === "(") block = verb;
    else directives.push({ verb, words: rest });
  }
  return directives;
}

function unquote(word: string): string {
  return word.replace(/^["`](.*)["`]$/, "$1");
}
