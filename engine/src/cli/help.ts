import { kebabName } from "../api/names.ts";
import { compareText, type Step, supportedFunctions } from "./chain.ts";
import type { Example } from "./commands.ts";
import { PROGRAM } from "./console.ts";
import type { ObjectInfo, Types } from "./engine.ts";
import type { Flag } from "./flag-set.ts";
import { bold } from "./terminal.ts";

/** Columns, one less than the terminal has. */
export const DEFAULT_WIDTH = 79;

export interface HelpPage {
  readonly description: string;
  /** `slipway call build [arguments] <function>` */
  readonly usage: string;
  /** Lines to try, complete, each with what it is for. */
  readonly examples?: readonly Example[];
  /** Sections between the usage and the flags: title, then name and description of each. */
  readonly lists: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  readonly flags: readonly { readonly title: string; readonly flags: readonly Flag[] }[];
  readonly closing?: string;
}

/** Lays a page out: sections in capitals, blank lines between, the newline at the end. */
export function renderHelp(page: HelpPage, options: { readonly width: number; readonly colour: boolean }): string {
  const title = (text: string) => bold(text.toUpperCase(), options.colour);
  const parts = [page.description.trimEnd(), `${title("Usage")}\n  ${page.usage}`];
  for (const list of page.lists) {
    if (list.rows.length > 0) parts.push(`${title(list.title)}\n${commandRows(list.rows, options.width)}`);
  }
  for (const group of page.flags) {
    const visible = group.flags.filter((flag) => flag.hidden !== true);
    if (visible.length > 0) parts.push(`${title(group.title)}\n${flagRows(visible, options.width).trimEnd()}`);
  }
  // Below what Dagger's page has, which stays as it is.
  if (page.examples !== undefined && page.examples.length > 0) {
    parts.push(`${title("Examples")}\n${page.examples.map(exampleRow).join("\n")}`);
  }
  if (page.closing !== undefined) parts.push(page.closing);
  return `${parts.join("\n\n")}\n`;
}

function exampleRow({ line, about }: Example): string {
  return `  # ${about}\n  ${PROGRAM} ${line}`;
}

/** The page of one function of a chain; of the first step: of the module. */
export function stepHelp(
  step: Step,
  types: Types,
  first: {
    readonly description: string;
    readonly use: string;
    readonly examples: readonly Example[];
    readonly options: readonly Flag[];
    readonly inherited: readonly Flag[];
  },
): HelpPage {
  const { function: called, next } = step;
  const rows = next === undefined ? [] : functionRows(next, types);
  const hint = rows.length === 0 ? "" : " <function>";
  if (called === undefined) {
    return {
      description: first.description,
      usage: `${first.use}${hint}`,
      examples: first.examples,
      lists: [{ title: "Functions", rows }],
      flags: [
        { title: "Arguments", flags: step.flags },
        { title: "Options", flags: first.options },
        { title: "Inherited Options", flags: first.inherited },
      ],
      ...closing(step, rows.length),
    };
  }
  return {
    description: called.description.trim() === "" ? "-" : called.description.trim(),
    usage: `${step.commandPath}${step.flags.length === 0 ? "" : " [arguments]"}${hint}`,
    lists: [{ title: "Functions", rows }],
    flags: [{ title: "Arguments", flags: step.flags }],
    ...closing(step, rows.length),
  };
}

function closing(step: Step, functions: number): { closing?: string } {
  if (functions === 0) return {};
  return { closing: `Use "${step.commandPath} [command] --help" for more information about a command.` };
}

function functionRows(owner: ObjectInfo, types: Types): (readonly [string, string])[] {
  return supportedFunctions(owner, types).supported.map((called) => [
    kebabName(called.name),
    firstLine(called.description),
  ]);
}

/** The line of a description that lists show. */
export function firstLine(description: string): string {
  const line = description.trim().split("\n")[0]?.trim() ?? "";
  return line === "" ? "-" : line;
}

const LEAST_NAME_WIDTH = 11;

function commandRows(rows: readonly (readonly [string, string])[], width: number): string {
  const nameWidth = Math.max(LEAST_NAME_WIDTH, ...rows.map(([name]) => name.length));
  return rows
    .map(([name, description]) => {
      const start = `  ${name.padEnd(nameWidth)}   `;
      if (start.length + description.length < width) return start + description;
      return start + wrapWords(description, Math.max(24, width - start.length)).join(`\n${" ".repeat(start.length)}`);
    })
    .join("\n");
}

function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Flags below each other as pflag's FlagUsagesWrapped lays them out, those that are required first. */
function flagRows(flags: readonly Flag[], width: number): string {
  const ordered = [...flags].sort(
    (a, b) => Number(b.required === true) - Number(a.required === true) || compareText(a.name, b.name),
  );
  const heads = ordered.map(flagHead);
  const column = Math.max(...heads.map((head) => head.length)) + 3;
  return ordered
    .map((flag, place) => {
      const head = heads[place] ?? "";
      const usage = flag.defaultText === undefined ? flag.usage : `${flag.usage} (default ${flag.defaultText})`;
      return `${head}${" ".repeat(column - head.length)}${wrapUsage(usage, column, width)}\n`;
    })
    .join("");
}

function flagHead(flag: Flag): string {
  const short = flag.shorthand === undefined ? "    " : `-${flag.shorthand}, `;
  return `  ${short}--${flag.name}${flag.typeText === "" ? "" : ` ${flag.typeText}`}`;
}

/** Room below which a usage text starts on a line of its own. */
const LEAST_WRAP = 24;
/** A last piece no longer than this stays on its line although it is too long. */
const SLOP = 5;

function wrapUsage(usage: string, column: number, width: number): string {
  let [indent, room, lead] = [column, width - column, ""];
  if (room < LEAST_WRAP) {
    indent = 16;
    room = width - indent;
    lead = `\n${" ".repeat(indent)}`;
  }
  const newline = `\n${" ".repeat(indent)}`;
  const pieces: string[] = [];
  for (let rest: string | undefined = usage; rest !== undefined; ) {
    const [piece, more] = cutLine(rest, room - SLOP);
    pieces.push(piece.replaceAll("\n", newline));
    rest = more === "" ? undefined : more;
  }
  return lead + pieces.join(newline);
}

function cutLine(text: string, room: number): readonly [string, string] {
  if (room + SLOP > text.length) return [text, ""];
  const head = text.slice(0, room);
  const blank = Math.max(head.lastIndexOf(" "), head.lastIndexOf("\t"), head.lastIndexOf("\n"));
  if (blank <= 0) return [text, ""];
  const newline = head.lastIndexOf("\n");
  const cut = newline > 0 && newline < blank ? newline : blank;
  return [text.slice(0, cut), text.slice(cut + 1)];
}
