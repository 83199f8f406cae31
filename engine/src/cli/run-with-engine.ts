import { resolve } from "node:path";
import { messageOf } from "../api/errors.ts";
import { engineSteps } from "../api/session.ts";
import { readCommand } from "./command-flags.ts";
import { callCommand, runCall } from "./commands/call.ts";
import { runChecks } from "./commands/check.ts";
import { listFunctions } from "./commands/functions.ts";
import { runGenerators, runServices } from "./commands/generate.ts";
import { runQuery } from "./commands/query.ts";
import { runSession } from "./commands/session.ts";
import { listToolchains } from "./commands/toolchain.ts";
import type { CommandInfo } from "./commands.ts";
import { type Console, type Run, UNREAD_EXIT_CODE } from "./console.ts";
import { type Engine, execOutcome, type OpenEngine } from "./engine.ts";
import { OutputError, usageHint } from "./errors.ts";
import type { CommonFlags } from "./global-flags.ts";
import { LentTerminal } from "./lent-terminal.ts";
import { moduleFor } from "./own-module.ts";
import { chooseFormat, makeRenderer } from "./progress/choose-renderer.ts";
import type { Renderer } from "./progress/renderer.ts";
import { scopedEvent } from "./progress/step-scope.ts";
import { type Ending, RecordedRun } from "./recorded-run.ts";
import { prepareTraceFile } from "./trace-file.ts";

/** One use of a command that needs the engine. */
export interface Invocation {
  readonly command: CommandInfo;
  /** All words but the name of the command. */
  readonly words: readonly string[];
  /** Common flags, already read. */
  readonly flags: CommonFlags;
  readonly help: boolean;
  readonly console: Console;
  /** What is done once the engine is open, where that is not what the command says. */
  readonly action?: (engine: Engine, run: Run) => Promise<void>;
}

/** How long services may take to end before the command goes without waiting for them. */
const CLOSE_MS = 10_000;
const LONG_MS = 2 ** 30;

/**
 * Opens the engine, runs the command and says what went wrong.
 *
 * @returns the exit code: that of a failed exec for `call` and `core`, else 1 for every error
 */
export async function runWithEngine(open: OpenEngine, invocation: Invocation): Promise<number> {
  const { console, flags } = invocation;
  const holder: { engine?: Engine } = {};
  const hide = (text: string, isCut?: boolean): string => holder.engine?.hide(text, isCut) ?? text;
  const drawn = makeRenderer(chooseFormat(flags.options, console), flags.options, console);
  const words = [invocation.command.name, ...invocation.words];
  const recorded = new RecordedRun(drawn, { words, console, options: flags.options, hide });
  const { renderer } = recorded;
  const run: Run = {
    console,
    options: flags.options,
    renderer,
    note: (text) => renderer.handle({ kind: "note", text }),
  };
  const interrupted = onInterrupt(() => recorded.keep(CANCELED));
  // The engine's helpers do not keep the process alive: the command does, until it is done.
  const alive = setInterval(() => {}, LONG_MS);
  try {
    const ending = await runToItsEnd(open, invocation, run, { holder, interrupted: interrupted.signal, hide });
    recorded.endWork();
    await closeInTime(holder.engine);
    recorded.keep(ending);
    await recorded.send(ending);
    return ending.exitCode;
  } finally {
    clearInterval(alive);
    interrupted.stop();
  }
}

const CANCELED: Ending = { outcome: "canceled", exitCode: 1 };

/** Never rejects: whatever goes wrong is told to the person. */
async function runToItsEnd(
  open: OpenEngine,
  invocation: Invocation,
  run: Run,
  life: {
    readonly holder: { engine?: Engine };
    readonly interrupted: Promise<"interrupted">;
    hide(text: string, isCut?: boolean): string;
  },
): Promise<Ending> {
  const { renderer, console } = run;
  try {
    const interrupted = life.interrupted.then(() => {});
    const work = openAndRun(open, invocation, run, { holder: life.holder, interrupted });
    // An interrupt leaves it behind; what it then runs into is nobody's concern.
    work.catch(() => {});
    if ((await Promise.race([work, life.interrupted])) === "interrupted") {
      renderer.finish(false);
      console.stderr.write("Canceled.\n");
      return CANCELED;
    }
    renderer.finish(false);
    return { outcome: "done", exitCode: 0 };
  } catch (error) {
    renderer.finish(true);
    return { outcome: "failed", exitCode: sayError(error, invocation, renderer, life.hide), error: tellFailure(error) };
  }
}

async function openAndRun(
  open: OpenEngine,
  invocation: Invocation,
  run: Run,
  life: { readonly holder: { engine?: Engine }; readonly interrupted: Promise<void> },
): Promise<void> {
  const { command, flags, console } = invocation;
  const { options } = flags;
  const searchDir = resolve(console.cwd, options.workdir ?? ".");
  const engine = await engineSteps((event) => run.renderer.handle(event))("start the engine", () =>
    open({
      moduleRef: moduleFor(command, options, { searchDir, env: console.env, tell: run.note }),
      noModule: options.noModule || !command.loadsModule,
      searchDir,
      callerDir: console.cwd,
      report: (event) => run.renderer.handle(scopedEvent(event)),
      terminal: new LentTerminal(console, run.renderer, options),
      interrupted: life.interrupted,
    }),
  );
  life.holder.engine = engine;
  await (invocation.action?.(engine, run) ?? runCommand(engine, run, invocation));
}

async function runCommand(engine: Engine, run: Run, invocation: Invocation): Promise<void> {
  const { command, words, flags, help } = invocation;
  if (command.name === "call" || command.name === "core") {
    await runCall(engine, run, callCommand(command.name, flags, help), words);
    return;
  }
  const own = readCommand(command.name, words, flags);
  prepareTraceFile(flags.options, run.console.cwd);
  switch (command.name) {
    case "functions":
      return await listFunctions(engine, run, own.words);
    case "check":
      return await runChecks(engine, run, own.options, own.words);
    case "generate":
      return await runGenerators(engine, run, own.options.list, own.words);
    case "up":
      return await runServices(engine, run, own.options.list, own.words);
    case "toolchain":
      return await listToolchains(engine, run);
    case "query":
      return await runQuery(engine, run, { ...own.options, operationName: own.words[0] });
    case "session":
      return await runSession(engine, run);
  }
}

/** The words of a failed run. Where its result goes is the person's own place: what helps the store does not help there. */
function tellFailure(error: unknown): string {
  return error instanceof OutputError ? error.message : messageOf(error);
}

function sayError(
  error: unknown,
  { command, console, help }: Invocation,
  renderer: Renderer,
  hide: (text: string) => string,
): number {
  const { stderr } = console;
  if (error instanceof OutputError && error.isUnread) return UNREAD_EXIT_CODE;
  stderr.write(`Error: ${hide(tellFailure(error))}\n`);
  stderr.write(usageHint(error, { withHelp: !help }));
  const exec = execOutcome(error) ?? execOutcome(error instanceof Error ? error.cause : undefined);
  if (exec === undefined || (command.name !== "call" && command.name !== "core")) return 1;
  if (!renderer.showsFailedOutput) {
    if (exec.stdout !== "") stderr.write(`Stdout:\n${hide(exec.stdout)}\n`);
    if (exec.stderr !== "") stderr.write(`Stderr:\n${hide(exec.stderr)}\n`);
  }
  return exec.exitCode === 0 ? 1 : exec.exitCode;
}

/** The last comes when the terminal is closed. */
const INTERRUPTING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @param beforeExit is called when somebody asks twice, and nothing else is done any more */
function onInterrupt(beforeExit: () => void): { readonly signal: Promise<"interrupted">; stop(): void } {
  let count = 0;
  let settle: (value: "interrupted") => void = () => {};
  const signal = new Promise<"interrupted">((done) => {
    settle = done;
  });
  const listener = () => {
    count++;
    // Whoever asks twice does not want to wait for services to end.
    if (count > 1) {
      beforeExit();
      process.exit(1);
    }
    settle("interrupted");
  };
  for (const name of INTERRUPTING) process.on(name, listener);
  return { signal, stop: () => INTERRUPTING.forEach((name) => void process.off(name, listener)) };
}

async function closeInTime(engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, CLOSE_MS);
  });
  await Promise.race([engine.close().catch(() => {}), late]);
  clearTimeout(timer);
}
