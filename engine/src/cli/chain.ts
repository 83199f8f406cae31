import { kebabName } from "../api/names.ts";
import type { TypeRef } from "../module/definition.ts";
import { type ArgumentFlag, argumentFlag } from "./argument-flag.ts";
import type { FunctionInfo, ObjectInfo, Types } from "./engine.ts";
import { meantBy, messageOf, UsageError } from "./errors.ts";
import { type Flag, FlagSet, missingFlags, type Parsed } from "./flag-set.ts";
import { nearestTo } from "./nearest.ts";

/** One function of a chain, with the flags that were given for it. */
export interface Step {
  /** `slipway call build file`: what hints and the help name. */
  readonly commandPath: string;
  /** Absent for the first step: the constructor of the main object, or the root. */
  readonly function?: FunctionInfo;
  /** Type of the object that the function belongs to; absent for the first step. */
  readonly owner?: ObjectInfo;
  readonly flags: readonly ArgumentFlag[];
  /** What can follow. */
  readonly next: ObjectInfo | undefined;
}

export interface ChainRules {
  readonly types: Types;
  /** Flags that stand at every step: those of `call` itself and the global ones. */
  readonly commonFlags: readonly Flag[];
  /** Whether something else than a flag gives the argument. */
  readonly hasDefault: (step: { owner: ObjectInfo; function: FunctionInfo }, argument: string) => boolean;
  /** Nothing is checked that the help does not need. */
  readonly forHelp: boolean;
}

export class ChainError extends UsageError {
  constructor(
    message: string,
    /** Steps that could be read, the last one being where it went wrong. */
    readonly steps: readonly Step[],
    meant: readonly string[] = [],
  ) {
    super(message, steps.at(-1)?.commandPath, meant);
  }
}

/**
 * Reads `--registry x build --platform y file --path z` against the types: constructor flags, then function after
 * function with its own flags.
 *
 * @throws ChainError when a word is no function, or a flag is wrong or missing
 */
export function parseChain(first: Step, args: readonly string[], rules: ChainRules): readonly Step[] {
  const steps: Step[] = [first];
  let step = first;
  let words = args;
  for (;;) {
    const parsed = parseStep(step, words, steps, rules);
    const [name, ...rest] = parsed.words;
    if (name === undefined) return steps;
    step = nextStep(step, name, steps, rules.types);
    steps.push(step);
    words = rest;
  }
}

function parseStep(step: Step, words: readonly string[], steps: readonly Step[], rules: ChainRules): Parsed {
  const flags = new FlagSet([...step.flags, ...rules.commonFlags]);
  let parsed: Parsed;
  try {
    parsed = flags.parse(words, { interspersed: false });
  } catch (error) {
    throw new ChainError(messageOf(error), steps, meantBy(error));
  }
  const { function: called, owner } = step;
  if (rules.forHelp || called === undefined || owner === undefined) return parsed;
  const wanted = step.flags.filter((flag) => !rules.hasDefault({ owner, function: called }, flag.argument.name));
  const missing = missingFlags(wanted, parsed.given);
  if (missing !== undefined) throw new ChainError(missing, steps);
  return parsed;
}

function nextStep(from: Step, name: string, steps: readonly Step[], types: Types): Step {
  const owner = from.next;
  const supported = owner === undefined ? [] : supportedFunctions(owner, types).supported;
  const called = supported.find((f) => kebabName(f.name) === name);
  if (owner === undefined || called === undefined) {
    const meant = nearestTo(
      name,
      supported.map((one) => kebabName(one.name)),
    );
    throw new ChainError(`unknown command ${JSON.stringify(name)} for "${from.commandPath}"`, steps, meant);
  }
  return {
    commandPath: `${from.commandPath} ${name}`,
    function: called,
    owner,
    flags: argumentFlags(called, types, owner.isCore),
    next: objectOf(called.returns, types),
  };
}

export function argumentFlags(
  called: Pick<FunctionInfo, "args">,
  types: Types,
  isCore: boolean,
): readonly ArgumentFlag[] {
  return called.args.flatMap((argument) => argumentFlag(argument, types, isCore) ?? []);
}

/** The object whose functions can follow a value of that type: its own, or that of its elements. */
export function objectOf(type: TypeRef, types: Types): ObjectInfo | undefined {
  if (type.kind === "list") return type.element === undefined ? undefined : objectOf(type.element, types);
  return type.kind === "object" || type.kind === "interface" ? types.object(type.name ?? "") : undefined;
}

/** Functions that can be called from the command line, in order of their command names, and the names of the others. */
export function supportedFunctions(
  owner: ObjectInfo,
  types: Types,
): { readonly supported: readonly FunctionInfo[]; readonly skipped: readonly string[] } {
  const supported: FunctionInfo[] = [];
  const skipped: string[] = [];
  for (const called of owner.functions) {
    const flags = argumentFlags(called, types, owner.isCore);
    const named = new Set(flags.map((flag) => flag.argument.name));
    const blocked = called.args.some((a) => !named.has(a.name) && !a.type.optional && a.defaultValue === undefined);
    if (blocked) skipped.push(kebabName(called.name));
    else supported.push(called);
  }
  supported.sort((a, b) => compareText(kebabName(a.name), kebabName(b.name)));
  return { supported, skipped: skipped.sort(compareText) };
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
