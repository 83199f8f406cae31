import { keepRun } from "../trace/kept-runs.ts";
import { tracePage } from "../trace/page.ts";
import { TraceRecorder } from "../trace/recorder.ts";
import type { RunOutcome, Trace } from "../trace/trace.ts";
import type { Renderer } from "./progress/renderer.ts";
import { writeTraceFile } from "./trace-file.ts";
import { programText } from "./version.ts";

/** How a run ended, as its person was told. */
export interface Ending {
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  readonly error?: string;
}

/** Draws what happens, and keeps it. */
export class RecordedRun {
  readonly renderer: Renderer;
  readonly #recorder = new TraceRecorder(() => performance.now(), new Date());

  constructor(drawn: Renderer) {
    const recorder = this.#recorder;
    this.renderer = {
      handle: (event) => {
        recorder.handle(event);
        drawn.handle(event);
      },
      finish: (failed) => drawn.finish(failed),
      showsFailedOutput: drawn.showsFailedOutput,
    };
  }

  /** Whether a function or a command was run, or its result known. */
  get hasSteps(): boolean {
    return this.#recorder.hasSteps;
  }

  /** The work is over; services and other helpers end now. */
  endWork(): void {
    this.#recorder.endWork();
  }

  trace(
    ending: Ending,
    about: { readonly words: readonly string[]; readonly folder: string; hide(text: string): string },
  ): Trace {
    const { words, folder, hide } = about;
    return this.#recorder.finish({ program: programText(), command: words, folder, hide, ...ending });
  }
}

/**
 * Writes the page of `--trace`. A failure does not change how the run ended: what it did is done.
 *
 * @param tell gets the line for the person
 */
export function savePage(
  path: string,
  trace: Trace,
  before: Trace | undefined,
  tell: { done(text: string): void; failed(text: string): void },
): void {
  try {
    writeTraceFile(path, tracePage(trace, before));
  } catch (error) {
    tell.failed(
      `the page about the run cannot be written to ${path}: ${(error as Error).message}; the run ${ENDED[trace.outcome]}, and its exit code stays ${trace.exitCode}`,
    );
    return;
  }
  tell.done(`Saved the page about the run to ${JSON.stringify(path)}.`);
}

/** Keeps the run for `slipway trace`. The next run is none the worse when that fails. */
export function keepInStore(storeDir: string, trace: Trace, note: (text: string) => void): void {
  try {
    keepRun(storeDir, trace);
  } catch (error) {
    note(`this run could not be kept for slipway trace: ${(error as Error).message}`);
  }
}

const ENDED: Readonly<Record<RunOutcome, string>> = {
  done: "itself succeeded",
  failed: "itself failed",
  canceled: "was canceled",
};
