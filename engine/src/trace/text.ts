import { stripVTControlCharacters } from "node:util";
import { CONTROLS } from "./without-escapes.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, in an element or an attribute: nothing of it is markup, and all of it can be seen. */
function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** Characters that change how others are shown: they would make a line look like another one. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What cannot be seen, as something that can: `␀` for a control character, `<U+202E>` for what turns a text around. */
function visible(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "�")
    .replace(CONTROLS, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "�";
    })
    .replace(REORDERING, (character) => `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
}

/** A text of our own about a step, such as its name: without colours. */
export function plain(text: string): string {
  return escapeHtml(stripVTControlCharacters(text));
}

const STYLES: Readonly<Record<number, string>> = { 1: "b", 2: "f", 3: "i", 4: "u" };
/** What takes a style away again. */
const ENDS: Readonly<Record<number, readonly string[]>> = { 22: ["b", "f"], 23: ["i"], 24: ["u"] };

/** The styles that hold at a place of a log: `b`, `f`, `i`, `u`, and one colour such as `c1` (red) or `c9` (bright red). */
interface Style {
  readonly marks: ReadonlySet<string>;
  readonly colour: string;
}

const PLAIN: Style = { marks: new Set(), colour: "" };

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what it looks for
const SGR = /\u001b\[([0-9;:]*)m/g;

/**
 * Lines of a log as HTML, with the sixteen colours and the styles that programs set, also over several lines. Of what was
 * written over itself (`\r`) the last is shown; every other escape goes.
 *
 * @param remarks by place of a line: what stands before it, and is no part of its text when somebody copies it
 */
export function logHtml(lines: readonly string[], remarks: ReadonlyMap<number, string> = new Map()): string {
  let style = PLAIN;
  const shown = lines.map((line, place) => {
    const remark = remarks.get(place);
    let html = remark === undefined ? "" : `<i data-remark="${plain(remark)}"></i>`;
    let from = 0;
    const text = lastWritten(line);
    for (const found of text.matchAll(SGR)) {
      html += styled(text.slice(from, found.index), style);
      from = found.index + found[0].length;
      style = changed(style, found[1] ?? "");
    }
    return html + styled(text.slice(from), style);
  });
  return shown.join("\n");
}

/** A progress bar writes its line again and again. */
function lastWritten(line: string): string {
  const ended = line.replace(/\r+$/, "");
  const start = ended.lastIndexOf("\r") + 1;
  // What was set before counts for what came after.
  const before = ended.slice(0, start).match(SGR) ?? [];
  return before.join("") + ended.slice(start);
}

function styled(text: string, { marks, colour }: Style): string {
  const html = plain(text);
  const classes = [...marks, ...(colour === "" ? [] : [colour])].sort().join(" ");
  return html === "" || classes === "" ? html : `<span class="${classes}">${html}</span>`;
}

function changed(style: Style, codes: string): Style {
  let { marks, colour } = style;
  const given = codes.split(/[;:]/).map(Number);
  for (let place = 0; place < given.length; place++) {
    const code = given[place] ?? 0;
    if (code === 0) [marks, colour] = [new Set(), ""];
    else if (code in STYLES) marks = new Set([...marks, STYLES[code] ?? ""]);
    else if (code in ENDS) marks = new Set([...marks].filter((mark) => ENDS[code]?.includes(mark) !== true));
    else if (code >= 30 && code <= 37) colour = `c${code - 30}`;
    else if (code >= 90 && code <= 97) colour = `c${code - 82}`;
    else if (code === 39) colour = "";
    else if (code === 38 || code === 48) {
      const [more, chosen] = extendedColour(given.slice(place + 1));
      if (code === 38) colour = chosen;
      place += more;
    }
  }
  return { marks, colour };
}

/** Of the 256 colours the first sixteen are those that a page knows; the others are shown as usual text. */
function extendedColour([kind, index]: readonly number[]): readonly [length: number, colour: string] {
  if (kind === 5) return [2, index !== undefined && index < 16 ? `c${index}` : ""];
  return [kind === 2 ? 4 : 0, ""];
}
