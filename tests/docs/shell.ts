import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { waitUntil } from "../cluster/wait.ts";
import { findDifference } from "./shown-output.ts";

/** A command that prints on may take its time: on a busy machine all checks of this repository do. */
const SILENT_MS = 600_000;
const LIMIT_MS = 3_600_000;
const STARTS_WITHIN_MS = 240_000;
const ENDS_WITHIN_MS = 30_000;

/** How a command ended, and what its reader has seen of it. */
export interface Ended {
  readonly code: number;
  /** What is compared with the page. */
  readonly output: string;
  /** All that it printed. */
  readonly said: string;
  readonly seconds: number;
}

export interface ShellOptions {
  /** Where its own files lie; not the folder of the page. */
  readonly stateFolder: string;
  /** Where the first command runs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments in front of it, such as those that lead into a cluster's network. */
  readonly before: readonly string[];
}

/** A terminal with bash: folder, exported variables and `$?` of one command are those that the next one finds. */
export class Shell {
  readonly #options: ShellOptions;
  readonly #staying: Running[] = [];
  #last = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    writeFileSync(join(options.stateFolder, "folder"), options.folder);
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<Ended> {
    const begun = performance.now();
    const running = this.start(command);
    let remark = "";
    const stopAfter = (ms: number, why: string) =>
      setTimeout(() => {
        remark = `\nstopped ${why} ${ms / 1000} s`;
        if (running.pid !== undefined) signalGroup(running.pid, "SIGKILL");
      }, ms);
    const limits = [stopAfter(SILENT_MS, "when it had printed nothing for"), stopAfter(LIMIT_MS, "after")];
    running.all.on("data", () => limits[0]?.refresh());
    const { exitCode, stdout, stderr, all } = await running;
    for (const limit of limits) clearTimeout(limit);
    const seconds = (performance.now() - begun) / 1000;
    this.#last = exitCode ?? 137;
    const said = stripVTControlCharacters(all) + remark;
    return { code: this.#last, output: seenOf(command, { stdout, stderr, all }) + remark, said, seconds };
  }

  /**
   * Starts a command that does not end, and waits until it has printed what the page shows.
   *
   * @returns what it has printed so far
   * @throws Error with all that it has printed
   */
  async stay(command: string, shown: readonly string[]): Promise<string> {
    const running = this.start(command);
    this.#staying.push(running);
    let said = "";
    running.all.on("data", (chunk: Buffer) => {
      said += stripVTControlCharacters(chunk.toString("utf8"));
    });
    await waitUntil(`${command} has started`, STARTS_WITHIN_MS, async () => {
      if (running.exitCode !== null) throw new Error(`${command} ended with ${running.exitCode}\n${said}`);
      return shown.length === 0 ? undefined : findDifference(["…", ...shown, "…"], `\n${said}\n(runs on)`);
    });
    return said;
  }

  /** Ends what stays, the last first, as Ctrl-C does. */
  async close(): Promise<void> {
    for (const running of this.#staying.splice(0).reverse()) {
      if (running.pid !== undefined && running.exitCode === null) signalGroup(running.pid, "SIGINT");
      const limit = setTimeout(() => running.pid !== undefined && signalGroup(running.pid, "SIGKILL"), ENDS_WITHIN_MS);
      await running;
      clearTimeout(limit);
    }
  }

  private start(command: string): Running {
    const { stateFolder, env, before } = this.#options;
    const at = (name: string) => join(stateFolder, name);
    const restore = existsSync(at("variables")) ? `. ${at("variables")}\n` : "";
    const save = `export -p >${at("variables")}; pwd >${at("folder")}`;
    const script = `${restore}trap '${save}' EXIT\n(exit ${this.#last})\n${command}\n`;
    const [program = "bash", ...args] = [...before, "bash", "--noprofile", "--norc", "-c", script];
    return execa(program, args, {
      cwd: readFileSync(at("folder"), "utf8").trim(),
      env,
      extendEnv: false,
      stdin: "ignore",
      all: true,
      reject: false,
      detached: true,
      stripFinalNewline: false,
    });
  }
}

/** What is used of a process of execa. */
interface Running extends PromiseLike<Seen & { readonly exitCode?: number | undefined }> {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly all: NodeJS.ReadableStream;
}

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

const SLIPWAY = /(?:^|[\s;&|(/])slipway\s/;

/**
 * What a page shows of a command. Of Slipway that is its result, and how it failed; how a run goes on, which stands on
 * standard error, is different each time.
 */
function seenOf(command: string, { stdout, stderr, all }: Seen): string {
  if (!SLIPWAY.test(command)) return stripVTControlCharacters(all);
  const said = stripVTControlCharacters(stderr);
  const error = said.search(/^Error: /m);
  return stripVTControlCharacters(stdout) + (error === -1 ? "" : said.slice(error));
}
