import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withSystemFolders } from "./command.ts";
import type { Namespaces } from "./namespaces.ts";
import { waitUntil } from "./wait.ts";

/** A program of the cluster that runs until the cluster is closed. */
export class Part {
  readonly #child: ChildProcess;
  readonly name: string;
  readonly #logFile: string;
  #failure: string | undefined;

  private constructor(name: string, child: ChildProcess, logFile: string) {
    this.name = name;
    this.#child = child;
    this.#logFile = logFile;
    child.once("error", (error) => {
      this.#failure = error.message;
    });
    // The cluster ends with this process, so it must not keep it alive.
    child.unref();
  }

  /** Starts a program; what it prints goes to `log/NAME.log` in the cluster's folder. */
  static start(namespaces: Namespaces, name: string, argv: readonly string[]): Part {
    const logFile = join(namespaces.folder, "log", `${name}.log`);
    const log = openSync(logFile, "a");
    const [program = "", ...args] = [...namespaces.inside, ...argv];
    const env = withSystemFolders(process.env);
    const child = spawn(program, args, { stdio: ["ignore", log, log], env, detached: true });
    closeSync(log);
    return new Part(name, child, logFile);
  }

  /**
   * Waits until `observe` returns `undefined`; until then it says what is missing.
   *
   * @throws Error after `limitMs`, or when the program has ended, with the last observation and lines of its log.
   */
  async awaitReady(limitMs: number, observe: () => Promise<string | undefined>): Promise<void> {
    const watch = async () => {
      const { exitCode, signalCode } = this.#child;
      if (this.#failure !== undefined) throw new Error(this.#failure);
      if (exitCode !== null || signalCode !== null) throw new Error(`it ended with ${exitCode ?? signalCode}`);
      return await observe();
    };
    await waitUntil("it is ready", limitMs, watch).catch((error: Error) => {
      throw new Error(`${this.name}: ${error.message}\nits log ends with:\n${this.tellLog()}`);
    });
  }

  /** The last lines of its log, indented. */
  tellLog(lines = 20): string {
    const text = readFileSync(this.#logFile, "utf8").trimEnd();
    return text
      .split("\n")
      .slice(-lines)
      .map((line) => `    ${line.slice(0, 400)}`)
      .join("\n");
  }
}
