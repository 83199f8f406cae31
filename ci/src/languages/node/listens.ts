import { listStartsIn } from "../../repository/node-starts.ts";
import { EXAMPLES, type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { listPorts, onlyPort } from "../source-text.ts";

/** Where programs of Node listen when they take PORT and it is not set. */
const USUAL = 3000;

/** Servers that take PORT by themselves. */
const TAKES_PORT =
  /(?:^|[\s/])(?:next start|remix-serve|react-router-serve|nuxt start|(?:\S*\/)?\.output\/server\/index\.mjs)(?:\s|$)/;

/** `next start -p 3001`, `serve -l 5000`. */
const FLAG = /(?:^|\s)(?:-p|-l|--port|--listen)(?:\s+|=)(?:tcp:\/\/0\.0\.0\.0:)?(\d{2,5})(?=\s|$)/g;

/** `PORT=8080 node server.js`, by cross-env or by itself. */
const SET = /(?:^|\s)PORT=(\d{2,5})(?=\s)/g;

/**
 * What may stand between PORT and its default: `PORT`, `["PORT"]`, `get("PORT")`, `PORT!`, `PORT as string`, `parseInt(PORT, 10)`,
 * `PORT || config.port`.
 */
const AFTER = String.raw`\bPORT\b["'\u0060]?[\])!]*(?:\s+as\s+\w+)?\)*(?:\s*,\s*10\s*\))?`;
const OTHERS = String.raw`(?:[\w.]+\s*(?:\|\||\?\?)\s*)*`;
const NUMBER = String.raw`["'\u0060]?(\d{2,5})\b(?!\.)`;

/** `process.env.PORT || 3000`, `const { PORT = 3000 }`, `PORT: z.coerce.number().default(3000)`, `PORT ? Number(PORT) : 3000`. */
const DEFAULTS = [
  new RegExp(String.raw`${AFTER}\s*(?:\|\||\?\?|,(?!\s*10\s*\))|:|=(?![=>]))\s*${OTHERS}${NUMBER}`, "g"),
  new RegExp(String.raw`${AFTER}\s*[:.][^\n]*?\bdefault\s*[(:]\s*${NUMBER}`, "g"),
  new RegExp(String.raw`${AFTER}\s*\?(?![?.])[^\n:;]*:\s*${NUMBER}`, "g"),
];

const TAKEN = /\benv\??\.PORT\b|\[\s*["'`]PORT["'`]\s*\]|\(\s*["'`]PORT["'`]/;

/** `listen(3000`, `listen({ port: 3000`, `serve({ fetch, port: 3000`, and a constant called port. */
const LISTENS = [
  /\blisten\(\s*["'`]?(\d{2,5})\b/g,
  /\b(?:listen|serve|Server|server)\((?:\s*[\w.]+\s*,)?\s*\{[^{}]*?\bport\s*:\s*["'`]?(\d{2,5})\b/g,
  /\b(?:const|let|var)\s+port\s*(?::\s*\w+\s*)?=\s*["'`]?(\d{2,5})\b/gi,
];

/**
 * The port that a package says it listens at: by the flags of what starts it, as its sources say it, or any at all when it takes PORT.
 * Two different ports say nothing.
 *
 * @param start what starts it
 */
export function findNodePort(
  outline: Outline,
  path: string,
  start: Found<string> | undefined,
): Found<number> | undefined {
  if (start === undefined) return undefined;
  const flag = onlyPort(start.value, [FLAG]) ?? onlyPort(start.value, [SET]);
  if (flag !== undefined) return { value: flag, from: start.from };
  const texts = listTexts(outline, path, start.value);
  const said = [
    () => firstOf(texts, DEFAULTS, "takes PORT"),
    () =>
      firstOf(
        texts.filter(({ text }) => /\b(?:listen|serve|Server|server)\(/.test(text)),
        LISTENS,
        "listens there",
      ),
    () => findShown(outline, path),
  ];
  const found = said.map((find) => find()).find((one) => one !== undefined);
  if (found !== undefined) return found;
  const taker = texts.find(({ text }) => TAKEN.test(text));
  if (taker !== undefined) return { value: USUAL, from: `${taker.from} takes PORT` };
  return TAKES_PORT.test(start.value) ? { value: USUAL, from: `${start.from} takes PORT` } : undefined;
}

interface Text {
  readonly from: string;
  readonly text: string;
}

/** The sources of the package that may say it, what is started in front. */
function listTexts(outline: Outline, path: string, start: string): Text[] {
  const started = listSources(start);
  const place = (one: string) => {
    const at = started.indexOf(one.replace(ENDING, ""));
    return at < 0 ? started.length : at;
  };
  return listStartsIn(outline, path)
    .toSorted((left, right) => place(left) - place(right))
    .map((one) => pathIn(path, one))
    .map((from) => ({ from, text: withoutComments(outline.text(from) ?? "") }));
}

const ENDING = /\.[cm]?[jt]s$/;

/** Where the source of what is started may lie, without its ending: `node dist/main.js` → `dist/main`, `src/main`, `main`. */
function listSources(start: string): string[] {
  const files = start.split(/\s+/).filter((word) => /^[\w.][\w./-]*$/.test(word) && /[./]/.test(word));
  return files
    .map((file) => file.replace(/^\.\//, "").replace(ENDING, ""))
    .flatMap((file) =>
      [file, file.replace(/^(?:dist|build|out|lib|output)\//, "")].flatMap((one) => [one, `src/${one}`]),
    );
}

function withoutComments(text: string): string {
  return text
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\s\/\/\s.*$/gm, "")
    .replace(/\/\*[\s\S]*?\*\//g, "");
}

/** The one port that the first text says which says any. */
function firstOf(texts: readonly Text[], patterns: readonly RegExp[], why: string): Found<number> | undefined {
  const text = texts.find((one) => listPorts(one.text, patterns).size > 0);
  const port = text === undefined ? undefined : onlyPort(text.text, patterns);
  return text === undefined || port === undefined ? undefined : { value: port, from: `${text.from} ${why}` };
}

function findShown(outline: Outline, path: string): Found<number> | undefined {
  for (const from of EXAMPLES.map((name) => pathIn(path, name))) {
    const port = /^(?:export\s+)?PORT\s*=\s*["']?(\d{2,5})\b/m.exec(outline.text(from) ?? "")?.[1];
    if (port !== undefined) return { value: Number(port), from: `${from} PORT` };
  }
  return undefined;
}
