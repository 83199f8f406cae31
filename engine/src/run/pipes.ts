import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { runMounting } from "../store/mounting.ts";
import { programFailure } from "../store/program-failure.ts";
import { startProgram } from "../store/start-program.ts";
import type { PersonTerminal } from "./container.ts";
import type { RunHost } from "./run-host.ts";

/** A pipe of the kernel: one end for a program, the other as a stream for us. */
interface Pipe {
  /** The name of the program's end, for as long as it is being started. */
  readonly path: string;
  /** Also the program's end: to be passed to a child, and closed afterwards. */
  readonly childFd: number;
  readonly stream: Socket;
}

/** What a program says. */
export interface PipedOutput {
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** A program that runs, and what it says. */
export interface PipedProgram extends PipedOutput {
  readonly child: ChildProcess;
}

const pipesAtATime = 12;

/**
 * Makes real pipes. Node gives children socket pairs, on which a program cannot open /dev/stdout again (`nginx` and shell
 * scripts do); named pipes that lose their name as soon as both ends are open behave like those of a shell.
 */
export class PipeMaker {
  readonly #host: RunHost;
  #ready: string[] = [];
  #making: Promise<void> | undefined;

  constructor(host: RunHost) {
    this.#host = host;
    // Whoever needs some hears of a failure.
    host.whenMounted(() => void this.prepare().catch(() => undefined));
  }

  /**
   * Starts a program of the host with pipes for what it says, and nothing to read. When that fails nothing stays open.
   *
   * @param terminal what it reads from and writes to instead; only for its errors there is a pipe then
   * @throws Error of the system when it cannot be started
   */
  async start([program = "", ...args]: readonly string[], terminal?: PersonTerminal): Promise<PipedProgram> {
    const { begun, ...said } = await this.begin(async (stdout, stderr) => {
      const input = openSync(terminal?.input ?? "/dev/null", constants.O_RDONLY | constants.O_NOCTTY);
      let output: number | undefined;
      try {
        if (terminal !== undefined) output = openSync(terminal.output, constants.O_WRONLY | constants.O_NOCTTY);
        const stdio = [input, output ?? stdout.childFd, stderr.childFd];
        const child = startProgram(program, args, { stdio, env: hostToolEnv(), ...ownSession });
        await once(child, "spawn");
        return child;
      } finally {
        closeSync(input);
        if (output !== undefined) closeSync(output);
      }
    });
    return { child: begun, ...said };
  }

  /** Has something begun that takes the other ends of two pipes meanwhile. When that fails nothing stays open. */
  async begin<T>(
    begin: (stdout: Omit<Pipe, "stream">, stderr: Omit<Pipe, "stream">) => Promise<T>,
  ): Promise<PipedOutput & { readonly begun: T }> {
    const made: Pipe[] = [];
    try {
      const [stdout, stderr] = [await this.#fromChild(made), await this.#fromChild(made)];
      return { begun: await begin(stdout, stderr), stdout: stdout.stream, stderr: stderr.stream };
    } catch (error) {
      for (const { stream } of made) stream.destroy();
      throw error;
    } finally {
      for (const { path, childFd } of made) {
        closeSync(childFd);
        unlinkSync(path);
      }
    }
  }

  /** A pipe which the child writes and we read. */
  async #fromChild(made: Pipe[]): Promise<Pipe> {
    const path = await this.#take();
    let ours: number | undefined;
    try {
      ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const childFd = openSync(path, constants.O_WRONLY);
      const pipe = { path, childFd, stream: new Socket({ fd: ours, readable: true, writable: false }) };
      made.push(pipe);
      return pipe;
    } catch (error) {
      if (ours !== undefined) closeSync(ours);
      unlinkSync(path);
      throw error;
    }
  }

  /** Makes some in advance where there are none; one program makes many. */
  async prepare(): Promise<void> {
    if (this.#ready.length < 2) await this.#more();
  }

  async #take(): Promise<string> {
    for (;;) {
      const path = this.#ready.pop();
      if (path !== undefined) {
        if (this.#ready.length < 4) void this.#more().catch(() => undefined);
        return path;
      }
      await this.#more();
    }
  }

  #more(): Promise<void> {
    this.#making ??= this.#make().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: pipesAtATime }, () => join(this.#host.dir, this.#host.uniqueName("pipe")));
    await this.#host.mounted();
    // Open to all users of the container, who cannot reach the folder itself.
    const command = ["mkfifo", "-m", "666", ...paths];
    const end = await runMounting(command);
    if (end.code !== 0) throw programFailure("pipes for a container could not be made", command, end);
    this.#ready.push(...paths);
  }
}
