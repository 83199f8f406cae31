import { commandFlags } from "../command-flags.ts";
import { COMMANDS, type CommandInfo, findCommand, type WordKind } from "../commands.ts";
import { commonFlags } from "../global-flags.ts";
import { coreObjects } from "./keep.ts";
import { type KnownFlag, type KnownFunction, type KnownObjects, knownFlag, type Named } from "./known-module.ts";
import { type FoundModule, findModule } from "./module-here.ts";
import { listRuns } from "./own-words.ts";
import { findFlag, readBefore } from "./read-words.ts";
import { type Answer, NOTHING, offer, valuesOf } from "./values.ts";

/** Where a line is being typed. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Absolute. */
  readonly cwd: string;
}

/**
 * What could stand in the place of the last word. Nothing is started for it: no engine, no container, no cluster, no network.
 *
 * @param line the words behind the program's name; the last one, which may be empty, is the one to complete
 */
export async function complete(line: readonly string[], around: Surroundings): Promise<Answer> {
  const words = line.slice(0, -1);
  const current = line.at(-1) ?? "";
  const flags = commonFlags();
  const common = [...flags.global, ...flags.module, ...flags.result].map(knownFlag);
  const start = readBefore(common, words, false);
  const [name, ...rest] = start.words;
  const shown = [...flags.global.filter(({ hidden }) => hidden !== true).map(knownFlag), HELP, VERSION];
  if (name === undefined) {
    const at = { flags: common, shown, given: start.given, current };
    return await flagOrValue({ ...at, ...openOf(start) }, [], around, () => offer(current, commandNames()));
  }
  const command = findCommand(name);
  if (command === undefined) return NOTHING;
  const before = words.slice(0, words.length - start.words.length);
  return await completeCommand(command, { before, words: rest, current }, around);
}

const HELP: KnownFlag = { name: "help", shorthand: "h", about: "Show help", bareValue: "true" };
const VERSION: KnownFlag = { name: "version", about: "Print the version", bareValue: "true" };

function commandNames(): readonly Named[] {
  return COMMANDS.filter(({ hidden }) => !hidden).map(({ name, short }) => ({ name, about: short }));
}

interface Typed {
  /** Before the command. */
  readonly before: readonly string[];
  /** Behind it. */
  readonly words: readonly string[];
  readonly current: string;
}

async function completeCommand(command: CommandInfo, typed: Typed, around: Surroundings): Promise<Answer> {
  const common = commonFlags();
  const takesResult = command.name === "call" || command.name === "core";
  const own = [
    ...(takesResult ? common.result : commandFlags(command.name).flags),
    ...(command.loadsModule ? common.module : []),
    ...common.global,
  ];
  const flags = own.map(knownFlag);
  const shown = [...own.filter(({ hidden }) => hidden !== true).map(knownFlag), HELP];
  const { current } = typed;
  if (takesResult) return await completeCall(command, typed, { flags, shown }, around);
  const start = readBefore(flags, [...typed.before, ...typed.words], true);
  const at = { flags, shown, given: start.given, current, isOver: start.isOver };
  return await flagOrValue({ ...at, ...openOf(start) }, [], around, () =>
    wordsOf(command, [...typed.before, ...typed.words], start.words, current, around),
  );
}

interface Offered {
  readonly flags: readonly KnownFlag[];
  /** Those that are offered. */
  readonly shown: readonly KnownFlag[];
}

/** Goes along the chain of functions as `call` does. */
async function completeCall(
  command: CommandInfo,
  typed: Typed,
  common: Offered,
  around: Surroundings,
): Promise<Answer> {
  const isCore = command.name === "core";
  const found = isCore ? undefined : findModule([...typed.before, ...typed.words], around);
  const core = (): Promise<KnownObjects> => coreObjects(around.env);
  let functions: readonly KnownFunction[] = isCore ? ((await core())["Query"] ?? []) : (found?.module.start ?? []);
  let own: readonly KnownFlag[] = found?.module.construct ?? [];
  let words = typed.words;
  const called: string[] = [];
  for (;;) {
    const flags = [...own, ...common.flags];
    const start = readBefore(flags, words, false);
    const [name, ...rest] = start.words;
    if (name === undefined) {
      const at = { flags, shown: [...own, ...common.shown], given: start.given, current: typed.current };
      return await flagOrValue({ ...at, isOver: start.isOver, ...openOf(start) }, called, around, () =>
        offer(typed.current, functions),
      );
    }
    const next = functions.find((one) => one.name === name);
    if (next === undefined) return NOTHING;
    called.push(name);
    own = next.flags;
    functions = await followers(next, found, core);
    words = rest;
  }
}

async function followers(
  { next }: KnownFunction,
  found: FoundModule | undefined,
  core: () => Promise<KnownObjects>,
): Promise<readonly KnownFunction[]> {
  if (next === undefined) return [];
  return found?.module.objects[next] ?? (await core())[next] ?? [];
}

interface At extends Offered {
  readonly given: ReadonlySet<string>;
  readonly current: string;
  readonly open?: KnownFlag;
  readonly isOver?: boolean;
}

function openOf({ open }: { readonly open?: KnownFlag }): { readonly open?: KnownFlag } {
  return open === undefined ? {} : { open };
}

/** A value of the flag before, a flag, or one of the words that can stand there. */
async function flagOrValue(
  { flags, shown, given, current, open, isOver }: At,
  called: readonly string[],
  around: Surroundings,
  words: () => Answer | Promise<Answer>,
): Promise<Answer> {
  if (open !== undefined) return valuesOf(open, called, current, around);
  if (!current.startsWith("-") || isOver === true) return await words();
  const equals = current.indexOf("=");
  if (equals > 0) {
    const flag = findFlag(flags, current);
    if (flag === undefined) return NOTHING;
    const answer = valuesOf(flag, called, current.slice(equals + 1), around);
    return { ...answer, kept: current.slice(0, equals + 1) + answer.kept };
  }
  const left = shown.filter(({ name }) => !given.has(name));
  return offer(current, [...new Map(left.map(({ name, about }) => [name, { name: `--${name}`, about }])).values()]);
}

async function wordsOf(
  { words = [] }: CommandInfo,
  all: readonly string[],
  before: readonly string[],
  current: string,
  around: Surroundings,
): Promise<Answer> {
  if (typeof words === "string") return await wordsOfKind(words, all, before, current, around);
  return offer(current, before.length > 0 ? [] : named(words, []));
}

async function wordsOfKind(
  words: WordKind,
  all: readonly string[],
  before: readonly string[],
  current: string,
  around: Surroundings,
): Promise<Answer> {
  const found = (): FoundModule | undefined => findModule(all, around);
  switch (words) {
    case "commands":
      return offer(current, before.length > 0 ? [] : commandNames());
    case "checks":
    case "generators":
    case "services":
      return offer(current, withoutModule(found()?.module[words] ?? [], before));
    case "functions":
      return offer(current, await functionsBehind(before, found(), around));
    case "runs":
      return offer(current, before.length > 0 ? [] : listRuns(around.env));
    case "dependencies":
      return offer(current, named(found()?.dependencies ?? [], before));
    case "toolchains": {
      const [verb] = before;
      if (verb === undefined) return offer(current, named(["install", "list", "uninstall", "update"], []));
      if (verb === "install") return { ...NOTHING, mode: "folders" };
      return offer(current, verb === "list" ? [] : named(found()?.toolchains ?? [], before));
    }
    case "folders":
    case "files":
      return { ...NOTHING, mode: words };
  }
}

function named(names: readonly string[], given: readonly string[]): readonly Named[] {
  return names.filter((name) => !given.includes(name)).map((name) => ({ name, about: "" }));
}

/** Names with the module's in front are understood, but nobody types them. */
function withoutModule(entries: readonly Named[], given: readonly string[]): readonly Named[] {
  const short = entries.map(({ name, about }) => ({ name: name.slice(name.indexOf(":") + 1), about }));
  const names = short.map(({ name }) => name);
  // Two modules may have a check of one name.
  const offered = entries.map((entry, place) => {
    const one = short[place] ?? entry;
    return names.filter((name) => name === one.name).length > 1 ? entry : one;
  });
  return offered.filter(({ name }) => !given.includes(name));
}

async function functionsBehind(
  path: readonly string[],
  found: FoundModule | undefined,
  { env }: Surroundings,
): Promise<readonly Named[]> {
  let functions: readonly KnownFunction[] = found?.module.start ?? [];
  for (const name of path) {
    const next = functions.find((one) => one.name === name);
    if (next === undefined) return [];
    functions = await followers(next, found, () => coreObjects(env));
  }
  return functions;
}
