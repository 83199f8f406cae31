/** Something that a page makes its reader do, in the order of the page. */
export type Step = FileStep | CommandStep | ClockStep;

/** A block that is the whole text of a file (`<!-- test: file PATH -->`). */
export interface FileStep {
  readonly kind: "file";
  readonly line: number;
  readonly path: string;
  readonly text: string;
}

/** A place of the page at which the test tells how many seconds it took to get there (`<!-- test: clock WHAT -->`). */
export interface ClockStep {
  readonly kind: "clock";
  readonly line: number;
  /** What its reader has now, such as "the first result". */
  readonly reached: string;
}

export interface CommandStep {
  readonly kind: "command";
  /** Of the page, from 1. */
  readonly line: number;
  /** As a shell takes it, without the prompt. */
  readonly text: string;
  /** What the page says that it prints, line by line; nothing when the page shows no output. */
  readonly shown: readonly string[];
  /** It has to end with another code than 0. */
  readonly fails: boolean;
  /** It does not end by itself: it runs on beside all that comes after it (`<!-- test: stays -->`). */
  readonly stays: boolean;
}

/** What a page of Markdown asks of its reader, and where that can be done. */
export interface Page {
  readonly path: string;
  /** The repository that its commands are for (`<!-- test: repository NAME -->`); without, a clone of this one. */
  readonly repository: string | undefined;
  /** The empty folder that its reader begins in (`<!-- test: folder NAME -->`), in place of a repository. */
  readonly folder: string | undefined;
  /** Its commands need a Kubernetes (`<!-- test: cluster -->`). */
  readonly cluster: boolean;
  /** And a second one (`<!-- test: second-cluster -->`). */
  readonly secondCluster: boolean;
  readonly steps: readonly Step[];
  /** What of the page could not be understood, one sentence each: then its commands are not all there. */
  readonly problems: readonly string[];
}

interface Block {
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
  readonly marks: readonly Mark[];
}

interface Mark {
  readonly word: string;
  readonly value: string;
}

const FENCE = /^( *)(`{3,})\s*([^\s`]*).*$/;
const MARK = /^ *<!-- test: (\S+) ?(.*?) -->$/;
const PROGRAMS = "(?:npx )?(?:\\./)?slipway|npx|npm|node|kubectl|git|docker|dagger|kind|helm|curl";
const INDENTED = new RegExp(`^(?: {4}|\\t)(?:\\$ |(?:${PROGRAMS}) )`);
/** A line that a reader types. What the program prints about itself begins with `slipway: `. */
const OWN = /^(?:npx )?(?:\.\/)?slipway [a-z-]/;
const SECOND = "second-cluster";
const ON_PAGE = ["repository", "folder", "cluster", SECOND];
const ON_BLOCK = ["file", "stays", "fails"];
/** A command of the test alone (`<!-- test: run COMMAND -->`), such as one that makes the mistake that is shown. */
const ALONE = "run";
const CLOCK = "clock";
const WORDS = [...ON_PAGE, ...ON_BLOCK, ALONE, CLOCK];
const WITH_VALUE = ["repository", "folder", "file", ALONE, CLOCK];

/** Reads a page of Markdown. Never throws: what it does not understand is among the problems. */
export function readPage(path: string, text: string): Page {
  const problems: string[] = [];
  const say = (line: number, problem: string) => problems.push(`${path}:${line}: ${problem}`);
  const { blocks, marks } = findBlocks(text.split("\n"), say);
  return {
    path,
    repository: marks.find(({ word }) => word === "repository")?.value,
    folder: marks.find(({ word }) => word === "folder")?.value,
    cluster: marks.some(({ word }) => word === "cluster" || word === SECOND),
    secondCluster: marks.some(({ word }) => word === SECOND),
    steps: blocks.flatMap((block) => readBlock(block, say)),
    problems,
  };
}

type Say = (line: number, problem: string) => void;

function findBlocks(lines: readonly string[], say: Say): { blocks: Block[]; marks: Mark[] } {
  const blocks: Block[] = [];
  const ofPage: Mark[] = [];
  let marks: Mark[] = [];
  let open: { line: number; indent: number; fence: string; language: string; lines: string[] } | undefined;
  lines.forEach((text, index) => {
    const line = index + 1;
    const fence = FENCE.exec(text);
    if (open !== undefined) {
      if (fence?.[2] === open.fence && fence[3] === "") {
        blocks.push({ line: open.line, language: open.language, lines: open.lines, marks });
        marks = [];
        open = undefined;
      } else open.lines.push(text.slice(Math.min(open.indent, text.length - text.trimStart().length)));
    } else if (fence !== null) {
      open = { line, indent: fence[1]?.length ?? 0, fence: fence[2] ?? "", language: fence[3] ?? "", lines: [] };
    } else {
      const mark = readMark(text, line, say);
      if (mark?.word === ALONE) blocks.push({ line: line - 1, language: "sh", lines: [mark.value], marks: [] });
      else if (mark?.word === CLOCK) blocks.push({ line, language: "", lines: [], marks: [mark] });
      else if (mark !== undefined) (ON_PAGE.includes(mark.word) ? ofPage : marks).push(mark);
      else if (text.trim() !== "" && marks.length > 0) {
        say(line, `the mark ${marks[0]?.word} has to stand right before its block`);
        marks = [];
      }
      if (INDENTED.test(text)) say(line, "commands are not indented, but stand in a block: ```sh or ```console");
    }
  });
  if (open !== undefined) say(open.line, "the block does not end");
  return { blocks, marks: ofPage };
}

function readMark(text: string, line: number, say: Say): Mark | undefined {
  const found = MARK.exec(text);
  if (found === null) {
    if (/<!-- *test\b/.test(text)) say(line, "a mark is a line of its own: <!-- test: WORD VALUE -->");
    return undefined;
  }
  const [, word = "", value = ""] = found;
  if (!WORDS.includes(word)) {
    say(line, `no mark is called ${word}; there are: ${WORDS.join(", ")}`);
    return undefined;
  }
  const needsValue = WITH_VALUE.includes(word);
  if (needsValue !== (value !== "")) say(line, `the mark ${word} has ${needsValue ? "a" : "no"} value`);
  return { word, value };
}

function readBlock(block: Block, say: Say): Step[] {
  const { line, language, lines, marks } = block;
  const clock = marks.find(({ word }) => word === CLOCK);
  if (clock !== undefined) return [{ kind: "clock", line, reached: clock.value }];
  const file = marks.find(({ word }) => word === "file");
  if (file !== undefined) return [{ kind: "file", line, path: file.value, text: `${lines.join("\n")}\n` }];
  const isConsole = language === "console";
  const isScript = ["sh", "bash", "shell"].includes(language);
  if (!isConsole && !isScript) {
    if (lines.some((text) => text.startsWith("$ "))) say(line, "a block with a prompt is a block of ```console");
    if (lines.some((text) => OWN.test(text)))
      say(line, "a command of Slipway stands in a block of ```sh or ```console");
    if (marks.length > 0) say(line, `the mark ${marks[0]?.word} is for a block of commands`);
    return [];
  }
  const parts = isConsole ? splitConsole(block, say) : splitScript(block);
  return parts.map(({ at, command, output }, index): CommandStep => {
    const isLast = index === parts.length - 1;
    const has = (name: string) => isLast && marks.some(({ word }) => word === name);
    const shown = trimLines(output);
    const fails = has("fails") || shown.some((text) => text.startsWith("Error: "));
    return { kind: "command", line: line + 1 + at, text: command.join("\n"), shown, fails, stays: has("stays") };
  });
}

interface Part {
  /** Line of the block, from 0. */
  readonly at: number;
  readonly command: string[];
  readonly output: string[];
}

/** Lines with a prompt are commands, those below are what they print. */
function splitConsole({ line, lines }: Block, say: Say): Part[] {
  const parts: Part[] = [];
  lines.forEach((text, at) => {
    const last = parts.at(-1);
    if (last !== undefined && last.output.length === 0 && isOpen(last.command))
      last.command.push(text.replace(/^> /, ""));
    else if (text.startsWith("$ ")) parts.push({ at, command: [text.slice(2)], output: [] });
    else if (last === undefined) {
      if (text.trim() !== "" && at === 0)
        say(line, "a block of ```console begins with a command; output alone is ```text");
    } else last.output.push(text);
  });
  return parts;
}

/** Every line is a command, but for empty ones and remarks. */
function splitScript({ lines }: Block): Part[] {
  const parts: Part[] = [];
  lines.forEach((text, at) => {
    const last = parts.at(-1);
    if (last !== undefined && isOpen(last.command)) last.command.push(text);
    else if (text.trim() !== "" && !text.trimStart().startsWith("#")) parts.push({ at, command: [text], output: [] });
  });
  return parts;
}

/** Whether a shell would go on to read: behind a backslash or an operator, and in a here-document. */
function isOpen(command: readonly string[]): boolean {
  const heredoc = /<<-?\s*(['"]?)(\w+)\1/.exec(command[0] ?? "");
  if (heredoc !== null) return !command.slice(1).some((line) => line.trim() === heredoc[2]);
  return /(\\|\|\||&&|\|)\s*$/.test(command.at(-1) ?? "");
}

/** Lines without spaces at their ends, and without empty ones at the beginning and the end. */
export function trimLines(lines: readonly string[]): readonly string[] {
  const trimmed = lines.map((line) => line.trimEnd());
  const isFull = (line: string) => line !== "";
  const first = trimmed.findIndex(isFull);
  return first === -1 ? [] : trimmed.slice(first, trimmed.findLastIndex(isFull) + 1);
}
