import { dirname, isAbsolute, resolve } from "node:path";
import type { KnownFlag, Named } from "./known-module.ts";
import { listRuns, ownValues, releaseFiles } from "./own-words.ts";

/** What a shell is told. */
export interface Answer {
  /**
   * `words`: these alone; `prefix`: one of these, and then more without a space; `files` and `folders`: these, and those that
   * the shell finds.
   */
  readonly mode: "words" | "prefix" | "files" | "folders";
  /** The part of the current word that stays, such as `--ring=` or `file:`. Words and paths follow behind it. */
  readonly kept: string;
  readonly words: readonly Named[];
}

export const NOTHING: Answer = { mode: "words", kept: "", words: [] };

/** Whatever a shell, or a person in it, may take for something else is left out. */
const HARMLESS = /^[\w@%+,./:][\w@%+,./:~-]*$|^--[\w-]+$/;
const MOST_ABOUT = 100;

/** The words that begin as the current one does. */
export function offer(current: string, words: readonly Named[]): Answer {
  const fitting = words.filter(({ name }) => name.startsWith(current) && HARMLESS.test(name));
  return { ...NOTHING, words: fitting.map(({ name, about }) => ({ name, about: oneLine(about) })) };
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, MOST_ABOUT);
}

/**
 * What a flag may have as its value.
 *
 * @param called functions from the main object on, in kebab case; the flag belongs to the last one
 */
export function valuesOf(
  flag: KnownFlag,
  called: readonly string[],
  current: string,
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Answer {
  if (flag.values !== undefined) return offer(current, inCaseOf(current, flag.values).map(plain));
  switch (flag.takes) {
    case "folder":
      return { ...NOTHING, mode: "folders" };
    case "file":
      return filesFor(flag, current, cwd);
    case "secret":
      return secrets(current, env);
    case "run":
      return offer(
        current,
        orNone(() => listRuns(env)),
      );
    case "service":
      return { ...offer(current, ["tcp://", "udp://"].map(plain)), mode: "prefix" };
    case "nothing":
      return NOTHING;
    default: {
      const [first, ...more] = called;
      if (first === undefined || more.length > 0) return NOTHING;
      return offer(
        current,
        orNone(() => ownValues(first, flag, cwd)),
      );
    }
  }
}

function plain(name: string): Named {
  return { name, about: "" };
}

/** Members of an enum are read in any case. */
function inCaseOf(current: string, values: readonly string[]): readonly string[] {
  return /^[a-z]/.test(current) ? values.map((value) => value.toLowerCase()) : values;
}

function filesFor(flag: KnownFlag, current: string, cwd: string): Answer {
  if (flag.name !== "release" || current.startsWith("~")) return { ...NOTHING, mode: "files" };
  const folder = current.endsWith("/") ? current : dirname(current);
  const found = orNone(() => releaseFiles(resolve(cwd, folder), isAbsolute(current) ? "/" : cwd));
  const words = isAbsolute(current) ? found.map(({ name, about }) => ({ name: `/${name}`, about })) : found;
  return { ...offer(current.replace(/^\.\//, ""), words), mode: "files" };
}

const SECRETS: readonly Named[] = [
  { name: "env:", about: "a variable of the environment" },
  { name: "file:", about: "a file" },
  { name: "cmd:", about: "what a command prints" },
];

/** Names of variables alone; nothing of what is in them. */
function secrets(current: string, env: NodeJS.ProcessEnv): Answer {
  const [scheme = ""] = /^(?:env|file|cmd):(?:\/\/)?/.exec(current) ?? [];
  const rest = current.slice(scheme.length);
  if (scheme.startsWith("env:")) return { ...offer(rest, Object.keys(env).sort().map(plain)), kept: scheme };
  if (scheme.startsWith("file:")) return { ...NOTHING, mode: "files", kept: scheme };
  if (scheme.startsWith("cmd:")) return NOTHING;
  return { ...offer(current, SECRETS), mode: "prefix" };
}

function orNone(find: () => readonly Named[]): readonly Named[] {
  try {
    return find();
  } catch {
    return [];
  }
}
