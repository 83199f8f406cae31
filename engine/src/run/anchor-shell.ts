import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { keepAlive, quoteWord } from "../store/helper-shell.ts";

/** A program that is to run inside of the anchor. */
export interface InsideProgram {
  readonly args: readonly string[];
  /** Files into which it writes its number before it begins, to be in these control groups. */
  readonly groupLists: readonly string[];
  /** Files that become its standard input, output and error; they have to be there until it has begun. */
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program inside of the anchor that was begun. */
export interface BegunProgram {
  /** Its number on this machine; undefined when it could not come as far as to have its streams and groups. */
  readonly pid: number | undefined;
  /** Exit code, 128 + signal when a signal ended it. */
  readonly exit: Promise<number>;
}

interface Begun {
  readonly tell: (begun: BegunProgram) => void;
  readonly fail: (error: Error) => void;
  readonly exit: Promise<number>;
  readonly end: (code: number) => void;
  hasBegun: boolean;
}

/** Exit code of what SIGKILL ended. */
const killed = 137;

const mostWords = 4000;

/**
 * The shell inside of the anchor. It starts the programs there: the kernel copies next to nothing of a small shell to do so, and
 * all tables of its memory for the engine.
 */
export class AnchorShell {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #programs = new Map<string, Begun>();
  #sequence = 0;
  #said = "";
  #lastWords = "";
  #problem: Error | undefined;

  constructor(
    child: ChildProcess,
    streams: { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable },
  ) {
    this.#child = child;
    this.#stdin = streams.stdin;
    streams.stdin.on("error", () => undefined);
    streams.stdout.setEncoding("utf8").on("data", (chunk: string) => this.#hear(chunk));
    streams.stderr
      .setEncoding("utf8")
      .on("data", (chunk: string) => (this.#lastWords = (this.#lastWords + chunk).slice(-mostWords)));
    child.once("close", () => this.#end());
    keepAlive(this.#child, false);
  }

  /** @throws Error when the shell has ended, or ends before the program has begun */
  start(program: InsideProgram): Promise<BegunProgram> {
    return new Promise((tell, fail) => {
      if (this.#problem !== undefined) throw this.#problem;
      const name = `p${this.#sequence++}`;
      const script = scriptOf(name, program);
      let end: (code: number) => void = () => undefined;
      const exit = new Promise<number>((resolve) => (end = resolve));
      this.#programs.set(name, { tell, fail, exit, end, hasBegun: false });
      keepAlive(this.#child, true);
      this.#stdin.write(script);
    });
  }

  #hear(chunk: string): void {
    const lines = (this.#said + chunk).split("\n");
    this.#said = lines.pop() ?? "";
    for (const line of lines) {
      const [what, name = "", number = ""] = line.split(" ");
      const program = this.#programs.get(name);
      if (program === undefined) continue;
      if (what === "begun") {
        program.hasBegun = true;
        program.tell({ pid: Number(number), exit: program.exit });
      } else {
        // The shell forgets a program, and the kernel its end, when it has waited for it.
        this.#stdin.write(`wait "$${name}"; unset ${name}\n`);
        this.#programs.delete(name);
        if (!program.hasBegun) program.tell({ pid: undefined, exit: program.exit });
        program.end(Number(number));
      }
    }
    if (this.#programs.size === 0) keepAlive(this.#child, false);
  }

  /** With the shell ends everything that is inside of the anchor. */
  #end(): void {
    const said = this.#lastWords.trim();
    this.#problem = new Error(
      `the process that keeps the engine's containers together has ended${said === "" ? "" : `: ${said}`}; start the command again`,
    );
    for (const program of this.#programs.values()) {
      if (!program.hasBegun) program.fail(this.#problem);
      program.end(killed);
    }
    this.#programs.clear();
  }
}

/**
 * Two processes: what becomes the program, and one that waits for it. Both are in the anchor's namespace, and /proc is that of the
 * machine, where the program reads by which number others know it.
 */
function scriptOf(name: string, { args, groupLists, stdin, stdout, stderr }: InsideProgram): string {
  const steps = [
    ...groupLists.map((list) => `echo 0 > ${quoteWord(list)}`),
    "read -r pid rest < /proc/self/stat",
    `printf 'begun ${name} %s\\n' "$pid" >&3`,
    `exec ${args.map(quoteWord).join(" ")} 3>&-`,
  ];
  const streams = `<${quoteWord(stdin)} >${quoteWord(stdout)} 2>${quoteWord(stderr)}`;
  return `{ ( exec 3>&1 ${streams}\n${steps.join(" && ")} )\nprintf 'ended ${name} %s\\n' "$?"; } &\n${name}=$!\n`;
}
