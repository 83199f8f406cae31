import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { hostToolEnv, ownSession } from "./host-tools.ts";
import { startProgram } from "./start-program.ts";

/** How a program ended, and what it said on standard error. */
export interface ProgramEnd {
  /** Exit code, 128 + signal when a signal ended it. */
  readonly code: number;
  readonly stderr: string;
}

interface Waiting {
  readonly resolve: (end: ProgramEnd) => void;
  readonly reject: (error: Error) => void;
  /** Has it run by another shell, since this one has ended before it came to it. */
  readonly again: (() => void) | undefined;
}

/** What a shell is for: nobody waits for the mount of a container until another one's network is there. */
type Purpose = "mounts" | "network";

interface Options {
  /** Where it runs; left out: where the engine does. */
  readonly cwd?: string;
  /** Its standard input. */
  readonly input?: string;
  /** What is run first, one after the other; the first one that fails is the last that is run. */
  readonly before?: readonly (readonly string[])[];
}

const shells = new Map<Purpose, HelperShell>();

/**
 * Runs a short program of the host, such as mount(8), by a shell that stays. To start a program the
 * kernel copies the tables of the memory of the process that does so: 4 ms for an engine of 150 MB, and next to nothing for a
 * small shell. Nothing of the environment but PATH goes along, and what the program prints on standard output is dropped.
 *
 * @param purpose the programs of each run one after the other
 */
export function runByShell(
  purpose: Purpose,
  args: readonly string[],
  { cwd, input, before = [] }: Options = {},
): Promise<ProgramEnd> {
  const script = [
    ...(cwd === undefined ? [] : [`cd ${quoteWord(cwd)}`]),
    ...before.map((first) => `${first.map(quoteWord).join(" ")} </dev/null`),
    `exec ${args.map(quoteWord).join(" ")}`,
  ].join(" && ");
  return new Promise((resolve, reject) => {
    const runIn = (again: Waiting["again"]): void => {
      try {
        shellFor(purpose).run(script, input, { resolve, reject, again });
      } catch (error) {
        reject(error as Error);
      }
    };
    runIn(() => runIn(undefined));
  });
}

function shellFor(purpose: Purpose): HelperShell {
  const known = shells.get(purpose);
  const shell = known === undefined || known.hasEnded ? new HelperShell() : known;
  shells.set(purpose, shell);
  return shell;
}

/** A shell says this when it begins with a program, and what is known of its end behind it. */
const BEGUN = "\x01";

class HelperShell {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #said = "";
  #hasBegun = false;
  #problem: Error | undefined;

  constructor() {
    // It ends with its input, that is, with the engine.
    this.#child = startProgram("sh", ["-s"], { stdio: ["pipe", "pipe", "pipe"], env: hostToolEnv(), ...ownSession });
    this.#child.once("error", (error) => this.#end(error));
    let lastWords = "";
    this.#child.once("close", (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      this.#end(new Error([`the shell that runs programs ${how}`, lastWords.trim()].filter(Boolean).join(": ")));
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stderr
      .setEncoding("utf8")
      .on("data", (chunk: string) => (lastWords = (lastWords + chunk).slice(-4000)));
    this.#child.stdout.setEncoding("utf8").on("data", (chunk: string) => this.#hear(chunk));
    keepAlive(this.#child, false);
  }

  get hasEnded(): boolean {
    return this.#problem !== undefined;
  }

  run(script: string, input: string | undefined, waiting: Waiting): void {
    this.#waiting.push(waiting);
    keepAlive(this.#child, true);
    const from = input === undefined ? "</dev/null" : `<<'${INPUT_END}'\n${input}\n${INPUT_END}`;
    // The exit code of an assignment is that of the program.
    this.#child.stdin.write(
      `printf '\\001'\nsaid=$(exec 2>&1 >/dev/null\n${script} ${from}\n)\nprintf '%s\\n%s\\0' "$?" "$said"\n`,
    );
  }

  #hear(chunk: string): void {
    this.#said += chunk;
    for (;;) {
      if (!this.#hasBegun && this.#said.startsWith(BEGUN)) {
        this.#hasBegun = true;
        this.#said = this.#said.slice(BEGUN.length);
      }
      const end = this.#said.indexOf("\0");
      if (end === -1) break;
      const [code = "", ...lines] = this.#said.slice(0, end).split("\n");
      this.#said = this.#said.slice(end + 1);
      this.#hasBegun = false;
      this.#waiting.shift()?.resolve({ code: Number(code), stderr: lines.join("\n") });
    }
    if (this.#waiting.length === 0) keepAlive(this.#child, false);
  }

  #end(problem: Error): void {
    this.#problem ??= problem;
    const waiting = this.#waiting.splice(0);
    // What has begun may have done a part of its work.
    if (this.#hasBegun) waiting.shift()?.reject(problem);
    for (const { reject, again } of waiting) (again ?? (() => reject(problem)))();
  }
}

/** Whether a shell keeps the engine alive: one that has nothing else to do ends, though its shell is there. */
export function keepAlive(shell: ChildProcess, isBusy: boolean): void {
  const { stdin, stdout, stderr } = shell;
  for (const one of [shell, stdin, stdout, stderr] as readonly { ref?(): void; unref?(): void }[])
    if (isBusy) one.ref?.();
    else one.unref?.();
}

/** Stands in no input: those are lines for `ip -batch`. */
const INPUT_END = "END-OF-INPUT-OF-SLIPWAY";

/** A word of a shell's script. @throws Error for what no program can be given */
export function quoteWord(text: string): string {
  if (text.includes("\0")) throw new Error(`an argument of a program cannot have a NUL: ${JSON.stringify(text)}`);
  return `'${text.replaceAll("'", "'\\''")}'`;
}
