import type { SessionEvent } from "../../api/session.ts";

/** Draws what happens, on standard error. */
export interface Renderer {
  handle(event: SessionEvent): void;
  /** Draws what is left and gives the terminal back. May be called twice. */
  finish(failed: boolean): void;
  /** Whether the output of a failed exec is in what was drawn, so that it need not be printed again. */
  readonly showsFailedOutput: boolean;
}

export interface RendererOptions {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly nowMs: () => number;
  /** 0 is usual, above shows more, below cleans up at the end. */
  readonly verbosity: number;
}

export class SilentRenderer implements Renderer {
  readonly showsFailedOutput = false;
  handle(): void {}
  finish(): void {}
}
