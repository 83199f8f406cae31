import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { findNamed } from "../../module/author/find-related.ts";
import { DEFAULT_LICENCE } from "../../module/author/library-folder.ts";
import { hasLicence, licenceText, writeLicence } from "../../module/author/licence.ts";
import { editModule, inferSource, namedSource } from "../../module/author/module-edit.ts";
import { checkSdkName } from "../../module/config.ts";
import { defaultBundlesDir } from "../../module/runtime-files.ts";
import type { CommandOptions } from "../command-options.ts";
import { writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import { callerDirOf, carryOut, type Edit, saying, tellOf } from "./edit-module.ts";

const FAILED = "failed to generate code";

/** Whether the flags of `init` ask for a module, as those of Dagger's own do. */
export function asksForModule(own: CommandOptions, words: readonly string[]): boolean {
  return words.length > 0 || asksForSomething(own);
}

function asksForSomething({ name, blueprint, sdk, source, licence, include, selfCalls }: CommandOptions): boolean {
  return (
    [name, blueprint, sdk, source].some((text) => text !== "") ||
    licence !== undefined ||
    include.length > 0 ||
    selfCalls
  );
}

/**
 * `init [--sdk SDK | --blueprint MODULE] [--name NAME] [--source FOLDER] [PATH]`: makes a module.
 *
 * @returns the exit code
 * @throws Error `module already exists`, or what is wrong with what was asked for
 */
export async function initModule(edit: Edit): Promise<number> {
  const { own, words, console } = edit;
  if (own.dryRun)
    throw new Error(
      "--dry-run is only for init of a repository: with --sdk, --blueprint, --name or a path, init creates a module",
    );
  if (words.length > 1) throw new UsageError(`accepts at most 1 arg(s), received ${words.length}`, "slipway init");
  const callerDir = callerDirOf(edit);
  const moduleDir = resolve(callerDir, words[0] ?? ".");
  if (existsSync(join(moduleDir, "dagger.json"))) {
    if (!asksForSomething(own)) return 0;
    throw new Error("module already exists");
  }
  const { blueprint, sdk, selfCalls, include } = own;
  if (sdk !== "" && blueprint !== "")
    throw new Error("cannot specify both --sdk and --blueprint; use one or the other");
  if (selfCalls && sdk === "") throw new Error("cannot enable self-calls feature without specifying --sdk");
  const name = own.name || basename(moduleDir);
  const change = saying(FAILED, () =>
    editModule(moduleDir, undefined, {
      name,
      include,
      ...(sdk === "" ? {} : { sdk: newSdk(sdk, selfCalls, "init") }),
      ...(sdk === "" && own.source === "" ? {} : { source: sourceOf(own.source, callerDir, moduleDir) }),
    }),
  );
  const withBlueprint =
    blueprint === ""
      ? change
      : editModule(moduleDir, undefined, {
          name,
          include,
          blueprint: findNamed(blueprint, { kind: "dependency", fromDir: callerDir, moduleDir, tell: tellOf(edit) })
            .config,
        });
  const licence = sdk === "" ? undefined : newLicence(edit, moduleDir);
  const code = await carryOut(edit, withBlueprint, FAILED);
  if (code !== 0) return code;
  if (licence !== undefined) writeLicence(moduleDir, licence);
  const how = blueprint === "" ? "" : ` with blueprint ${blueprint}`;
  await writeOut(console.stdout, `Initialized module ${name} in ${moduleDir}${how}\n`);
  return 0;
}

/** As dagger.json has it. */
export function newSdk(
  source: string,
  selfCalls: boolean,
  verb: "init" | "develop",
): Readonly<Record<string, unknown>> {
  checkSdkName(source, { instead: `dagger ${verb} --sdk=${source}` });
  return { source, ...(selfCalls ? { experimental: { SELF_CALLS: true } } : {}) };
}

function sourceOf(given: string, callerDir: string, moduleDir: string): string {
  return given === "" ? inferSource(moduleDir) : namedSource(given, callerDir, moduleDir);
}

/**
 * The text of the licence that a module without one gets; undefined when it gets none.
 *
 * @throws Error for a licence whose text is not here
 */
export function newLicence(edit: Edit, moduleDir: string): string | undefined {
  const { licence } = edit.own;
  const id = licence ?? DEFAULT_LICENCE;
  if (id === "" || (licence === undefined && hasLicence(nearest(moduleDir)))) return undefined;
  const text = licenceText(defaultBundlesDir(), id);
  tellOf(edit)(`no LICENSE file found; generating one for you, feel free to change or remove (${id})`);
  return text;
}

function nearest(dir: string): string {
  return existsSync(dir) ? dir : nearest(dirname(dir));
}
