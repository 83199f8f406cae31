import type { GlobalOptions } from "./global-flags.ts";
import type { Renderer } from "./progress/renderer.ts";
import type { TerminalLike } from "./terminal.ts";

/** The name that hints and the help give this program. */
export const PROGRAM = "slipway";

export interface OutputStream extends TerminalLike {
  write(text: string, done?: () => void): unknown;
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

/** Writes a result and waits until it is with the reader. */
export async function writeOut(stream: OutputStream, text: string): Promise<void> {
  if (text !== "") await new Promise<void>((done) => void stream.write(text, done));
}
