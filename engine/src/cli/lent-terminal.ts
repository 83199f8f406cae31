import { closeSync, constants, openSync } from "node:fs";
import type { TerminalAccess, TerminalReason } from "../api/session.ts";
import type { PersonTerminal } from "../run/container.ts";
import { errorCode } from "../store/paths.ts";
import type { Console } from "./console.ts";
import type { GlobalOptions } from "./global-flags.ts";
import type { Renderer } from "./progress/renderer.ts";
import { red, wantsColour, yellow } from "./terminal.ts";

/** How this process's standard streams are called, for another process that may open them. */
const INPUT = `/proc/${process.pid}/fd/0`;
const OUTPUT = `/proc/${process.pid}/fd/1`;

/** The terminal of a command, which a program in a container may have for a while. */
export class LentTerminal implements TerminalAccess {
  readonly onFailure?: readonly string[];
  #before: Promise<unknown> = Promise.resolve();

  /** @param renderer draws on the same terminal */
  constructor(
    readonly console: Pick<Console, "stdin" | "stdout" | "env">,
    readonly renderer: Pick<Renderer, "yieldTerminal">,
    readonly options: Pick<GlobalOptions, "silent" | "interactive" | "interactiveCommand">,
  ) {
    if (options.interactive) this.onFailure = options.interactiveCommand;
  }

  problem(): string | undefined {
    const { stdin, stdout } = this.console;
    if (this.options.silent) return "running shell in silent mode is not supported";
    const missing = [
      ...(stdin.isTTY === true ? [] : ["standard input"]),
      ...(stdout.isTTY === true ? [] : ["standard output"]),
    ];
    if (missing.length > 0) return tellMissing(missing);
    return findOpenProblem(INPUT, constants.O_RDONLY) ?? findOpenProblem(OUTPUT, constants.O_WRONLY);
  }

  lend(reason: TerminalReason, use: (terminal: PersonTerminal) => Promise<string>): Promise<void> {
    const lent = this.#before.then(() => this.#lend(reason, use));
    this.#before = lent.catch(() => undefined);
    return lent;
  }

  async #lend(reason: TerminalReason, use: (terminal: PersonTerminal) => Promise<string>): Promise<void> {
    const { stdin, stdout, env } = this.console;
    const takeBack = this.renderer.yieldTerminal();
    let last = "";
    try {
      stdout.write(tellReason(reason, wantsColour(stdout, env)));
      // The OCI runtime does so as well, and gives it back only when nobody kills it. What is typed before it runs is not for this process.
      stdin.setRawMode(true);
      try {
        last = await use({
          input: INPUT,
          output: OUTPUT,
          size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
          onResize: (changed) => {
            // Of the stream, which knows the new size by then.
            process.stdout.on("resize", changed);
            return () => void process.stdout.off("resize", changed);
          },
        });
      } finally {
        stdin.setRawMode(false);
      }
      stdout.write(`${last}\n`);
    } finally {
      takeBack();
    }
  }
}

function tellReason({ words, failure }: TerminalReason, colour: boolean): string {
  if (failure === undefined) return `${yellow("●", colour)} Attaching terminal: ${words}\n`;
  return `${red("✘", colour)} Exec failed, attaching terminal: ${words}\n${yellow(`! ${failure}`, colour)}\n`;
}

/** Of a session without a command. */
export const NO_TERMINAL: TerminalAccess = {
  problem: () => tellMissing(["standard input", "standard output"]),
  lend: async () => undefined,
};

function tellMissing(streams: readonly string[]): string {
  const verb = streams.length === 1 ? "is" : "are";
  return `${streams.join(" and ")} ${verb} not a terminal\n  to do: run the command in a terminal, without a pipe or a redirection`;
}

function findOpenProblem(path: string, access: number): string | undefined {
  try {
    closeSync(openSync(path, access | constants.O_NOCTTY));
    return undefined;
  } catch (error) {
    return `it cannot be opened again (${errorCode(error)})\n  to do: log in as the user who runs the command, instead of by su in another user's terminal`;
  }
}
