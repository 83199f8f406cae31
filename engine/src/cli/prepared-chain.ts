import { join } from "node:path";
import { constructorField } from "../module/schema-text.ts";
import type { FindDefault } from "../module/user-defaults.ts";
import type { ArgumentFlag } from "./argument-flag.ts";
import { valueOfFlag } from "./argument-values.ts";
import { argumentFlags, ChainError, objectOf, parseChain, type Step } from "./chain.ts";
import type { Run } from "./console.ts";
import type { Args, Engine, ObjectInfo } from "./engine.ts";
import { messageOf } from "./errors.ts";
import type { Selection } from "./evaluate.ts";
import type { Flag } from "./flag-set.ts";

/** What a chain of words came to, ready to be run. */
export interface PreparedChain {
  readonly steps: readonly Step[];
  /** Arguments of the constructor. */
  readonly construct: Args;
  readonly selections: readonly Selection[];
}

export interface ChainContext {
  readonly engine: Engine;
  readonly commandPath: string;
  readonly commonFlags: readonly Flag[];
  /** `core`: the root of the API instead of the module's main object. */
  readonly isCore: boolean;
  readonly findDefault: FindDefault;
  readonly note: (text: string) => void;
}

/**
 * What `.env` files have for the arguments of the loaded modules: those need not be given, and the engine makes their values. Lines
 * under a name that is not read are noted.
 */
export function defaultsFor({ offered, start }: Engine, note: Run["note"]): FindDefault {
  const finds = offered.map(({ def, isEntry, userDefaults }) => ({ def, isEntry, ...userDefaults() }));
  for (const { written, read, baseDir } of finds.flatMap(({ unread }) => unread()))
    note(`${join(baseDir, ".env")}: ${written} is not read; write ${read}`);
  return (of, argument) => {
    const named = finds.find(
      ({ def: { main }, isEntry }) => !isEntry && main && constructorField(main) === of.function,
    );
    if (named !== undefined && (of.owner === undefined || of.owner === start?.name)) return named.find({}, argument);
    const owner = finds.find(({ def }) => def.objects.some(({ name }) => name === of.owner));
    return (owner ?? finds.find(({ isEntry }) => isEntry))?.find(of, argument);
  };
}

/** Where a chain begins: the constructor of the main object, or the root of the core API. */
export function firstStep(engine: Engine, commandPath: string, isCore: boolean): Step {
  if (isCore) return { commandPath, flags: [], next: engine.types.object(engine.root.type) };
  const made = engine.module?.main?.constructor_;
  return {
    commandPath,
    flags:
      made === undefined ? [] : argumentFlags(made, engine.types, false).map((flag) => ({ ...flag, required: false })),
    next: engine.start,
  };
}

export function readChain(context: ChainContext, args: readonly string[], forHelp: boolean): readonly Step[] {
  const { engine, findDefault } = context;
  return parseChain(firstStep(engine, context.commandPath, context.isCore), args, {
    types: engine.types,
    commonFlags: context.commonFlags,
    forHelp,
    hasDefault: (step, argument) =>
      !step.owner.isCore &&
      findDefault({ owner: step.owner.name, function: step.function.name }, argument) !== undefined,
  });
}

/**
 * Makes the values of all arguments.
 *
 * @throws ChainError at the step whose argument cannot be made
 */
export async function prepareChain(context: ChainContext, steps: readonly Step[]): Promise<PreparedChain> {
  const [first, ...rest] = steps;
  if (first === undefined) return { steps, construct: {}, selections: [] };
  const construct = await argumentsOf(context, first, [first]);
  const selections: Selection[] = [];
  for (const [place, step] of rest.entries()) {
    const args = await argumentsOf(context, step, steps.slice(0, place + 2));
    selections.push({ field: step.function?.name ?? "", args });
  }
  return { steps, construct, selections };
}

async function argumentsOf(context: ChainContext, step: Step, steps: readonly Step[]): Promise<Args> {
  const values = await Promise.allSettled(step.flags.map((flag) => valueOfFlag(context.engine, flag, context.note)));
  const args: Record<string, unknown> = {};
  for (const [place, result] of values.entries()) {
    if (result.status === "rejected") {
      throw Object.assign(new ChainError(messageOf(result.reason), steps), { cause: result.reason });
    }
    if (result.value !== undefined) args[step.flags[place]?.argument.name ?? ""] = result.value;
  }
  return args;
}

/** The step as its help shows it: what a `.env` file gives is a default, and need not be given any more. */
export function withUserDefaults(context: ChainContext, step: Step): Step {
  if (context.isCore || step.owner?.isCore === true) return step;
  const flags = step.flags.map((flag): ArgumentFlag => {
    const found = context.findDefault(placeOf(step), flag.argument.name);
    if (found === undefined) return flag;
    const shown = defaultText(flag, found.text);
    const usage = flag.usage.replace(/ ?\[required\]$/, "");
    return { ...flag, usage, required: false, ...(shown === undefined ? {} : { defaultText: shown }) };
  });
  return { ...step, flags };
}

/** Objects and lists are made when they are needed: their default is not shown. */
function defaultText({ argument: { type } }: ArgumentFlag, text: string): string | undefined {
  if (type.kind === "string") return JSON.stringify(text);
  return ["integer", "float", "boolean", "enum"].includes(type.kind) ? text : undefined;
}

/** Nothing for the constructor. */
function placeOf({ owner, function: called }: Step): { readonly owner?: string; readonly function?: string } {
  return owner === undefined || called === undefined ? {} : { owner: owner.name, function: called.name };
}

/** The type of what the chain ends in; undefined when that is no object. */
export function lastObject(engine: Engine, steps: readonly Step[]): ObjectInfo | undefined {
  const last = steps.at(-1);
  return last?.function === undefined ? last?.next : objectOf(last.function.returns, engine.types);
}
