import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { kebabName } from "../../api/names.ts";
import { makeFolders } from "../../store/folders.ts";
import { ChainError, type Step } from "../chain.ts";
import { type Example, findCommand } from "../commands.ts";
import { PROGRAM, type Run, writeAbove, writeResult } from "../console.ts";
import type { Engine, Handle } from "../engine.ts";
import { OutputError } from "../errors.ts";
import { evaluate } from "../evaluate.ts";
import type { CommonFlags } from "../global-flags.ts";
import { DEFAULT_WIDTH, renderHelp, stepHelp } from "../help.ts";
import {
  type ChainContext,
  defaultsFor,
  lastObject,
  prepareChain,
  readChain,
  withUserDefaults,
} from "../prepared-chain.ts";
import { jsonText, plainText, referenceText } from "../print-value.ts";
import { wantsColour } from "../terminal.ts";
import { prepareTraceFile } from "../trace-file.ts";
import { applyChanges } from "./changes.ts";

export interface CallCommand {
  readonly name: "call" | "core";
  readonly commandPath: string;
  readonly description: string;
  readonly flags: CommonFlags;
  /** Whether `--help` stands somewhere among the words. */
  readonly forHelp: boolean;
}

/** What is known of a command before its words are read. */
export function callCommand(name: "call" | "core", flags: CommonFlags, forHelp: boolean): CallCommand {
  const description = findCommand(name)?.short ?? "";
  return { name, commandPath: `${PROGRAM} ${name}`, description, flags, forHelp };
}

/** `call [constructor flags] FUNCTION [flags] [FUNCTION …]`, and the same over the core API. */
export async function runCall(engine: Engine, run: Run, command: CallCommand, args: readonly string[]): Promise<void> {
  const isCore = command.name === "core";
  const context: ChainContext = {
    engine,
    commandPath: command.commandPath,
    commonFlags: [...command.flags.result, ...command.flags.module, ...command.flags.global],
    isCore,
    findDefault: isCore ? () => undefined : defaultsFor(engine, run.note),
    note: run.note,
  };
  let steps: readonly Step[];
  try {
    steps = readChain(context, args, command.forHelp);
  } catch (error) {
    if (command.forHelp && error instanceof ChainError) await helpBelowError(engine, run, command, error);
    throw error;
  }
  // A function's own argument of the name goes before the general one.
  if (steps.some(({ flags }) => flags.some(({ name }) => name === "trace"))) run.options.trace = "";
  prepareTraceFile(run.options, run.console.cwd);
  if (command.forHelp) {
    const last = steps.at(-1);
    const shown = last === undefined ? undefined : withUserDefaults(context, last);
    await writeResult(run, helpText(engine, run, command, shown));
    return;
  }
  if (steps.length === 1) {
    run.note(`no function is named: ${command.commandPath} --help lists them`);
    await writeResult(run, "Query\n");
    return;
  }
  const prepared = await prepareChain(context, steps);
  const start = isCore ? engine.root : await engine.construct(prepared.construct, prepared.selections[0]?.field ?? "");
  await printResult(engine, run, steps, await evaluate(engine, start, prepared.selections));
}

function helpText(engine: Engine, run: Run, command: CallCommand, step: Step | undefined): string {
  if (step === undefined) return "";
  const { stdout, env } = run.console;
  const page = stepHelp(step, engine.types, {
    description: command.description,
    use: `${command.commandPath} [options]`,
    examples: examplesOf(command, engine),
    options: [...command.flags.result, ...command.flags.module],
    inherited: command.flags.global,
  });
  const width = stdout.columns === undefined ? DEFAULT_WIDTH : stdout.columns - 1;
  return renderHelp(page, { width, colour: wantsColour(stdout, env) });
}

/** Those of Slipway's own module where it is this one; of another the first function that it has. */
function examplesOf({ name }: CallCommand, { start, root, types }: Engine): readonly Example[] {
  const owner = name === "core" ? types.object(root.type) : start;
  const names = owner?.functions.map((called) => kebabName(called.name)) ?? [];
  const fitting = findCommand(name)?.examples.filter(({ line }) => names.includes(line.split(" ")[1] ?? "")) ?? [];
  const [first] = names;
  if (fitting.length > 0 || first === undefined) return fitting;
  return [{ line: `${name} ${first} --help`, about: "the arguments of a function" }];
}

/** The help of the last word that was understood, on standard output as the real command line does. */
async function helpBelowError(engine: Engine, run: Run, command: CallCommand, error: ChainError): Promise<void> {
  await writeAbove(run, run.console.stdout, `\n${helpText(engine, run, command, error.steps.at(-1))}`);
}

const EXPORTED = new Set(["Changeset", "Container", "Directory", "File"]);

async function printResult(engine: Engine, run: Run, steps: readonly Step[], value: unknown): Promise<void> {
  const returns = steps.at(-1)?.function?.returns;
  const type = lastObject(engine, steps);
  const { output } = run.options;
  if (returns?.kind === "void") return;
  if (type?.name === "Changeset" && output === "") {
    await applyChanges(engine, run, (Array.isArray(value) ? value : [value]) as Handle[]);
    return;
  }
  if (type !== undefined && output !== "" && EXPORTED.has(type.name) && !Array.isArray(value) && value !== null) {
    const more = type.name === "File" ? { allowParentDirPath: true } : {};
    const path = await engine.select(value as Handle, "export", { path: output, ...more });
    run.note(`Saved to ${JSON.stringify(path)}.`);
    return;
  }
  if (type !== undefined) {
    await writeResult(run, await referenceText(engine, value));
    return;
  }
  await printPlain(run, run.options.json ? jsonText(value) : plainText(value));
}

async function printPlain(run: Run, text: string): Promise<void> {
  const { stdout, cwd } = run.console;
  if (run.options.output !== "") {
    const path = resolve(cwd, run.options.output);
    saveOutput(path, text);
    run.note(`Saved output to ${JSON.stringify(path)}.`);
  }
  const newline = stdout.isTTY === true && text !== "" && !text.endsWith("\n") ? "\n" : "";
  await writeResult(run, text + newline);
}

function saveOutput(path: string, text: string): void {
  try {
    makeFolders(dirname(path));
    writeFileSync(path, text);
  } catch (error) {
    throw new OutputError(error as Error, path);
  }
}
