import { resolve } from "node:path";
import { readCommand } from "./command-flags.ts";
import { callCommand, runCall } from "./commands/call.ts";
import { runChecks } from "./commands/check.ts";
import { listFunctions } from "./commands/functions.ts";
import { runGenerators, runServices } from "./commands/generate.ts";
import { runQuery } from "./commands/query.ts";
import { runSession } from "./commands/session.ts";
import { listToolchains } from "./commands/toolchain.ts";
import type { CommandInfo } from "./commands.ts";
import { type Console, OutputError, type Run, UNREAD_EXIT_CODE } from "./console.ts";
import { type Engine, execOutcome, type OpenEngine } from "./engine.ts";
import { messageOf, UsageError } from "./errors.ts";
import type { CommonFlags } from "./global-flags.ts";
import { moduleFor } from "./own-module.ts";
import { chooseFormat, makeRenderer } from "./progress/choose-renderer.ts";
import type { Renderer } from "./progress/renderer.ts";
import { scopedEvent } from "./progress/step-scope.ts";

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
  const format = chooseFormat(flags.options, console);
  const renderer = makeRenderer(format, flags.options, console);
  const run: Run = {
    console,
    options: flags.options,
    renderer,
    note: (text) => (format === "silent" ? undefined : renderer.handle({ kind: "note", text })),
  };
  const holder: { engine?: Engine } = {};
  const interrupted = onInterrupt();
  // The engine's helpers do not keep the process alive: the command does, until it is done.
  const alive = setInterval(() => {}, LONG_MS);
  try {
    const work = openAndRun(open, invocation, run, { holder, interrupted: interrupted.signal.then(() => {}) });
    // An interrupt leaves it behind; what it then runs into is nobody's concern.
    work.catch(() => {});
    if ((await Promise.race([work, interrupted.signal])) === "interrupted") {
      renderer.finish(false);
      console.stderr.write("Canceled.\n");
      return 1;
    }
    renderer.finish(false);
    return 0;
  } catch (error) {
    renderer.finish(true);
    return sayError(error, invocation, renderer, (text) => holder.engine?.hide(text) ?? text);
  } finally {
    await closeInTime(holder.engine);
    clearInterval(alive);
    interrupted.stop();
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
  const engine = await open({
    moduleRef: moduleFor(command, options, { searchDir, env: console.env, tell: run.note }),
    noModule: options.noModule || !command.loadsModule,
    searchDir,
    callerDir: console.cwd,
    report: (event) => run.renderer.handle(scopedEvent(event)),
    interrupted: life.interrupted,
  });
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

function sayError(
  error: unknown,
  { command, console, help }: Invocation,
  renderer: Renderer,
  hide: (text: string) => string,
): number {
  const { stderr } = console;
  if (error instanceof OutputError && error.isUnread) return UNREAD_EXIT_CODE;
  stderr.write(`Error: ${hide(messageOf(error))}\n`);
  if (error instanceof UsageError && error.commandPath !== undefined && !help) {
    stderr.write(`Run '${error.commandPath} --help' for usage.\n`);
  }
  const exec = execOutcome(error) ?? execOutcome(error instanceof Error ? error.cause : undefined);
  if (exec === undefined || (command.name !== "call" && command.name !== "core")) return 1;
  if (!renderer.showsFailedOutput) {
    if (exec.stdout !== "") stderr.write(`Stdout:\n${hide(exec.stdout)}\n`);
    if (exec.stderr !== "") stderr.write(`Stderr:\n${hide(exec.stderr)}\n`);
  }
  return exec.exitCode === 0 ? 1 : exec.exitCode;
}

function onInterrupt(): { readonly signal: Promise<"interrupted">; stop(): void } {
  let count = 0;
  let settle: (value: "interrupted") => void = () => {};
  const signal = new Promise<"interrupted">((done) => {
    settle = done;
  });
  const listener = () => {
    count++;
    // Whoever asks twice does not want to wait for services to end.
    if (count > 1) process.exit(1);
    settle("interrupted");
  };
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return { signal, stop: () => void process.off("SIGINT", listener).off("SIGTERM", listener) };
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
