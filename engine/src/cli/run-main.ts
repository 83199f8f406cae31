import { isOffline } from "../store/offline.ts";
import { commandFlags, readCommand } from "./command-flags.ts";
import { CHANGING, type CommandInfo, findCommand, refusal, unknownCommand } from "./commands.ts";
import { ASKED, answerText, completionScript, SHELLS } from "./completion/shells.ts";
import { type Console, PROGRAM, UNREAD_EXIT_CODE, writeOut } from "./console.ts";
import type { OpenEngine } from "./engine.ts";
import { meantBy, messageOf, OutputError, UsageError, usageHint } from "./errors.ts";
import { type Flag, FlagSet } from "./flag-set.ts";
import { type CommonFlags, commonFlags, type GlobalOptions, scanCommonFlags } from "./global-flags.ts";
import { DEFAULT_WIDTH, type HelpPage, renderHelp } from "./help.ts";
import { chooseFormat } from "./progress/choose-renderer.ts";
import { commandHelp, rootHelp } from "./root-help.ts";
import { wantsColour } from "./terminal.ts";
import { versionText } from "./version.ts";

/**
 * Runs the command line once. What needs the engine is loaded only when a command does: help and versions are there at
 * once.
 *
 * @returns the exit code
 */
export async function runMain(argv: readonly string[], console: Console): Promise<number> {
  try {
    return await dispatch(argv, console);
  } catch (error) {
    if (error instanceof OutputError && error.isUnread) return UNREAD_EXIT_CODE;
    console.stderr.write(`Error: ${messageOf(error)}\n`);
    console.stderr.write(usageHint(error));
    return 1;
  }
}

async function dispatch(argv: readonly string[], console: Console): Promise<number> {
  if (argv[0] === ASKED) return await answerShell(argv.slice(1), console);
  const { name, before, after } = splitAtCommand(argv);
  if (name === undefined) return await showRoot(before, console);
  const command = findCommand(name);
  if (command === undefined) throw new Error(refusal(name) ?? unknownCommand(name, PROGRAM));
  if (command.name === "run") return await runRun(before, after, console);
  const flags = commonFlags();
  let help: boolean;
  try {
    help = scanCommonFlags(flags, untilDashes([...before, ...after])).help;
    chooseFormat(flags.options, console);
  } catch (error) {
    console.stderr.write(`${messageOf(error)}\n${usageHint(error)}`);
    return 1;
  }
  const runsNothing = ["completion", "help", "version", "store", "trace"].includes(command.name);
  if (runsNothing && flags.options.trace !== "")
    throw new Error(`--trace: ${command.name} runs nothing that could be shown`);
  switch (command.name) {
    case "help":
      return await showHelpOf(help && after.every((word) => word.startsWith("-")) ? name : after[0], flags, console);
    case "version":
      if (help) await showPage(commandHelp(command, [], flags), console);
      else await printVersions(flags, console);
      return 0;
    case "call":
    case "core":
      break;
    default:
      if (help) {
        await showPage(commandHelp(command, commandFlags(command.name).flags, flags), console);
        return 0;
      }
  }
  setOffline(flags.options, console);
  const words = [...before, ...after];
  if (CHANGING.includes(command.name)) {
    const { changeModule } = await import("./change-module.ts");
    const left = await changeModule(command, { words, flags, console, loadEngine });
    if (typeof left === "number") return left;
    if (command.name === "init") {
      const { initRepository } = await import("./commands/start.ts");
      return await initRepository(await loadEngine(), left.dryRun, { flags, console });
    }
  }
  if (command.name === "doctor") {
    const { examineRepository } = await import("./commands/start.ts");
    return await examineRepository(await loadEngine(), { flags, console });
  }
  if (command.name === "completion") {
    await printCompletion(words, flags, console);
    return 0;
  }
  if (command.name === "store") {
    const { runStore } = await import("./commands/store.ts");
    await runStore(words, { flags, console });
    return 0;
  }
  if (command.name === "trace") {
    const { runTrace } = await import("./commands/trace.ts");
    await runTrace(words, { flags, console });
    return 0;
  }
  const { runWithEngine } = await import("./run-with-engine.ts");
  return await runWithEngine(await loadEngine(), { command, words, flags, help, console });
}

/** The first line is that of `--version`. */
async function printVersions({ options }: CommonFlags, console: Console): Promise<void> {
  const { versionDetails } = await import("./versions.ts");
  await writeOut(console.stdout, `${versionText()}\n${versionDetails(options, console)}`);
}

/** What a shell asks at a TAB: it gets an answer or nothing, and never an error in the line that is typed. */
async function answerShell(line: readonly string[], console: Console): Promise<number> {
  try {
    // A module that a dagger.json names by an address is taken from the store, or not at all.
    process.env["SLIPWAY_OFFLINE"] = "1";
    const { complete } = await import("./completion/complete.ts");
    await writeOut(console.stdout, answerText(await complete(line, console)));
  } catch {
    return 0;
  }
  return 0;
}

/** @throws UsageError when no shell is named, or another one */
async function printCompletion(words: readonly string[], flags: CommonFlags, console: Console): Promise<void> {
  const { words: given } = readCommand("completion", words, flags);
  const shell = SHELLS.find((one) => one === given[0]);
  if (shell === undefined || given.length > 1) {
    const wrong = given.join(" ");
    const choices = SHELLS.join(", ");
    const said =
      given.length === 0
        ? `name a shell: one of ${choices}`
        : `there is no completion for ${JSON.stringify(wrong)}, only for ${choices}`;
    throw new UsageError(said, `${PROGRAM} completion`);
  }
  const { ownCommand } = await import("./commands/run-program.ts");
  await writeOut(console.stdout, completionScript(shell, ownCommand(process.argv[1] ?? "").program));
}

/**
 * By the environment, so that a program that is started here is offline as well.
 *
 * @throws Error when the environment says neither yes nor no
 */
function setOffline({ offline }: GlobalOptions, { env }: Console): void {
  if (offline !== undefined) env["SLIPWAY_OFFLINE"] = offline ? "1" : "0";
  isOffline(env);
}

async function loadEngine(): Promise<OpenEngine> {
  return (await import("./embedded.ts")).openEmbeddedEngine;
}

/** The first word that is neither a flag nor the value of a global one is the command. */
function splitAtCommand(argv: readonly string[]): { name: string | undefined; before: string[]; after: string[] } {
  const flags = commonFlags();
  const valued = new Set<string>();
  for (const flag of [...flags.global, ...flags.module, ...flags.result]) {
    if (flag.bareValue !== undefined) continue;
    valued.add(`--${flag.name}`);
    if (flag.shorthand !== undefined) valued.add(`-${flag.shorthand}`);
  }
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? "";
    if (valued.has(word)) place++;
    else if (!word.startsWith("-")) return { name: word, before: argv.slice(0, place), after: argv.slice(place + 1) };
  }
  return { name: undefined, before: [...argv], after: [] };
}

function untilDashes(words: readonly string[]): readonly string[] {
  const dashes = words.indexOf("--");
  return dashes < 0 ? words : words.slice(0, dashes);
}

async function showRoot(words: readonly string[], console: Console): Promise<number> {
  const flags = commonFlags();
  try {
    new FlagSet([...flags.global, VERSION_FLAG]).parse(words, { interspersed: true });
  } catch (error) {
    throw new UsageError(messageOf(error), PROGRAM, meantBy(error));
  }
  if (words.includes("--version")) await writeOut(console.stdout, `${versionText()}\n`);
  else await showPage(rootHelp(flags), console);
  return 0;
}

const VERSION_FLAG: Flag = { name: "version", usage: "", typeText: "", bareValue: "true", set: () => {} };

async function showHelpOf(name: string | undefined, flags: CommonFlags, console: Console): Promise<number> {
  const command = name === undefined || name.startsWith("-") ? undefined : findCommand(name);
  if (name !== undefined && !name.startsWith("-") && command === undefined) {
    throw new Error(refusal(name) ?? unknownCommand(name, PROGRAM));
  }
  await showPage(
    command === undefined ? rootHelp(flags) : commandHelp(command, ownFlags(command, flags), flags),
    console,
  );
  return 0;
}

function ownFlags(command: CommandInfo, flags: CommonFlags): readonly Flag[] {
  return command.name === "call" || command.name === "core" ? flags.result : commandFlags(command.name).flags;
}

async function showPage(page: HelpPage, { stdout, env }: Console): Promise<void> {
  const width = stdout.columns === undefined ? DEFAULT_WIDTH : stdout.columns - 1;
  await writeOut(stdout, renderHelp(page, { width, colour: wantsColour(stdout, env) }));
}

/** `run`: flags end at the command, which keeps all its words. */
async function runRun(before: readonly string[], after: readonly string[], console: Console): Promise<number> {
  const flags = commonFlags();
  const set = new FlagSet([...flags.global, ...flags.module]);
  const parsed = set.parse([...before, ...after], { interspersed: false });
  const command = findCommand("run");
  if (parsed.help && command !== undefined) {
    await showPage(commandHelp(command, flags.module, flags), console);
    return 0;
  }
  chooseFormat(flags.options, console);
  setOffline(flags.options, console);
  const { ownCommand, runProgram } = await import("./commands/run-program.ts");
  const isAuto = flags.options.progress === "auto" && (console.env["DAGGER_PROGRESS"] ?? "") === "";
  const words = [...before, ...after]
    .slice(0, before.length + after.length - parsed.words.length)
    .filter((w) => w !== "--");
  // The program has the terminal: a tree that is drawn again and again would go through its output.
  const progress = isAuto ? ["--progress=plain"] : [];
  return await runProgram(console, ownCommand(process.argv[1] ?? ""), [...words, ...progress], parsed.words);
}
