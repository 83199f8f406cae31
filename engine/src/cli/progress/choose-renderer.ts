import { UsageError } from "../errors.ts";
import type { GlobalOptions } from "../global-flags.ts";
import { nearestTo } from "../nearest.ts";
import { type TerminalLike, wantsColour } from "../terminal.ts";
import { LogsRenderer, PlainRenderer } from "./plain-renderer.ts";
import { type Drawing, type Renderer, type RendererOptions, SilentRenderer, YieldingRenderer } from "./renderer.ts";
import { DotsRenderer, ReportRenderer } from "./report-renderer.ts";
import { TtyRenderer } from "./tty-renderer.ts";

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stderr: TerminalLike & { write(text: string): unknown };
}

const FORMATS = ["plain", "tty", "dots", "logs", "report"] as const;
export type Format = (typeof FORMATS)[number] | "silent";

/**
 * How progress is drawn: the flag, else DAGGER_PROGRESS, else by whether standard error is a terminal.
 *
 * @throws Error for an unknown format, and for `tty` without a terminal
 */
export function chooseFormat(options: Pick<GlobalOptions, "progress" | "silent">, around: Surroundings): Format {
  const asked = options.progress === "auto" ? (around.env["DAGGER_PROGRESS"] ?? "auto") : options.progress;
  const isTerminal = around.stderr.isTTY === true;
  const chosen = asked === "auto" || asked === "" ? (isTerminal ? "tty" : "plain") : asked;
  const format = FORMATS.find((known) => known === chosen);
  if (format === undefined) {
    const said = `unknown progress type ${JSON.stringify(chosen)}: use auto, ${FORMATS.join(", ")}`;
    throw new UsageError(said, undefined, nearestTo(chosen, ["auto", ...FORMATS]));
  }
  if (options.silent) return "silent";
  if (format === "tty" && !isTerminal) throw new Error('no tty available for progress "tty"');
  return format;
}

export function makeRenderer(format: Format, options: GlobalOptions, around: Surroundings): Renderer {
  const { stderr, env } = around;
  const common: Omit<RendererOptions, "write"> = {
    colour: wantsColour(stderr, env),
    nowMs: () => performance.now(),
    verbosity: options.debug ? 3 : options.verbose - options.quiet,
  };
  return new YieldingRenderer(
    (text) => void stderr.write(text),
    (write) => makeDrawing(format, { ...common, write }, stderr),
  );
}

function makeDrawing(format: Format, options: RendererOptions, stderr: TerminalLike): Drawing {
  switch (format) {
    case "silent":
      return new SilentRenderer();
    case "plain":
      return new PlainRenderer(options);
    case "logs":
      return new LogsRenderer(options);
    case "report":
      return new ReportRenderer(options);
    case "dots":
      return new DotsRenderer(options);
    case "tty":
      return new TtyRenderer({ ...options, size: () => ({ columns: stderr.columns ?? 80, rows: stderr.rows ?? 24 }) });
  }
}
