import type { SessionEvent } from "../../api/session.ts";

/** Draws what happens, on standard error. */
export interface Renderer extends Drawing {
  /** Draws nothing until the answer is called, because another program has the terminal; what came meanwhile is drawn then. */
  yieldTerminal(): () => void;
}

/** A way to draw it. */
export interface Drawing {
  handle(event: SessionEvent): void;
  /** Draws what is left and gives the terminal back. May be called twice. */
  finish(failed: boolean): void;
  /** Whether the output of a failed exec is in what was drawn, so that it need not be printed again. */
  readonly showsFailedOutput: boolean;
  /** Takes away what it draws again and again, and does not draw it until `resume`. */
  pause?(): void;
  resume?(): void;
}

export interface RendererOptions {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly nowMs: () => number;
  /** 0 is usual, above shows more, below cleans up at the end. */
  readonly verbosity: number;
}

export class SilentRenderer implements Drawing {
  readonly showsFailedOutput = false;
  handle(): void {}
  finish(): void {}
}

/** Lets another program have the terminal on which something is drawn. */
export class YieldingRenderer implements Renderer {
  readonly #drawing: Drawing;
  readonly #write: (text: string) => void;
  #kept: string | undefined;

  /** @param draw makes what draws; all that it writes has to go to what it is given */
  constructor(write: (text: string) => void, draw: (write: (text: string) => void) => Drawing) {
    this.#write = write;
    this.#drawing = draw((text) => {
      if (this.#kept === undefined) write(text);
      else this.#kept += text;
    });
  }

  get showsFailedOutput(): boolean {
    return this.#drawing.showsFailedOutput;
  }

  handle(event: SessionEvent): void {
    this.#drawing.handle(event);
  }

  finish(failed: boolean): void {
    this.#takeBack();
    this.#drawing.finish(failed);
  }

  yieldTerminal(): () => void {
    this.#drawing.pause?.();
    this.#kept = "";
    return () => this.#takeBack();
  }

  #takeBack(): void {
    if (this.#kept === undefined) return;
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== "") this.#write(kept);
    this.#drawing.resume?.();
  }
}
