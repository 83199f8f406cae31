import { basename } from "node:path/posix";
import { type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { withoutComments } from "../source-text.ts";

/** From this release on, `main` needs neither `static` nor arguments, and its class need not be written. */
const SHORT_MAIN = 25;

const MAIN = /\bpublic\s+static\s+(?:final\s+)?void\s+main\s*\(\s*(?:final\s+)?(?:java\.lang\.)?String\b/;
const MAIN_TURNED = /\bstatic\s+public\s+(?:final\s+)?void\s+main\s*\(\s*(?:final\s+)?(?:java\.lang\.)?String\b/;
const ANY_MAIN =
  /(?:^|[;{}]\s*)(?:public\s+|protected\s+)?(?:static\s+)?void\s+main\s*\(\s*(?:(?:final\s+)?String\s*(?:\[\s*\]|\.\.\.)\s*\w+)?\s*\)/m;
const KOTLIN_MAIN = /^(?:public\s+|internal\s+)?(?:suspend\s+)?fun\s+main\s*\(/m;
const KOTLIN_STATIC = /@JvmStatic\s+(?:public\s+)?fun\s+main\s*\(/;

/** A class of a module that can be started. */
export interface Starter extends Found<string> {
  /** The text of its source, without comments. */
  readonly text: string;
}

/**
 * The classes of a module that have a `main`. Of several, the one of Spring Boot or Micronaut is meant: the others are
 * tools beside it.
 *
 * @param release of Java that the module is compiled for
 */
export function listStarters(outline: Outline, path: string, release: number): Starter[] {
  const folder = pathIn(path, "src/main/");
  const sources = [...outline.told].filter((file) => file.startsWith(folder) && /\.(?:java|kt)$/.test(file));
  const all = sources.flatMap((file): Starter[] => {
    const text = withoutComments(outline.text(file) ?? "");
    const value = file.endsWith(".kt") ? kotlinMain(file, text) : javaMain(file, text, release);
    return value === undefined ? [] : [{ value, from: file, text }];
  });
  const applications = all.filter(({ text }) =>
    /@SpringBootApplication\b|\bMicronaut\s*\.\s*(?:run|build)\b/.test(text),
  );
  return applications.length === 1 ? applications : all;
}

function javaMain(file: string, text: string, release: number): string | undefined {
  const short = release >= SHORT_MAIN && ANY_MAIN.test(text);
  return MAIN.test(text) || MAIN_TURNED.test(text) || short ? inPackage(text, basename(file, ".java")) : undefined;
}

/** A function outside of classes lies in a class that is named after the file. */
function kotlinMain(file: string, text: string): string | undefined {
  const name = basename(file, ".kt");
  if (KOTLIN_STATIC.test(text)) return inPackage(text, name);
  if (!KOTLIN_MAIN.test(text)) return undefined;
  const told = /@file:JvmName\(\s*"(\w+)"\s*\)/.exec(text)?.[1];
  return inPackage(text, told ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Kt`);
}

function inPackage(text: string, name: string): string {
  const told = /^\s*package\s+([\w.`]+)/m.exec(text)?.[1]?.replaceAll("`", "");
  return told === undefined ? name : `${told}.${name}`;
}
