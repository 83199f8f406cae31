import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { DependencyConfig } from "../../module/config.ts";
import { changedConfigText, withoutToolchain, withToolchain } from "../../module/config-text.ts";
import { looksRemote } from "../../module/git-address.ts";
import { fetchModule } from "../../module/git-modules.ts";
import { findModuleDir } from "../../module/module-dir.ts";
import { findContextDir, readConfig, resolveModuleRef } from "../../module/source.ts";
import { makeFolders } from "../../store/folders.ts";
import { isAtOrBelow } from "../../store/paths.ts";
import type { CommandOptions } from "../command-flags.ts";
import { type Console, writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import type { GlobalOptions } from "../global-flags.ts";

/** What a command that changes a dagger.json was asked for. */
export interface Edit {
  readonly console: Console;
  readonly options: GlobalOptions;
  readonly own: CommandOptions;
  readonly words: readonly string[];
}

/**
 * `init [--blueprint MODULE] [--name NAME] [PATH]`: writes a dagger.json.
 *
 * @throws Error `module already exists`, or what is wrong with the blueprint
 */
export async function initModule({ console, options, own, words }: Edit): Promise<void> {
  if (words.length > 1) throw new UsageError(`accepts at most 1 arg(s), received ${words.length}`, "slipway init");
  const dir = resolve(console.cwd, options.workdir ?? ".", words[0] ?? ".");
  const file = join(dir, "dagger.json");
  if (existsSync(file)) {
    if (own.name === "" && own.blueprint === "" && own.sdk === "") return;
    throw new Error("module already exists");
  }
  if (own.sdk !== "") {
    if (own.blueprint !== "") throw new Error("cannot specify both --sdk and --blueprint; use one or the other");
    throw new Error(
      "the embedded engine writes no code for an SDK: a module is a folder with dagger.json and src/index.ts, or use the real Dagger engine",
    );
  }
  const name = own.name || basename(dir);
  const blueprint =
    own.blueprint === "" ? undefined : relatedOf(own.blueprint, { console, moduleDir: dir, kind: "dependency" });
  makeFolders(dir);
  writeFileSync(file, changedConfigText("{}", { name, ...(blueprint === undefined ? {} : { blueprint }) }));
  const how = own.blueprint === "" ? "" : ` with blueprint ${own.blueprint}`;
  await writeOut(console.stdout, `Initialized module ${name} in ${dir}${how}\n`);
}

/**
 * `toolchain install MODULE`, `toolchain uninstall NAME`.
 *
 * @throws Error `module must be fully initialized`, or what is wrong with the toolchain
 */
export async function editToolchains({ console, options, own, words }: Edit): Promise<void> {
  const [verb = "", given, ...more] = words;
  if (verb !== "install" && verb !== "uninstall") {
    throw new UsageError(`unknown command ${JSON.stringify(verb)} for "slipway toolchain"`, "slipway toolchain");
  }
  if (given === undefined || more.length > 0) {
    throw new UsageError(`accepts 1 arg(s), received ${words.length - 1}`, `slipway toolchain ${verb}`);
  }
  const callerDir = resolve(console.cwd, options.workdir ?? ".");
  const moduleDir =
    options.moduleRef === undefined ? findModuleDir(callerDir) : resolveModuleRef(options.moduleRef, callerDir);
  if (moduleDir === undefined) throw new Error("module must be fully initialized");
  const file = join(moduleDir, "dagger.json");
  const text = readFileSync(file, "utf8");
  const before = toolchainsIn(text);
  const after =
    verb === "install"
      ? withToolchain(before, {
          ...relatedOf(given, { console: { ...console, cwd: callerDir }, moduleDir, kind: "toolchain" }),
          ...named(own.name),
        })
      : withoutToolchain(before, given);
  writeFileSync(file, changedConfigText(text, { toolchains: after }));
  await writeOut(console.stdout, `toolchain ${verb}ed\n`);
}

function named(name: string): { readonly name?: string } {
  return name === "" ? {} : { name };
}

/** As they are written, with all that is said about them. */
function toolchainsIn(text: string): readonly DependencyConfig[] {
  const written =
    (JSON.parse(text) as { readonly toolchains?: readonly (string | DependencyConfig)[] }).toolchains ?? [];
  return written.map((one) => (typeof one === "string" ? { name: one, source: one } : one));
}

/** A module that another one names, as it is written into its dagger.json. */
function relatedOf(
  ref: string,
  { console, moduleDir, kind }: { console: Console; moduleDir: string; kind: "dependency" | "toolchain" },
): DependencyConfig {
  const dir = resolve(console.cwd, ref);
  if (!existsSync(dir) && looksRemote(ref)) {
    const found = fetchModule(ref, undefined, (line) => console.stderr.write(`${line}\n`));
    const { name } = readConfig(found.dir);
    return { name, source: ref, ...(found.commit === undefined ? {} : { pin: found.commit }) };
  }
  if (!existsSync(dir)) throw new Error(`local path ${JSON.stringify(ref)} does not exist`);
  if (!existsSync(join(dir, "dagger.json"))) throw new Error(`there is no dagger.json in ${dir}`);
  const [own, other] = [findContextDir(moduleDir), findContextDir(realpathSync(dir))];
  if (!isAtOrBelow(other, own)) {
    throw new Error(
      `local module ${kind} context directory ${JSON.stringify(other)} is not in parent context directory ${JSON.stringify(own)}`,
    );
  }
  return { name: readConfig(dir).name, source: relative(moduleDir, realpathSync(dir)) || "." };
}
