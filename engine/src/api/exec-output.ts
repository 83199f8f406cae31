import { StringDecoder } from "node:string_decoder";
import type { RunningContainer } from "../run/container.ts";
import { Scrubber } from "../run/scrub.ts";
import { Printed } from "./printed.ts";

/** What a process printed: each stream, and both in the order in which they came. */
export interface Output {
  readonly stdout: Printed;
  readonly stderr: Printed;
  readonly combined: Printed;
}

/** @param most bytes that are kept of each stream from its beginning; absent: as many as can be told */
export function newOutput(most?: number): Output {
  return { stdout: new Printed(most), stderr: new Printed(most), combined: new Printed(most) };
}

/** Gets each part of a stream as it is, without the secrets. */
export type PartListener = (stream: "stdout" | "stderr", part: Buffer) => void;

/** Reads both streams of a container to their ends, without the secrets, and passes on what can be shown already. */
export async function collectOutput(
  running: Pick<RunningContainer, "stdout" | "stderr">,
  secrets: readonly string[],
  show: (stream: "stdout" | "stderr", text: string) => void,
  { output = newOutput(), onPart = () => {} }: { readonly output?: Output; readonly onPart?: PartListener } = {},
): Promise<Output> {
  const read = async (stream: "stdout" | "stderr") => {
    const scrubber = Scrubber.ofBytes(secrets);
    const decoder = new StringDecoder("utf8");
    const take = (part: Buffer) => {
      if (part.length === 0) return;
      for (const place of [stream, "combined"] as const) output[place].add(part);
      onPart(stream, part);
      const text = decoder.write(part);
      if (text !== "") show(stream, text);
    };
    for await (const part of running[stream]) {
      take(scrubber === undefined ? (part as Buffer) : bytesOf(scrubber.push((part as Buffer).toString("latin1"))));
    }
    if (scrubber !== undefined) take(bytesOf(scrubber.flush()));
    const rest = decoder.end();
    if (rest !== "") show(stream, rest);
  };
  await Promise.all([read("stdout"), read("stderr")]);
  return output;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
