import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findModuleDir } from "../module/module-dir.ts";
import { defaultBundlesDir } from "../module/runtime-files.ts";
import { readConfig } from "../module/source.ts";
import { tellSize } from "../store/size-text.ts";
import { storeDir } from "../store/system-words.ts";
import { storeLimit } from "../upkeep/limit.ts";
import { Sizes } from "../upkeep/sizes.ts";
import type { Console } from "./console.ts";
import { ENGINE_BUILD } from "./engine-build.ts";
import { messageOf } from "./errors.ts";
import type { GlobalOptions } from "./global-flags.ts";
import { moduleFor } from "./own-module.ts";

/**
 * What else a report of a fault needs beside the version: a line each for the engine, the module that a call here would be
 * of, Node, and the store. Nothing is measured or loaded for it; what cannot be told says why.
 */
export function versionDetails(
  options: Pick<GlobalOptions, "moduleRef" | "noModule" | "workdir">,
  { env, cwd }: Pick<Console, "env" | "cwd">,
): string {
  const rows: readonly (readonly [string, () => string])[] = [
    ["engine", () => `embedded, build ${ENGINE_BUILD}, ${dirname(defaultBundlesDir())}`],
    ["module", () => moduleText(options, { env, cwd })],
    ["node", () => `${process.version}, ${process.execPath}`],
    ["store", () => storeText(env)],
  ];
  return rows.map(([name, tell]) => `${name.padEnd(8)}${orReason(tell)}\n`).join("");
}

function orReason(tell: () => string): string {
  try {
    return tell();
  } catch (error) {
    return messageOf(error).split("\n")[0] ?? "";
  }
}

function moduleText(
  options: Pick<GlobalOptions, "moduleRef" | "noModule" | "workdir">,
  { env, cwd }: Pick<Console, "env" | "cwd">,
): string {
  const searchDir = resolve(cwd, options.workdir ?? ".");
  const named = moduleFor({ name: "call" }, options, { searchDir, env, tell: () => {} });
  const dir = options.noModule ? undefined : findModuleDir(named === undefined ? searchDir : resolve(searchDir, named));
  if (dir === undefined) return named ?? "none here (dagger.json)";
  const { name, engineVersion } = readConfig(dir);
  return `${name}, for Dagger ${engineVersion}, ${join(dir, "dagger.json")}`;
}

/** Without layers that nothing has measured yet: `slipway store` measures them. */
function storeText(env: NodeJS.ProcessEnv): string {
  const dir = storeDir(env);
  if (!existsSync(join(dir, "layers"))) return `${dir}, empty`;
  const most = storeLimit(dir, env);
  const limit = Number.isFinite(most) ? `limit ${tellSize(most)}` : "no limit";
  return `${dir}, ${tellSize(new Sizes(dir).totalBytes)} (${limit})`;
}
