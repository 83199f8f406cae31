import { OutputError } from "./errors.ts";
import type { GlobalOptions } from "./global-flags.ts";
import type { Renderer } from "./progress/renderer.ts";
import type { TerminalLike } from "./terminal.ts";

/** The name that hints and the help give this program. */
export const PROGRAM = "slipway";

export interface OutputStream extends TerminalLike {
  write(text: string, done?: (error?: Error | null) => void): unknown;
}

/** The streams and the surroundings of one run of the command. */
export interface Console {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute. */
  readonly cwd: string;
}

/** What a command that uses the engine has at hand. */
export interface Run {
  readonly console: Console;
  readonly options: GlobalOptions;
  readonly renderer: Renderer;
  /** A line for the person, above the progress. */
  note(text: string): void;
}

/** What a shell shows of a program whose reader went away: 128 and the number of SIGPIPE. */
export const UNREAD_EXIT_CODE = 141;

/**
 * Writes a result and waits until it is with the reader.
 *
 * @throws OutputError
 */
export async function writeOut(stream: OutputStream, text: string): Promise<void> {
  if (text === "") return;
  await new Promise<void>((done, fail) => {
    stream.write(text, (error) => (error instanceof Error ? fail(new OutputError(error)) : done()));
  });
}

/**
 * Writes what a command is run for, which ends the progress: on a terminal its last drawing would go over the result.
 *
 * @throws OutputError
 */
export async function writeResult({ console, renderer }: Run, text: string): Promise<void> {
  renderer.finish(false);
  await writeOut(console.stdout, text);
}

/** Writes something that stays above the progress, which goes on. */
export async function writeAbove({ renderer }: Run, stream: OutputStream, text: string): Promise<void> {
  const takeBack = renderer.yieldTerminal();
  try {
    await writeOut(stream, text);
  } finally {
    takeBack();
  }
}

/** Waits until all that was written before is with the reader, or the reader is gone. */
export async function untilWritten(stream: OutputStream): Promise<void> {
  await new Promise<void>((done) => {
    stream.write("", () => done());
  });
}
