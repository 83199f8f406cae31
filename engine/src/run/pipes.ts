import { constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { runCommandOrThrow } from "./command.ts";
import type { RunHost } from "./run-host.ts";

/** A pipe of the kernel: one end for a program, the other as a stream for us. */
export interface Pipe {
  /** To be passed to a child and closed afterwards. */
  readonly childFd: number;
  readonly stream: Socket;
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
  }

  /** A pipe which the child writes and we read. */
  async fromChild(): Promise<Pipe> {
    const path = await this.#take();
    const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const childFd = openSync(path, constants.O_WRONLY);
    unlinkSync(path);
    return { childFd, stream: new Socket({ fd: ours, readable: true, writable: false }) };
  }

  async #take(): Promise<string> {
    for (;;) {
      const path = this.#ready.pop();
      if (path !== undefined) {
        if (this.#ready.length < 4) void this.prepare().catch(() => undefined);
        return path;
      }
      await this.prepare();
    }
  }

  /** Makes some in advance; one program makes many. */
  prepare(): Promise<void> {
    this.#making ??= this.#make().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: pipesAtATime }, () => join(this.#host.dir, this.#host.uniqueName("pipe")));
    await this.#host.mounted();
    // Open to all users of the container, who cannot reach the folder itself.
    await runCommandOrThrow(["mkfifo", "-m", "666", ...paths]);
    this.#ready.push(...paths);
  }
}
