import { resolve } from "node:path";
import { kebabName } from "../../api/names.ts";
import { findModuleDir } from "../../module/module-dir.ts";
import { readServedSources, type ServedSources } from "../../module/served-sources.ts";
import { readConfig, resolveModuleRef } from "../../module/source.ts";
import { findCommand } from "../commands.ts";
import { commonFlags, scanCommonFlags } from "../global-flags.ts";
import { moduleFor } from "../own-module.ts";
import { functionsInText } from "./functions-in-text.ts";
import { contentOf, recallModule } from "./keep.ts";
import type { KnownFunction, KnownModule } from "./known-module.ts";

/** The module that a line is about, as far as it is known. */
export interface FoundModule {
  readonly module: KnownModule;
  /** Names of the modules that its dagger.json has as dependencies and as toolchains. */
  readonly dependencies: readonly string[];
  readonly toolchains: readonly string[];
}

const EMPTY: KnownModule = { construct: [], start: [], objects: {}, checks: [], generators: [], services: [] };

/** What is known of the module that the words are about; undefined where there is none. */
export function findModule(
  words: readonly string[],
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): FoundModule | undefined {
  const { moduleDir, isNamed } = findFolder(words, env, cwd);
  if (moduleDir === undefined) return undefined;
  const sources = orUndefined(() => readServedSources(moduleDir, isNamed));
  const known = recallModule(sources === undefined ? undefined : contentOf(sources), moduleDir, env);
  const config = orUndefined(() => readConfig(moduleDir));
  const toolchains = config?.toolchains.map(({ name }) => name) ?? [];
  return {
    module: known?.isCurrent === true ? known.module : asInText(known?.module ?? EMPTY, sources, toolchains),
    dependencies: config?.dependencies.map(({ name }) => name) ?? [],
    toolchains,
  };
}

function findFolder(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): { readonly moduleDir: string | undefined; readonly isNamed: boolean } {
  const flags = commonFlags();
  orUndefined(() => scanCommonFlags(flags, words));
  const { options } = flags;
  const searchDir = resolve(cwd, options.workdir ?? ".");
  const command = findCommand("call") ?? { name: "call" };
  const ref = orUndefined(() => moduleFor(command, options, { searchDir, env, tell: () => {} }));
  if (options.noModule) return { moduleDir: undefined, isNamed: false };
  if (ref === undefined) return { moduleDir: findModuleDir(searchDir), isNamed: false };
  return { moduleDir: orUndefined(() => resolveModuleRef(ref, searchDir)), isNamed: true };
}

/** The code has changed since it was loaded: the names of functions are as they stand there now, the rest as it was. */
function asInText(known: KnownModule, sources: ServedSources | undefined, toolchains: readonly string[]): KnownModule {
  const entry = sources?.modules.find(({ isEntry }) => isEntry)?.source;
  const names = entry === undefined ? [] : functionsInText(entry);
  if (names.length === 0) return known;
  const before = new Map(known.start.map((one) => [one.name, one]));
  const start = [...names, ...toolchains.map(kebabName)].map(
    (name): KnownFunction => before.get(name) ?? { name, about: "", flags: [] },
  );
  return { ...known, start };
}

function orUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
