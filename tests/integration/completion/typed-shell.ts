import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TypedTerminal } from "../../support/typed-terminal.ts";

export type ShellName = "bash" | "zsh" | "fish";

const PROMPT = "ready>";

/**
 * A shell in a terminal, with the completion of `slipway`. There `slipway` itself is a function that prints its words, so that
 * a line can be typed, completed and sent without anything being run.
 */
export class TypedShell {
  private constructor(
    readonly terminal: TypedTerminal,
    readonly name: ShellName,
  ) {}

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
    const terminal = new TypedTerminal(name, command[name], { cwd, env: { HOME: home, ZDOTDIR: home, ...env } });
    await terminal.until(PROMPT);
    return new TypedShell(terminal, name);
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
      this.terminal.type("\t");
      await this.terminal.until(added);
      await this.#type(typed);
    }
    const shown = await this.terminal.line("", "<end>");
    return [...shown.matchAll(/<word:([^>]*)>/g)].map((match) => match[1] ?? "");
  }

  async #type(text: string): Promise<void> {
    this.terminal.type(text);
    await this.terminal.until(text.trim().split(" ").at(-1) ?? "");
  }

  /** Types without sending, waits until something stands in the terminal, and takes the line back. */
  async shows(typed: string, ...expected: readonly string[]): Promise<string> {
    this.terminal.type(typed);
    let shown = "";
    for (const text of expected) shown = await this.terminal.until(text);
    this.terminal.type("\u0015\u0015");
    return shown;
  }

  async close(): Promise<void> {
    await this.terminal.close();
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
