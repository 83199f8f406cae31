import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeLicence } from "../../module/author/licence.ts";
import { editModule, inferSource, type ModuleEdit, namedSource, relatedOf } from "../../module/author/module-edit.ts";
import { checkSdkName } from "../../module/config.ts";
import type { ConfigChange } from "../../module/config-text.ts";
import { UsageError } from "../errors.ts";
import { callerDirOf, carryOut, type Edit, findEdited, saying, tellOf } from "./edit-module.ts";
import { versionOf } from "./edit-related.ts";
import { newLicence, newSdk } from "./init-module.ts";

const FAILED = "failed to generate code";

/**
 * `develop [--sdk SDK] [--source FOLDER] [-r]`: makes the files of a module anew.
 *
 * @returns the exit code
 */
export async function developModule(edit: Edit): Promise<number> {
  const { own, words } = edit;
  if (words.length > 0) {
    throw new UsageError(`unknown command ${JSON.stringify(words[0])} for "slipway develop"`, "slipway develop");
  }
  if (own.selfCalls && own.noSelfCalls) {
    throw new Error("cannot use --with-self-calls and --without-self-calls at the same time");
  }
  const { moduleDir, text } = findEdited(edit);
  const dirs = own.recursive && text !== undefined ? withLocalDependencies(moduleDir, edit) : [moduleDir];
  for (const dir of dirs) {
    const code = await developOne(dir, edit);
    if (code !== 0) return code;
  }
  return 0;
}

async function developOne(moduleDir: string, edit: Edit): Promise<number> {
  const file = join(moduleDir, "dagger.json");
  const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const change = developed(moduleDir, text, edit);
  const licence = edit.own.sdk === "" ? undefined : newLicence(edit, moduleDir);
  const code = await carryOut(edit, change, FAILED);
  if (code === 0 && licence !== undefined) writeLicence(moduleDir, licence);
  return code;
}

function developed(moduleDir: string, text: string | undefined, edit: Edit): ModuleEdit {
  const { own } = edit;
  const before = JSON.parse(text ?? "{}") as Before;
  const written = typeof before.sdk === "string" ? { source: before.sdk } : before.sdk;
  const known = written?.source ?? "";
  if (own.sdk !== "" && known !== "" && known !== own.sdk) {
    throw new Error(`cannot update module SDK that has already been set to ${JSON.stringify(known)}`);
  }
  const sdk = known || own.sdk;
  if (sdk === "" && own.source === "" && (before.clients ?? []).length === 0) {
    throw new Error("dagger develop on a module without an SDK or clients requires either --sdk or --source");
  }
  if (known !== "") checkSdkName(known, { instead: "dagger develop" });
  const source = developedSource(moduleDir, { before, known, sdk }, edit);
  const dependencies = text === undefined ? [] : relatedOf("dependency", moduleDir, text, tellOf(edit));
  const change: ConfigChange = {
    dependencies: dependencies.map(({ config }) => config),
    ...(sdk === "" ? {} : { sdk: withSelfCalls(known === "" ? newSdk(sdk, false, "develop") : { ...written }, edit) }),
    ...(source === undefined ? {} : { source }),
  };
  return saying(FAILED, () => editModule(moduleDir, text, change, versionOf(edit)));
}

interface Before {
  readonly sdk?: string | { readonly source?: string; readonly experimental?: Readonly<Record<string, boolean>> };
  readonly source?: string;
  readonly clients?: readonly unknown[];
}

/** Where the code is from now on; undefined: where it was. */
function developedSource(
  moduleDir: string,
  { before, known, sdk }: { readonly before: Before; readonly known: string; readonly sdk: string },
  edit: Edit,
): string | undefined {
  const { source } = edit.own;
  const isSet = known !== "";
  if (source === "") return sdk !== "" && !isSet ? inferSource(moduleDir) : undefined;
  const asked = saying(FAILED, () => namedSource(source, callerDirOf(edit), moduleDir));
  const now = relative(moduleDir, resolve(moduleDir, before.source ?? ".")) || ".";
  if (isSet && now !== asked) {
    throw new Error(`cannot update module source path that has already been set to ${JSON.stringify(now)}`);
  }
  return asked;
}

function withSelfCalls(sdk: Readonly<Record<string, unknown>>, { own }: Edit): Readonly<Record<string, unknown>> {
  if (!own.selfCalls && !own.noSelfCalls) return sdk;
  const before = (sdk["experimental"] ?? {}) as Readonly<Record<string, boolean>>;
  return { ...sdk, experimental: { ...before, SELF_CALLS: own.selfCalls } };
}

/** The module and all folders of modules that it depends on, also by way of others; each once. */
function withLocalDependencies(top: string, edit: Edit): readonly string[] {
  const found: string[] = [];
  const waiting = [top];
  for (let dir = waiting.shift(); dir !== undefined; dir = waiting.shift()) {
    const real = realpathSync(dir);
    const file = join(real, "dagger.json");
    if (found.includes(real) || !existsSync(file)) continue;
    found.push(real);
    const local = relatedOf("dependency", real, readFileSync(file, "utf8"), tellOf(edit)).filter((one) => one.isLocal);
    waiting.push(...local.map(({ config }) => resolve(real, config.source)));
  }
  return found;
}
