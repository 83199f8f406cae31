import type { Directives } from "./directives.ts";
import { type Heredoc, heredocsOf } from "./heredoc.ts";
import { DockerfileProblem } from "./problem.ts";
import { jsonList, splitInstruction } from "./words.ts";

/** One instruction as it is written, its lines put together. */
export interface SourceInstruction {
  /** As it is written: `RUN`, `run`. */
  readonly keyword: string;
  /** `--name` and `--name=value`, without quotes. */
  readonly flags: readonly string[];
  /** All that follows, without blanks at its ends. */
  readonly rest: string;
  readonly heredocs: readonly Heredoc[];
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

const LONGEST_LINE = 65_535;

/** Instructions that may be followed by here-documents. */
const WITH_HEREDOCS = ["add", "copy", "run"];

/** The lines of a file, each with what ends it. A mark of byte order is no part of the first one. */
export function linesOf(text: string): readonly string[] {
  return text.replace(/^\ufeff/, "").match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * Cuts a Dockerfile into its instructions: joins lines, leaves out comments, reads here-documents.
 *
 * @throws DockerfileProblem
 */
export function readInstructions(lines: readonly string[], { escapeSign }: Directives): readonly SourceInstruction[] {
  const reader = new Reader(lines, escapeSign);
  const found: SourceInstruction[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) found.push(next);
  if (found.length === 0) throw new DockerfileProblem("file with no instructions", lines.length);
  return found;
}

class Reader {
  readonly #lines: readonly string[];
  /** The escape character at the end of a line, with blanks after it, not escaped itself. */
  readonly #continues: RegExp;
  #at = 0;

  constructor(lines: readonly string[], escapeSign: string) {
    this.#lines = lines;
    const sign = `\\${escapeSign}`;
    this.#continues = new RegExp(`([^${sign}])${sign}[ \\t]*$|^${sign}[ \\t]*$`);
  }

  next(): SourceInstruction | undefined {
    for (;;) {
      const line = this.#at + 1;
      const first = this.#take();
      if (first === undefined) return undefined;
      const part = isComment(first) ? "" : first.trimStart();
      const isOpen = this.#continues.test(part);
      if (!isOpen && part === "") continue;
      const text = isOpen ? this.#continued(part) : part;
      const { keyword, flags, rest } = splitInstruction(text);
      return { keyword, flags, rest, heredocs: this.#heredocs(keyword, rest, text, line), text, line };
    }
  }

  /** The line, without what ends it. */
  #take(): string | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined) return undefined;
    this.#at += 1;
    if (Buffer.byteLength(line) > LONGEST_LINE) {
      throw new DockerfileProblem(`dockerfile line greater than max allowed size of ${LONGEST_LINE}`, this.#at);
    }
    return line.replace(/[\r\n]+$/, "");
  }

  #continued(first: string): string {
    let text = first.replace(this.#continues, "$1");
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      // Empty lines in between are left out too, with a warning by docker.
      if (isComment(line) || line.trim() === "") continue;
      if (!this.#continues.test(line)) return text + line;
      text += line.replace(this.#continues, "$1");
    }
    return text;
  }

  #heredocs(keyword: string, rest: string, text: string, line: number): readonly Heredoc[] {
    if (!text.includes("<<") || !takesHeredocs(keyword, rest)) return [];
    return heredocsOf(text).map((opened) => {
      let content = "";
      for (;;) {
        const raw = this.#lines[this.#at];
        if (raw === undefined) throw new DockerfileProblem("unterminated heredoc", line);
        this.#at += 1;
        const plain = raw.replace(/[\r\n]+$/, "");
        if ((opened.dropsTabs ? plain.replace(/^\t+/, "") : plain) === opened.name) return { ...opened, content };
        content += raw;
      }
    });
  }
}

/** Whether lines that follow may belong to it: not to the form that is a JSON list. */
function takesHeredocs(keyword: string, rest: string): boolean {
  const name = keyword.toLowerCase();
  if (name === "onbuild") {
    const inner = splitInstruction(rest);
    return inner.keyword !== "" && takesHeredocs(inner.keyword, inner.rest);
  }
  return WITH_HEREDOCS.includes(name) && jsonList(rest) === undefined;
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith("#");
}
