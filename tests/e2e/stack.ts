import { execa } from "execa";
import { waitUntil } from "../cluster/wait.ts";
import { findFreePort } from "../support/registry.ts";

const OPEN_WITHIN_MS = 180_000;
const ANSWER_WITHIN_MS = 10_000;
const END_WITHIN_MS = 60_000;

/** `slipway call stack up`, with each service at a port of this machine that was free. */
export class Stack {
  readonly #running: ReturnType<typeof start>;
  readonly #ports: ReadonlyMap<number, number>;
  #said = "";

  private constructor(running: ReturnType<typeof start>, ports: ReadonlyMap<number, number>) {
    this.#running = running;
    this.#ports = ports;
    running.all.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /**
   * Starts it, and does not wait: it is up when `ask` has an answer.
   *
   * @param ports the ports of the stack that are wanted
   */
  static async open(program: string, cwd: string, ports: readonly number[]): Promise<Stack> {
    const free = new Map<number, number>();
    for (const port of ports) free.set(port, await findFreePort());
    const words = [...free].flatMap(([port, here]) => ["--ports", `${here}:${port}`]);
    return new Stack(start(program, ["call", "stack", "up", ...words], cwd), free);
  }

  /**
   * Asks until the answer has a status of success and is the one that is waited for.
   *
   * @param wanted what the text of the answer has to match; any does without it
   * @throws Error with the last answer and all that the stack has said
   */
  async ask(port: number, path: string, wanted = /(?:)/, request: RequestInit = {}): Promise<string> {
    const url = `http://127.0.0.1:${this.#ports.get(port)}${path}`;
    let text = "";
    try {
      await waitUntil(`${path} answers`, OPEN_WITHIN_MS, async () => {
        if (this.#running.exitCode !== null) throw new Error(`the stack ended with ${this.#running.exitCode}`);
        const answer = await this.#fetch(url, request);
        text = answer.text;
        return answer.isGood && wanted.test(text) ? undefined : text;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.#said}`);
    }
    return text;
  }

  async #fetch(url: string, request: RequestInit): Promise<{ isGood: boolean; text: string }> {
    try {
      const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const text = await answer.text();
      return { isGood: answer.ok, text: answer.ok ? text : `status ${answer.status}: ${text}` };
    } catch (error) {
      return { isGood: false, text: String((error as Error).cause ?? error) };
    }
  }

  /** Ends it as Ctrl-C does. @returns its exit code */
  async close(): Promise<number | undefined> {
    this.#running.kill("SIGINT");
    return (await this.#running).exitCode;
  }
}

function start(program: string, words: readonly string[], cwd: string) {
  return execa(program, words, { cwd, all: true, reject: false, stdin: "ignore", forceKillAfterDelay: END_WITHIN_MS });
}
