import type { Found } from "../languages/language.ts";
import { hasFile, type Outline } from "../repository/outline.ts";

/** A check that runs a script in an image which has all that the script calls. */
export interface ScriptCheck {
  readonly run: string;
  readonly image: string;
}

/** Scripts that people run their tests by, the first that is there. */
const SCRIPTS = [
  "test.sh",
  "tests.sh",
  "run-tests.sh",
  "run_tests.sh",
  "script/test",
  "scripts/test",
  "scripts/test.sh",
  "bin/test",
  "test/test.sh",
  "tests/test.sh",
  "test/run.sh",
  "tests/run.sh",
];

/** The script of a repository's tests; one that is alone in the folder of the tests is it whatever it is called. */
export function findTestScript(outline: Outline): string | undefined {
  const usual = SCRIPTS.find((path) => hasFile(outline, path));
  if (usual !== undefined) return usual;
  const [first, ...others] = outline.paths.filter((path) => /^tests?\/[^/]+\.sh$/.test(path));
  return others.length === 0 ? first : undefined;
}

/**
 * The test script as a check, when it is one of a shell and calls only programs that the smallest Debian has, or scripts of
 * the repository of which the same is true: a guess that lacks a program would fail where people pass.
 */
export function findScriptCheck(outline: Outline): Found<ScriptCheck> | undefined {
  const script = findTestScript(outline);
  if (script === undefined || !outline.told.has(script)) return undefined;
  const shell = shellOf(outline.text(script) ?? "");
  if (shell === undefined || !isPlain(outline, script, new Set())) return undefined;
  return { value: { run: `${shell} ${script}`, image: "debian:bookworm-slim" }, from: script };
}

/** Whether all that a script calls is in the image. */
function isPlain(outline: Outline, script: string, seen: Set<string>): boolean {
  if (seen.has(script)) return true;
  seen.add(script);
  const text = outline.told.has(script) ? (outline.text(script) ?? "") : undefined;
  if (text === undefined || shellOf(text) === undefined) return false;
  return listCommands(text).every(([program, first]) => {
    if (PROGRAMS.has(program)) return true;
    // The check begins at the top, where a person stands as well.
    const other = RUNNERS.has(program) ? first : program.includes("/") ? program : undefined;
    return other !== undefined && isPlain(outline, other.replace(/^\.\//, ""), seen);
  });
}

/** What runs or reads another script. */
const RUNNERS: ReadonlySet<string> = new Set(["sh", "bash", "dash", ".", "source"]);

function shellOf(text: string): string | undefined {
  const [first = ""] = text.split("\n", 1);
  return first.startsWith("#!") ? /\/(?:env )?(sh|bash|dash)\s*(?:-\w+)?\s*$/.exec(first)?.[1] : "sh";
}

const words = (text: string) => text.trim().split(/\s+/);

/** What a shell does itself, and what `debian:bookworm-slim` has beside it. */
const PROGRAMS: ReadonlySet<string> = new Set([
  ...words(": [ [[ break cd continue declare echo exit export false getopts local printf pwd read readonly return set"),
  ...words("shift shopt test trap true type typeset umask unset wait let"),
  ...words(
    "basename cat chmod cksum comm cp cut date dirname du expand expr fold head id join ln ls md5sum mkdir mktemp mv nl",
  ),
  ...words(
    "od paste readlink realpath rm rmdir seq sha1sum sha256sum sha512sum shuf sleep sort split stat tail tac tee touch tr",
  ),
  ...words("truncate uname uniq wc whoami"),
  ...words("awk cmp diff egrep fgrep find grep gunzip gzip hostname sed tar zcat"),
]);

/** What may stand before a command. */
const BEFORE = /^(?:(?:then|else|elif|do|if|while|until|time|!)(?=\s|$)|\w+\+?=\S*)\s*/;

/**
 * The first two words of all commands of a script, without those that it defines itself. What this does not understand is
 * among them as a word that is no program.
 */
function listCommands(text: string): readonly (readonly [program: string, first: string | undefined])[] {
  const unquoted = text
    .replace(/\\\r?\n/g, " ")
    .replace(/(^|\s)#.*$/gm, "$1")
    .replace(/'[^']*'/g, "Q")
    .replace(/\$\{[^{}]*\}|\$[\w?#@*$!-]|\$\(\([^()]*\)\)/g, "V");
  const plain = moveSubstitutions(unquoted)
    .replace(/"(?:[^"`$\\]|\\.)*"/g, "Q")
    .replace(/\d*[<>]&[\d-]+|&>>?\s*\S+|\d*>>?\|?\s*[^\s;|&()]+|(?<!<)<(?!<)\s*[^\s;|&()]+/g, " ");
  const definitions = plain.matchAll(/(?:^|[\n;])\s*(?:function\s+([\w-]+)|([\w-]+)\s*\(\s*\))/g);
  const defined = new Set([...definitions].map(([, word, name]) => word ?? name));
  return plain
    .replace(/\bfunction\s+(?=[\w-]+)/g, "")
    .split(/[\n;|&(){}`]/)
    .map(wordsOf)
    .filter(([program]) => program !== "" && !defined.has(program));
}

/** Brings what stands in `$(…)` and backticks to the end, as commands of their own. */
function moveSubstitutions(text: string): string {
  const inner = /\$\(([^()]*)\)|`([^`]*)`/;
  let rest = text;
  for (let match = inner.exec(rest); match !== null; match = inner.exec(rest))
    rest = `${rest.slice(0, match.index)}S${rest.slice(match.index + match[0].length)}\n${match[1] ?? match[2]}`;
  return rest;
}

function wordsOf(command: string): readonly [program: string, first: string | undefined] {
  let rest = command.trim();
  for (let match = BEFORE.exec(rest); match !== null; match = BEFORE.exec(rest)) rest = rest.slice(match[0].length);
  if (/^(?:done|fi|for\s+\w+\s+in)(?:\s|$)/.test(rest)) return ["", undefined];
  const [program = "", first] = rest.split(/\s+/);
  return [program, first];
}
