import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { withoutEscapes } from "../../engine/src/trace/without-escapes.ts";
import { shownScreen } from "./shown-screen.ts";

const LIMIT_MS = 60_000;

/** A program in a terminal of its own, as a person types into it and reads it. */
export class TypedTerminal {
  readonly #child: ChildProcess;
  #output = "";

  /**
   * @param command a line of sh
   * @param options.env whole environment, beside PATH
   */
  constructor(
    readonly name: string,
    command: string,
    { cwd, env }: { readonly cwd: string; readonly env: Readonly<NodeJS.ProcessEnv> },
  ) {
    this.#child = spawn("script", ["-qfec", command, "/dev/null"], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", LANG: "C.UTF-8", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const take = (chunk: Buffer) => {
      this.#output += chunk.toString("utf8");
    };
    this.#child.stdout?.on("data", take);
    this.#child.stderr?.on("data", take);
  }

  /** What was shown before counts no more. */
  type(text: string): void {
    this.#output = "";
    this.#child.stdin?.write(text);
  }

  /** Types a line, and waits until the text is shown behind it. */
  async line(line: string, text: string): Promise<string> {
    this.type(`${line}\r`);
    return await this.until(text);
  }

  /** All that was shown since the last time that something was typed, without escapes, as soon as the text is in it. */
  async until(text: string): Promise<string> {
    const limit = Date.now() + LIMIT_MS;
    for (;;) {
      const shown = withoutEscapes(this.#output);
      if (shown.includes(text)) return shown;
      if (Date.now() > limit) throw new Error(`${this.name} did not show ${text}; it shows: ${JSON.stringify(shown)}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** What is left on the screen of all that was shown since the last time that something was typed. */
  screen(): string {
    return shownScreen(this.#output).join("\n");
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill("SIGKILL");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}
