import { readFileSync } from "node:fs";
import { kebabName } from "../../engine/src/api/names.ts";
import { commandFlags } from "../../engine/src/cli/command-flags.ts";
import { COMMANDS } from "../../engine/src/cli/commands.ts";
import type { Flag } from "../../engine/src/cli/flag-set.ts";
import { commonFlags } from "../../engine/src/cli/global-flags.ts";
import { type ObjectText, readObjects } from "../reference/read-objects.ts";

/** What a command of a text may name: it has to be there in the code. */
export interface Names {
  readonly scripts: ReadonlySet<string>;
  /** Flags of a verb, with whether each takes a value. */
  readonly verbs: ReadonlyMap<string, Flags>;
  /** Flags between `call` and the function. */
  readonly before: Flags;
  readonly functions: ReadonlyMap<string, Flags>;
  /** Variables of the environment that are read, and lines of a `.env`. */
  readonly variables: ReadonlySet<string>;
}

type Flags = ReadonlyMap<string, boolean>;

/** Reads the names from the code, without running any. */
export function readNames(): Names {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly scripts: Record<string, string> };
  const { global, module, result } = commonFlags();
  const common = [...global, ...module, ...result];
  const [main] = readObjects("ci/src/index.ts");
  if (main === undefined) throw new Error("ci/src/index.ts has no object");
  const verbs = COMMANDS.flatMap(({ name, aliases }) => {
    const flags = flagsOf([...common, ...commandFlags(name).flags]);
    return [name, ...aliases].map((one): [string, Flags] => [one, flags]);
  });
  // The script in front of the program answers this one.
  verbs.push(["setup", new Map(["--for-tests", "--engine"].map((flag) => [flag, false]))]);
  const before = new Map([...flagsOf(common), ...argumentsOf(main.args)]);
  const functions = main.functions.map((found): [string, Flags] => [
    kebabName(found.name),
    new Map([...flagsOf(common), ...argumentsOf(found.args)]),
  ]);
  const lines = main.functions.flatMap(({ name, args }) => args.map((argument) => `${name}_${argument.name}`));
  // Printed from the code.
  const printed = readFileSync("docs/reference/environment.md", "utf8").matchAll(/^\| `(SLIPWAY_\w+)` \|/gm);
  const variables = new Set([
    ...[...printed].map(([, name = ""]) => name),
    ...lines.map((line) => `SLIPWAY_${line.toUpperCase()}`),
  ]);
  return {
    scripts: new Set(Object.keys(scripts)),
    verbs: new Map(verbs),
    before,
    functions: new Map(functions),
    variables,
  };
}

function flagsOf(flags: readonly Flag[]): Flags {
  return new Map(
    flags.flatMap(({ name, shorthand, bareValue }) => {
      const spelled = [`--${name}`, ...(shorthand === undefined ? [] : [`-${shorthand}`])];
      return spelled.map((word): [string, boolean] => [word, bareValue === undefined]);
    }),
  );
}

function argumentsOf(args: ObjectText["args"]): [string, boolean][] {
  return args.map(({ name, type }) => [`--${kebabName(name)}`, type !== "boolean"]);
}

const SLIPWAY = /^(?:npx |\.\/)?slipway (.*)$/;
const SCRIPT = /^npm (?:run |(test)\b)(?:-\S+ )*([\w:-]*)/;

/** What a command names that is not there, in a sentence; nothing when all is. Placeholders (`…`, `NAME`) may stand for anything. */
export function findUnknown(command: string, names: Names): string | undefined {
  const parts = command.replaceAll("\\\n", " ").split(/\n|\s#.*|&&|\|\||[|;>]/);
  return parts.map((part) => findUnknownOf(part.trim(), names)).find((unknown) => unknown !== undefined);
}

function findUnknownOf(command: string, names: Names): string | undefined {
  const script = SCRIPT.exec(command);
  const named = script?.[1] ?? script?.[2] ?? "";
  if (named !== "" && !isPlaceholder(named) && !names.scripts.has(named)) return `package.json has no script ${named}`;
  const words = SLIPWAY.exec(command)?.[1]?.match(/"[^"]*"|\S+/g) ?? [];
  const { word: verb, rest } = skipFlags(words, new Map());
  if (verb === undefined || isPlaceholder(verb)) return undefined;
  const flags = names.verbs.get(verb);
  if (flags === undefined) return `slipway has no command ${verb}`;
  return verb === "call" ? findUnknownOfCall(rest, names) : skipFlags(rest, flags).unknown;
}

function findUnknownOfCall(words: readonly string[], names: Names): string | undefined {
  const found = skipFlags(words, names.before);
  // Another module has functions of its own.
  if (found.unknown !== undefined || words.some((word) => word === "-m" || word.startsWith("--mod")))
    return found.unknown;
  // A toolchain's functions stand behind its name.
  if (found.word === undefined || found.word === "slipway" || isPlaceholder(found.word)) return undefined;
  const flags = names.functions.get(found.word);
  return flags === undefined ? `the module has no function ${found.word}` : skipFlags(found.rest, flags).unknown;
}

interface Skipped {
  /** The first word that is no flag. */
  readonly word?: string;
  readonly rest: readonly string[];
  readonly unknown?: string;
}

/** Goes over flags and their values. What stands behind a placeholder is any function's. */
function skipFlags(words: readonly string[], flags: Flags): Skipped {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) {
      if (word === "…") continue;
      return { word, rest: words.slice(at + 1) };
    }
    const [name = "", value] = word.split("=");
    const isValued = flags.get(name);
    if (isValued === undefined && flags.size > 0 && name !== "--help" && name !== "-h")
      return { rest: [], unknown: `there is no flag ${name} at this place` };
    if (isValued === true && value === undefined) at += 1;
  }
  return { rest: [] };
}

function isPlaceholder(word: string): boolean {
  return /^[A-Z…[<]|…$/.test(word);
}

/** The commands in the running text of a page: code in single backticks that begins with a program of ours. */
export function findInline(text: string): { readonly line: number; readonly text: string }[] {
  let isInBlock = false;
  return text.split("\n").flatMap((line, index) => {
    if (/^ *```/.test(line)) isInBlock = !isInBlock;
    if (isInBlock) return [];
    return [...line.matchAll(/`([^`]+)`/g)]
      .map((match) => match[1] ?? "")
      .filter((code) => /^(?:npx |\.\/)?slipway |^npm (?:run|test)\b/.test(code))
      .map((code) => ({ line: index + 1, text: code }));
  });
}

/** Variables that a page tells its reader to set and that nothing reads, but those of the tests. */
export function findUnknownVariables(text: string, { variables }: Names): string[] {
  const set = [...text.matchAll(/\b(SLIPWAY_[A-Z_]+)=/g)].map(([, name = ""]) => name);
  return set.filter((name) => !variables.has(name) && !/^SLIPWAY_(TEST|DOCS)_/.test(name));
}
