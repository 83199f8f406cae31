import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { findWorkspace } from "../api/workspace-view.ts";
import { findModuleDir } from "../module/module-dir.ts";
import { defaultBundlesDir } from "../module/runtime-files.ts";
import { isAtOrBelow } from "../store/paths.ts";
import type { CommandInfo } from "./commands.ts";
import type { GlobalOptions } from "./global-flags.ts";

/** Commands that are about Slipway's own module where the caller's repository has none. */
const WITH_OWN_MODULE = ["call", "check", "functions", "generate"];

/** Set to `off`, a folder without a module has none, as for Dagger's own command. */
const SWITCH = "SLIPWAY_OWN_MODULE";

/**
 * The folder with the dagger.json that came with this program.
 *
 * @throws Error when there is none: then this is no whole installation
 */
export function findOwnModule(start = defaultBundlesDir()): string {
  const found = findModuleDir(start);
  if (found !== undefined) return found;
  throw new Error("this installation has no module: there is no dagger.json above the engine");
}

/**
 * What `-m` names, or would name for a command that was given no module: what the variable does, else Slipway's own where no dagger.json
 * is found.
 *
 * @param tell gets a line that says which module works on which repository
 */
export function moduleFor(
  command: Pick<CommandInfo, "name">,
  options: Pick<GlobalOptions, "moduleRef" | "noModule">,
  where: { readonly searchDir: string; readonly env: NodeJS.ProcessEnv; tell(line: string): void },
): string | undefined {
  const { searchDir, env, tell } = where;
  if (options.moduleRef !== undefined || options.noModule) return options.moduleRef;
  if (env["DAGGER_MODULE"]) return env["DAGGER_MODULE"];
  if (!WITH_OWN_MODULE.includes(command.name) || env[SWITCH] === "off") return undefined;
  if (findModuleDir(searchDir) !== undefined) return undefined;
  const own = findOwnModule();
  const { root } = findWorkspace(searchDir);
  tell(`there is no dagger.json here: Slipway's own module (${own}) works on ${root}${noteWide(root, env)}`);
  return own;
}

/** Hardly anybody means the whole machine, or all that a person has on it. */
function noteWide(root: string, { HOME: home = "" }: NodeJS.ProcessEnv): string {
  if (existsSync(join(root, ".git")) || !isAtOrBelow(resolve(home || "/"), root)) return "";
  const what = root === "/" ? "the whole machine" : `the whole of ${root}`;
  return `, which is no git repository: it looks through ${what}\n  to do: run the command in the folder of your project`;
}
