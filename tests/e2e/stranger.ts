import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { Installed } from "./packed.ts";
import { Stack } from "./stack.ts";

const REPOSITORIES = join(import.meta.dirname, "repositories");
const LIMIT_MS = 480_000;

/** How a command ended, all that it said without colours, and how long it took. */
export interface Said {
  readonly code: number | undefined;
  readonly result: string;
  readonly progress: string;
  readonly seconds: number;
}

/**
 * A repository of somebody who has not heard of Slipway so far: a copy of one below `repositories/` in a folder and a git
 * repository of its own, where the packed package is called by npx.
 */
export class Stranger {
  readonly dir = mkdtempSync(join(tmpdir(), "slipway-stranger-"));
  #stack: Stack | undefined;

  private constructor(readonly installed: Installed) {}

  static async begin(name: string, installed: Installed): Promise<Stranger> {
    const stranger = new Stranger(installed);
    cpSync(join(REPOSITORIES, name), stranger.dir, { recursive: true });
    stranger.#makeNew();
    await stranger.#git("init", "--quiet", "--initial-branch=main");
    await stranger.commit("Begin");
    return stranger;
  }

  /**
   * Writes a line that was never there before into the files that all results depend on, so that none of an earlier run is
   * taken for one of this repository. Images, downloads of package managers and caches of compilers may be there already.
   */
  #makeNew(): void {
    const run = randomUUID();
    for (const path of readdirSync(this.dir, { recursive: true, encoding: "utf8" })) {
      const line = NEW_LINES[basename(path)];
      if (basename(path) === "package.json") this.edit(path, "{", `{\n  "config": { "run": "${run}" },`);
      else if (line !== undefined) this.write(path, `${this.read(path)}${line(run)}\n`);
    }
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.dir, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), "utf8");
  }

  /** Removes a file, or a folder with all that is in it. */
  forget(path: string): void {
    rmSync(join(this.dir, path), { recursive: true });
  }

  /** Replaces a part of a file, which must be there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
    this.write(path, text.replace(from, to));
  }

  /** Commits everything, as somebody whom no configuration of this machine names. */
  async commit(message: string): Promise<void> {
    await this.#git("add", "--all");
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
    await this.#git(...who, "commit", "--quiet", "--message", message);
  }

  /** What differs from the last commit, a line for each file. */
  async status(): Promise<string[]> {
    return (await this.#git("status", "--porcelain", "--untracked-files=all")).split("\n").filter(Boolean);
  }

  /** The installed command, for whoever has to start it itself. */
  get program(): string {
    return join(this.installed.folder, "node_modules/.bin/slipway");
  }

  /** `npx slipway …` in the repository. */
  async slipway(...words: readonly string[]): Promise<Said> {
    const begun = performance.now();
    const npx = ["--prefix", this.installed.folder, "--no", "--", "slipway", ...words];
    const options = { cwd: this.dir, reject: false, timeout: LIMIT_MS, stdin: "ignore" } as const;
    const { exitCode, stdout, stderr } = await execa("npx", npx, options);
    const seconds = (performance.now() - begun) / 1000;
    const [result, progress] = [stdout, stderr].map(stripVTControlCharacters);
    return { code: exitCode, result: result ?? "", progress: progress ?? "", seconds };
  }

  /** `slipway call stack up`, with the services at these ports. */
  async open(...ports: readonly number[]): Promise<Stack> {
    this.#stack = await Stack.open(this.program, this.dir, ports);
    return this.#stack;
  }

  async remove(): Promise<void> {
    await this.#stack?.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #git(...words: readonly string[]): Promise<string> {
    return (await execa("git", words, { cwd: this.dir, stripFinalNewline: false })).stdout;
  }
}

/** Remarks, in the languages of the files that they go into. */
const NEW_LINES: Readonly<Record<string, (run: string) => string>> = {
  "go.mod": (run) => `// ${run}`,
  "pyproject.toml": (run) => `# ${run}`,
  "pom.xml": (run) => `<!-- ${run} -->`,
  "test.sh": (run) => `# ${run}`,
};

/** Programs that have run, not those whose result was there already. */
export function listExecs({ progress }: Said): string[] {
  return [...progress.matchAll(/^\d+ +: (?:┆ )*withExec (.*) (?:DONE|ERROR) \[.*$/gm)].map((match) => match[1] ?? "");
}

/** The report without what differs from run to run. */
export function readChecks({ result }: Said): string[] {
  return result
    .split("\n")
    .map((line) => /^(\S+) +(passed|failed|skipped)\b/.exec(line))
    .flatMap((match) => (match === null ? [] : [`${match[1]} ${match[2]}`]));
}
