import { resolve } from "node:path";
import { isOffline } from "../store/offline.ts";
import { storeDir } from "../store/system-words.ts";
import { withChangedFiles } from "../trace/changed-files.ts";
import { keepRun, keptRuns, runBefore } from "../trace/kept-runs.ts";
import { readOtlpSettings } from "../trace/otlp-settings.ts";
import { tracePage } from "../trace/page.ts";
import { TraceRecorder } from "../trace/recorder.ts";
import type { RunOutcome, Trace } from "../trace/trace.ts";
import type { Console } from "./console.ts";
import type { GlobalOptions } from "./global-flags.ts";
import type { Renderer } from "./progress/renderer.ts";
import { writeTraceFile } from "./trace-file.ts";
import { programText } from "./version.ts";

/** How a run ended, as its person was told. */
export interface Ending {
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  readonly error?: string;
}

/** What a run is about, beside what happens in it. */
export interface RunSubject {
  /** The command with its words. */
  readonly words: readonly string[];
  readonly console: Console;
  readonly options: GlobalOptions;
  /** A text without what is secret in it. */
  hide(text: string, isCut?: boolean): string;
}

/** Draws what happens, and keeps it. Whatever goes wrong with the keeping is told, and changes nothing of how the run ended. */
export class RecordedRun {
  readonly renderer: Renderer;
  readonly #recorder = new TraceRecorder(() => performance.now(), new Date());

  #made: Trace | undefined;

  constructor(
    drawn: Renderer,
    readonly subject: RunSubject,
  ) {
    const recorder = this.#recorder;
    this.renderer = {
      handle: (event) => {
        recorder.handle(event);
        drawn.handle(event);
      },
      finish: (failed) => drawn.finish(failed),
      yieldTerminal: () => drawn.yieldTerminal(),
      showsFailedOutput: drawn.showsFailedOutput,
    };
  }

  /** The work is over; services and other helpers end now. */
  endWork(): void {
    this.#recorder.endWork();
  }

  /** Keeps the run in the store when something ran, and writes the page of `--trace`. Once: an interrupt may ask again. */
  keep(ending: Ending): void {
    if (this.#made !== undefined) return;
    const { options, console } = this.subject;
    const { hasSteps } = this.#recorder;
    if (options.trace === "" && !hasSteps) return;
    const made = this.#trace(ending);
    const place = storeDir(console.env);
    const before = readBefore(made, place);
    const { hide } = this.subject;
    const trace = before === undefined ? made : withChangedFiles(made, before, { storeDir: place, hide });
    if (options.trace !== "") this.#writePage(resolve(console.cwd, options.trace), tracePage(trace, before), trace);
    if (!hasSteps) return;
    try {
      keepRun(place, trace);
    } catch (error) {
      // Where not even the engine could start, its own error says what is wrong with the store.
      if (!this.#recorder.hasWork) return;
      this.#note(`this run could not be kept for slipway trace: ${(error as Error).message}`);
    }
  }

  /** Sends the run to an OpenTelemetry collector when the environment names one. */
  async send(ending: Ending): Promise<void> {
    const { env } = this.subject.console;
    if (isOffline(env)) return;
    const [traces, logs] = [readOtlpSettings(env, "traces"), readOtlpSettings(env, "logs")];
    if (traces.kind === "refused") this.#note(`the run was not sent to a collector: ${traces.reason}`);
    if (logs.kind === "refused") this.#note(`the output of the run was not sent to a collector: ${logs.reason}`);
    if (traces.kind !== "on" && logs.kind !== "on") return;
    const { logsOf, sendLogs, sendSpans, spansOf } = await import("../trace/otlp.ts");
    const trace = this.#trace(ending);
    const spans = spansOf(trace, env);
    if (traces.kind === "on")
      await sendSpans(spans, traces.protocol, env).catch((error: Error) =>
        this.#note(`the run could not be sent to the collector: ${error.message}`),
      );
    if (logs.kind === "on")
      await sendLogs(logsOf(trace, spans), logs.protocol, env).catch((error: Error) =>
        this.#note(`the output of the run could not be sent to the collector: ${error.message}`),
      );
  }

  /** Made once: to look through all output for secrets takes its time. */
  #trace(ending: Ending): Trace {
    const { words, console, hide } = this.subject;
    this.#made ??= this.#recorder.finish({
      program: programText(),
      command: words,
      folder: console.cwd,
      hide,
      ...ending,
    });
    return this.#made;
  }

  #writePage(path: string, page: string, trace: Trace): void {
    try {
      writeTraceFile(path, page);
    } catch (error) {
      this.subject.console.stderr.write(
        `Error: the page about the run cannot be written to ${path}: ${(error as Error).message}; the run ${ENDED[trace.outcome]}, and its exit code stays ${trace.exitCode}\n`,
      );
      return;
    }
    this.#note(`Saved the page about the run to ${JSON.stringify(path)}.`);
  }

  #note(text: string): void {
    this.renderer.handle({ kind: "note", text: this.subject.hide(text) });
  }
}

/** Where the runs cannot be read, it cannot be kept either, and that is told. */
function readBefore(made: Trace, place: string): Trace | undefined {
  try {
    return runBefore(made, keptRuns(place, made));
  } catch {
    return undefined;
  }
}

const ENDED: Readonly<Record<RunOutcome, string>> = {
  done: "itself succeeded",
  failed: "itself failed",
  canceled: "was canceled",
};
