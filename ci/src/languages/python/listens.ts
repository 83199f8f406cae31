import { type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { onlyPort } from "../source-text.ts";

/** Where servers of Python listen when they take PORT and it is not set. */
export const USUAL = 8000;

/** `$PORT`, `${PORT:-8080}`. */
const TAKES = /\$(?:\{PORT(?::-(\d+))?\}|PORT\b)/;

/** `--port 8080`, `-p 8080`, `--bind 0.0.0.0:8080`, `-b :8080`, `runserver 0.0.0.0:8080`. */
const FLAG = /(?:\s(?:--port|-p)[ =]|\s(?:--bind|-b)[ =]?\S*?:|\srunserver\s+\S*?:)(\d{2,5})(?=\s|$)/;

/** `os.environ.get("PORT", 8080)`, `os.getenv("PORT", "8080")`, `config("PORT", default=8080, cast=int)`. */
const DEFAULT = /["']PORT["']\s*,\s*(?:default\s*=\s*)?["']?(\d{2,5})\b/g;
const TAKEN = /(?:environ(?:\.get\(|\[)|getenv\()\s*["']PORT["']/;

/** Servers that a script starts itself. Of loopback it would answer nobody else. */
const EVERYWHERE = String.raw`host\s*=\s*["'](?:0\.0\.0\.0|::)["']`;
const RUNS = [
  new RegExp(String.raw`\.run\((?=[^()]*${EVERYWHERE})[^()]*\bport\s*=\s*(\d{2,5})\b`, "g"),
  /\brun_app\((?:[^()]|\([^()]*\))*?\bport\s*=\s*(\d{2,5})\b/g,
  /Server\(\s*\(\s*["'](?:0\.0\.0\.0|::)?["']\s*,\s*(\d{2,5})\s*\)/g,
];

/**
 * The port that the only start of a project says it listens at: as its command line has it or the script that it names, or
 * any at all when it takes PORT.
 */
export function findPythonPort(
  outline: Outline,
  path: string,
  [main, ...others]: readonly Found<string>[],
): Found<number> | undefined {
  if (main === undefined || others.length > 0) return undefined;
  const { value, from } = main;
  const takes = TAKES.exec(value);
  if (takes !== null) return { value: Number(takes[1] ?? USUAL), from: `${from} takes PORT` };
  const flag = FLAG.exec(value)?.[1];
  if (flag !== undefined) return { value: Number(flag), from };
  if (/(?:^|\/)Procfile web$/.test(from)) return { value: USUAL, from: `${from} takes PORT` };
  return findInScript(outline, path, value);
}

/** `python app.py`, `python -m package`. */
function findInScript(outline: Outline, path: string, start: string): Found<number> | undefined {
  const [, module, script] = /^python3?\s+(?:-\w\s+)*?(?:-m\s+([\w.]+)|(\S+\.py))/.exec(start) ?? [];
  const from = pathIn(path, module === undefined ? (script ?? "") : `${module.replaceAll(".", "/")}/__main__.py`);
  const file = [from, pathIn(path, `src/${from}`)].find((one) => outline.told.has(one));
  if (file === undefined) return undefined;
  const text = (outline.text(file) ?? "").replace(/^\s*#.*$/gm, "");
  const told = onlyPort(text, [DEFAULT]);
  if (told !== undefined) return { value: told, from: `${file} takes PORT` };
  if (TAKEN.test(text)) return { value: USUAL, from: `${file} takes PORT` };
  const written = onlyPort(text, RUNS);
  return written === undefined ? undefined : { value: written, from: `${file} listens there` };
}
