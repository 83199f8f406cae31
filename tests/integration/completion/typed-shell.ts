import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutEscapes } from "../../../engine/src/trace/without-escapes.ts";

export type ShellName = "bash" | "zsh" | "fish";

const PROMPT = "ready>";

/**
 * A shell in a terminal, with the completion of `slipway`. There `slipway` itself is a function that prints its words, so that
 * a line can be typed, completed and sent without anything being run.
 */
export class TypedShell {
  #output = "";

  private constructor(
    readonly child: ChildProcess,
    readonly name: ShellName,
  ) {
    const take = (chunk: Buffer) => {
      this.#output += chunk.toString("utf8");
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
  }

  /**
   * @param home an empty folder for the shell's own files
   * @param script path of the completion script
   */
  static async open(
    name: ShellName,
    { home, cwd, script, env }: { home: string; cwd: string; script: string; env: Readonly<Record<string, string>> },
  ): Promise<TypedShell> {
    mkdirSync(home, { recursive: true });
    const start = join(home, "start");
    writeFileSync(start, STARTS[name](script));
    const command = {
      bash: `bash --noprofile --rcfile ${start} -i`,
      zsh: "zsh -i",
      fish: `fish -i -C 'source ${start}'`,
    };
    if (name === "zsh") writeFileSync(join(home, ".zshrc"), STARTS.zsh(script));
    const child = spawn("script", ["-qfec", command[name], "/dev/null"], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, ZDOTDIR: home, TERM: "xterm", LANG: "C.UTF-8", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const shell = new TypedShell(child, name);
    await shell.until(PROMPT);
    return shell;
  }

  /**
   * Types a line, sends it, and gives the words that the command then has. At each bar a TAB is typed, which has to put in what
   * stands behind the bar, and a space: `depl|oy --rin|g`. A shell loses what is typed while it looks for an answer.
   */
  async words(line: string): Promise<string[]> {
    const [first = "", ...completed] = line.split("|");
    await this.#type(first);
    for (const piece of completed) {
      const [, added = "", typed = ""] = /^(\S*) ?(.*)$/s.exec(piece) ?? [];
      this.#output = "";
      this.child.stdin?.write("\t");
      await this.until(added);
      await this.#type(typed);
    }
    this.#output = "";
    this.child.stdin?.write("\r");
    const shown = await this.until("<end>");
    return [...shown.matchAll(/<word:([^>]*)>/g)].map((match) => match[1] ?? "");
  }

  async #type(text: string): Promise<void> {
    this.#output = "";
    this.child.stdin?.write(text);
    await this.until(text.trim().split(" ").at(-1) ?? "");
  }

  /** Types without sending, waits until something stands in the terminal, and takes the line back. */
  async shows(typed: string, ...expected: readonly string[]): Promise<string> {
    this.#output = "";
    this.child.stdin?.write(typed);
    let shown = "";
    for (const text of expected) shown = await this.until(text);
    this.child.stdin?.write("\u0015\u0015");
    return shown;
  }

  async until(text: string): Promise<string> {
    const limit = Date.now() + 60_000;
    for (;;) {
      const shown = withoutEscapes(this.#output);
      if (shown.includes(text)) return shown;
      if (Date.now() > limit) throw new Error(`${this.name} did not show ${text}; it shows: ${JSON.stringify(shown)}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    this.child.kill("SIGKILL");
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }
}

const STARTS: Readonly<Record<ShellName, (script: string) => string>> = {
  bash: (script) => `PS1='${PROMPT}'
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
slipway() { printf '<word:%s>' "$@"; echo '<''end>'; }
source ${script}
`,
  zsh: (script) => `PS1='${PROMPT}'
unsetopt beep
autoload -U compinit; compinit -u -D
slipway() { printf '<word:%s>' "$@"; echo '<''end>'; }
source ${script}
`,
  fish: (script) => `set -g fish_greeting
function fish_prompt; echo -n '${PROMPT}'; end
set -g fish_autosuggestion_enabled 0
function slipway; printf '<word:%s>' $argv; echo '<''end>'; end
source ${script}
`,
};
