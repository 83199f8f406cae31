import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { clientSources, hasGeneratedFiles, type ModuleEdit, writeModule } from "../../module/author/module-edit.ts";
import { parseObject } from "../../module/config.ts";
import { looksRemote } from "../../module/git-address.ts";
import { findModuleDir } from "../../module/module-dir.ts";
import { defaultBundlesDir } from "../../module/runtime-files.ts";
import { resolveModuleRef, type Tell } from "../../module/source.ts";
import type { CommandOptions } from "../command-options.ts";
import type { CommandInfo } from "../commands.ts";
import type { Console } from "../console.ts";
import type { OpenEngine } from "../engine.ts";
import { messageOf } from "../errors.ts";
import type { CommonFlags } from "../global-flags.ts";
import { runWithEngine } from "../run-with-engine.ts";

/** What a command that changes a module was asked for. */
export interface Edit {
  readonly command: CommandInfo;
  readonly console: Console;
  readonly flags: CommonFlags;
  readonly own: CommandOptions;
  readonly words: readonly string[];
  /** Loads the engine. Not called where nothing of it is needed. */
  readonly loadEngine: () => Promise<OpenEngine>;
}

/** Where a command works. */
export function callerDirOf({ console, flags }: Edit): string {
  return resolve(console.cwd, flags.options.workdir ?? ".");
}

/** Says something beside the result. */
export function tellOf({ console, flags }: Edit): Tell {
  return (line) => {
    if (!flags.options.silent) console.stderr.write(`${line}\n`);
  };
}

/** A module of this machine with what its dagger.json says; undefined text where it has none. */
export interface FoundModule {
  readonly moduleDir: string;
  readonly text: string | undefined;
}

/**
 * The module that a command changes: the one that `-m` names, or that of the caller's folder.
 *
 * @throws Error when it is not of this machine
 */
export function findEdited(edit: Edit): FoundModule {
  const { moduleRef, noModule } = edit.flags.options;
  if (noModule) throw new Error("cannot use default module source with --no-mod");
  const callerDir = callerDirOf(edit);
  const named = moduleRef ?? edit.console.env["DAGGER_MODULE"];
  if (named === undefined) {
    const found = findModuleDir(callerDir);
    return { moduleDir: found ?? callerDir, text: found === undefined ? undefined : configOf(found) };
  }
  if (!existsSync(resolve(callerDir, named)) && looksRemote(named)) {
    const from = moduleRef === undefined ? `DAGGER_MODULE=${JSON.stringify(named)}` : `--mod=${JSON.stringify(named)}`;
    const asked =
      edit.command.name === "develop" ? "get local context directory path" : "check if module already exists";
    throw new Error(
      `failed to ${asked}: module source ${JSON.stringify(named)} kind must be "local", got "git"
hint: module source came from ${from}; if you intended local, pass \`--mod .\``,
    );
  }
  const dir = resolve(callerDir, named);
  if (existsSync(dir) && findModuleDir(dir) === undefined) return { moduleDir: realpathSync(dir), text: undefined };
  const found = resolveModuleRef(named, callerDir);
  return { moduleDir: found, text: configOf(found) };
}

/** @throws Error `module must be fully initialized` */
export function findInitialized(edit: Edit): { readonly moduleDir: string; readonly text: string } {
  const { moduleDir, text } = findEdited(edit);
  if (text === undefined) throw new Error("module must be fully initialized");
  return { moduleDir, text };
}

/** @throws ModuleProblem when it cannot be read as one */
function configOf(moduleDir: string): string {
  const text = readFileSync(join(moduleDir, "dagger.json"), "utf8");
  parseObject(text);
  return text;
}

/**
 * Writes a module. For its client the modules that it depends on are loaded first, which takes the engine.
 *
 * @param failed what is said before whatever goes wrong
 * @returns the exit code: when it is not 0, the person was told
 */
export async function carryOut(edit: Edit, change: ModuleEdit, failed: string): Promise<number> {
  const bundlesDir = defaultBundlesDir();
  const sources = saying(failed, () => (hasGeneratedFiles(change) ? clientSources(change, tellOf(edit)) : []));
  if (sources.length === 0) {
    saying(failed, () => writeModule(change, [], bundlesDir));
    return 0;
  }
  const { command, words, flags, console } = edit;
  const { moduleDir, config } = change;
  const served = { moduleDir, name: config.name, modules: sources.map((source) => ({ source, isEntry: false })) };
  const open = await edit.loadEngine();
  const openServed: OpenEngine = async (options) => {
    try {
      return await open({ ...options, served });
    } catch (error) {
      throw new Error(`${failed}: ${messageOf(error)}`, { cause: error });
    }
  };
  return await runWithEngine(openServed, {
    command,
    words,
    flags,
    console,
    help: false,
    action: async ({ offered }) =>
      saying(failed, () =>
        writeModule(
          change,
          offered.map(({ def }) => def),
          bundlesDir,
        ),
      ),
  });
}

/** @throws Error with what failed in front of why */
export function saying<T>(failed: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${failed}: ${messageOf(error)}`, { cause: error });
  }
}
