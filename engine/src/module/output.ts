import type { RunningContainer } from "../run/container.ts";

export type OutputListener = (stream: "stdout" | "stderr", text: string) => void;

/** The real engine keeps 100 KiB of an output in an error. */
const MOST_CHARACTERS = 100 * 1024;

/** Reads both outputs of a container to their end, and keeps the last 100 KiB of each. */
export async function readOutput(
  container: RunningContainer,
  onText: OutputListener,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const read = async (stream: "stdout" | "stderr"): Promise<string> => {
    let kept = "";
    const source = container[stream];
    source.setEncoding("utf8");
    for await (const part of source) {
      onText(stream, part as string);
      kept = (kept + (part as string)).slice(-MOST_CHARACTERS);
    }
    return kept;
  };
  const [stdout, stderr] = await Promise.all([read("stdout"), read("stderr")]);
  return { stdout, stderr };
}

/** Characters that are held back, the first ones. */
const MOST_HELD = 1 << 20;

/** Holds back what is printed before somebody listens. */
export class HeldOutput {
  #held: (readonly ["stdout" | "stderr", string])[] = [];
  #length = 0;
  #listener: OutputListener | undefined;

  readonly write: OutputListener = (stream, text) => {
    if (this.#listener !== undefined) return this.#listener(stream, text);
    if (this.#length < MOST_HELD) this.#held.push([stream, text]);
    this.#length += text.length;
  };

  release(listener: OutputListener): void {
    this.#listener = listener;
    for (const [stream, text] of this.#held.splice(0)) listener(stream, text);
  }
}
