import type { RunningContainer } from "../run/container.ts";
import { Scrubber } from "../run/scrub.ts";
import { ApiError } from "./errors.ts";

/** What a process printed: each stream, and both in the order in which they came. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly combined: string;
}

/** As much of a stream as the real engine gives: more is read, so that the process goes on, but not kept. */
const MOST_KEPT = 128 << 20;

/**
 * A stream as it is told to whoever asks for it.
 *
 * @throws ApiError with the words of the real engine when there was too much to keep
 */
export function wholeStream(stream: string): string {
  if (stream.length <= MOST_KEPT) return stream;
  throw new ApiError(`file size ${stream.length} exceeds limit ${MOST_KEPT}`);
}

/** Reads both streams of a container to their ends, without the secrets, and passes on what can be shown already. */
export async function collectOutput(
  running: Pick<RunningContainer, "stdout" | "stderr">,
  secrets: readonly string[],
  show: (stream: "stdout" | "stderr", text: string) => void,
): Promise<Output> {
  const parts = { stdout: "", stderr: "", combined: "" };
  const read = async (stream: "stdout" | "stderr") => {
    const scrubber = new Scrubber(secrets);
    const take = (text: string) => {
      if (text === "") return;
      // One piece more than may be told says that something is missing.
      for (const place of [stream, "combined"] as const) if (parts[place].length <= MOST_KEPT) parts[place] += text;
      show(stream, text);
    };
    running[stream].setEncoding("utf8");
    for await (const chunk of running[stream]) take(scrubber.push(chunk as string));
    take(scrubber.flush());
  };
  await Promise.all([read("stdout"), read("stderr")]);
  return parts;
}
