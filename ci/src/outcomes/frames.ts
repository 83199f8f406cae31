import type { Paths } from "./paths.ts";
import type { Finding, Place } from "./result.ts";

/** No more of a text is looked through. */
const READ = 200_000;
/** A file and a line in it. Lengths have bounds, so that no text takes long. */
const FRAME =
  /\bat (?<class>[\w.$]{1,300})\.[\w$<>]{1,200}\((?<source>[\w$]{1,200}\.(?:java|kt|scala|groovy)):(?<row>\d{1,7})\)|File "(?<python>[^"\n]{1,400})", line (?<number>\d{1,7})|(?<file>(?:file:\/\/)?[^\s:()"'<>[\],|]{1,300}\.[A-Za-z]\w{0,9}|(?:[^\s:()"'<>[\],|]{1,300}\/)?(?:Dockerfile|Makefile)):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/g;

/** The first place in a text that is one of the repository: of a failed test mostly a line of the test itself. */
export function findPlace(text: string, paths: Paths): Place | undefined {
  for (const match of text.slice(0, READ).matchAll(FRAME)) {
    const place = placeOf(match, paths);
    if (place !== undefined) return place;
  }
  return undefined;
}

function placeOf({ groups = {} }: RegExpMatchArray, paths: Paths): Place | undefined {
  const { class: name, source, row, python, number, file, line, column } = groups;
  const written = source === undefined ? (python ?? file ?? "") : `${folderOf(name ?? "")}${source}`;
  const path = paths.find(written);
  const at = Number(row ?? number ?? line);
  if (path === undefined || at === 0) return undefined;
  return { path, line: at, ...(column === undefined ? {} : { column: Number(column) }) };
}

/** `com.acme.SumTest` → `com/acme/` */
function folderOf(name: string): string {
  const parts = name.split(".").slice(0, -1);
  return parts.map((part) => `${part}/`).join("");
}

/** `src/sum.ts(4,2): error TS2322: …`, as the compilers of Microsoft write it. */
const MICROSOFT = /^\s*(?<file>[^\s()][^()\n]{0,300})\((?<line>\d{1,7}),(?<column>\d{1,7})\):\s*(?<message>.{1,1000})/;
/** `src/sum.py:4:2: E501 …`, as most write it; ruff and others put an arrow before it and the message in the line above. */
const UNIX =
  /^\s*(?:-->\s*|╭─\[|❯\s*)?(?<file>[^\s:()"'<>[\],|]{1,300}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?\]?:?(?:\s+(?<message>.{0,1000}))?$/;
/** `  4:25  error  …` below the line that names the file, as ESLint writes it. */
const BELOW = /^\s+(?<line>\d{1,7}):(?<column>\d{1,7})\s+(?<level>error|warning)\s+(?<message>.{1,1000})$/;
const MAX_FINDINGS = 200;

/**
 * What a tool has printed of lines of the repository: the linters and compilers that write no file mostly print one of a few forms.
 *
 * @param output of a check that failed
 */
export function readFindings(output: string, paths: Paths): Finding[] {
  const found = new Map<string, Finding>();
  let [above, named] = ["", ""];
  for (const line of output.slice(-READ).split(/\r?\n/)) {
    const below = BELOW.exec(line)?.groups;
    const groups = below === undefined ? (MICROSOFT.exec(line) ?? UNIX.exec(line))?.groups : { ...below, file: named };
    const path = groups === undefined ? undefined : paths.find(groups["file"] ?? "");
    if (groups !== undefined && path !== undefined && found.size < MAX_FINDINGS) {
      const said = tidy(groups["message"] ?? "") || tidy(above);
      const finding = toFinding(path, groups, said);
      if (finding !== undefined) found.set(JSON.stringify(finding), finding);
    }
    if (line.trim() !== "") above = line;
    if (/^\S+$/.test(line.trim())) named = line.trim();
  }
  return [...found.values()];
}

function toFinding(
  path: string,
  groups: Readonly<Record<string, string | undefined>>,
  message: string,
): Finding | undefined {
  const [line, column] = [Number(groups["line"]), Number(groups["column"] ?? 0)];
  if (line === 0 || message === "") return undefined;
  const isWarning = groups["level"] === "warning" || /^warning\b/i.test(message);
  return {
    level: isWarning ? "warning" : "error",
    message,
    place: { path, line, ...(column > 0 ? { column } : {}) },
  };
}

/** Without the lines that some draw between words. */
function tidy(message: string): string {
  return message
    .replaceAll(/[━─│×]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
