import { findNamed, remoteRelated } from "../../module/author/find-related.ts";
import { editModule, type ModuleEdit, relatedOf } from "../../module/author/module-edit.ts";
import {
  type Related,
  type RelatedKind,
  unknownIn,
  updatesOf,
  withoutRelated,
  withRelated,
} from "../../module/author/related-lists.ts";
import type { ConfigChange, MadeFor } from "../../module/config-text.ts";
import { writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import { didYouMean, nearestTo } from "../nearest.ts";
import { callerDirOf, carryOut, type Edit, findInitialized, saying, tellOf } from "./edit-module.ts";

/** A command about the modules that a module names, in words. */
interface Verb {
  readonly kind: RelatedKind;
  readonly name: "install" | "uninstall" | "update";
  /** For hints: `slipway toolchain install`. */
  readonly path: string;
  readonly failed: string;
}

/**
 * `install MODULE`, `uninstall NAME`, `update [NAME…]`: the dependencies of a module.
 *
 * @returns the exit code
 */
export async function editDependencies(edit: Edit): Promise<number> {
  const name = edit.command.name as Verb["name"];
  const failed = name === "install" ? "failed to install dependency" : "failed to update dependencies";
  return await changeRelated({ kind: "dependency", name, path: `slipway ${name}`, failed }, edit);
}

/**
 * `toolchain install MODULE`, `toolchain uninstall NAME`, `toolchain update [NAME…]`.
 *
 * @returns the exit code
 */
export async function editToolchains(edit: Edit): Promise<number> {
  const [name = "", ...words] = edit.words;
  if (name !== "install" && name !== "uninstall" && name !== "update") {
    const meant = nearestTo(name, ["install", "list", "uninstall", "update"]);
    throw new UsageError(`unknown command ${JSON.stringify(name)} for "slipway toolchain"`, "slipway toolchain", meant);
  }
  const failed = `failed to ${name} ${name === "update" ? "toolchains" : "toolchain"}`;
  const verb: Verb = { kind: "toolchain", name, path: `slipway toolchain ${name}`, failed };
  return await changeRelated(verb, { ...edit, words });
}

async function changeRelated(verb: Verb, edit: Edit): Promise<number> {
  const { words, console } = edit;
  if (verb.name !== "update" && words.length !== 1) {
    throw new UsageError(`accepts 1 arg(s), received ${words.length}`, verb.path);
  }
  const { moduleDir, text } = findInitialized(edit);
  const tell = tellOf(edit);
  const added = verb.name === "install" ? [namedModule(verb.kind, edit, moduleDir)] : [];
  const change = saying(verb.failed, (): ModuleEdit => {
    const before = relatedOf(verb.kind, moduleDir, text, tell);
    if (verb.name === "uninstall") tellUnknown(verb, before, edit);
    const after = changedList(verb, before, { added, words, edit });
    return editModule(moduleDir, text, listsOf(verb.kind, after, { moduleDir, text, edit }), versionOf(edit));
  });
  const code = await carryOut(edit, change, verb.failed);
  if (code === 0) await writeOut(console.stdout, doneText(verb, added[0]?.config.name));
  return code;
}

function changedList(
  verb: Verb,
  before: readonly Related[],
  {
    added,
    words,
    edit,
  }: { readonly added: readonly Related[]; readonly words: readonly string[]; readonly edit: Edit },
): readonly Related[] {
  switch (verb.name) {
    case "install":
      return withRelated(
        verb.kind,
        before,
        added.map((one) => withSettings(one, before)),
      );
    case "uninstall":
      return withoutRelated(verb.kind, before, words);
    case "update": {
      const updates = updatesOf(verb.kind, before, words);
      // As the real command line has it, a module that is looked up anew is known by its own name again.
      const updated = updates.map(({ ref }) => withSettings(remoteRelated(ref, { tell: tellOf(edit) }), before));
      const others = before.filter((one) => !updates.some(({ related }) => related === one));
      return withRelated(verb.kind, others, updated);
    }
  }
}

/** Dagger's command says nothing when there is nothing to uninstall; a mistyped name would go unnoticed. */
function tellUnknown({ kind }: Verb, before: readonly Related[], edit: Edit): void {
  const names = before.map(({ config }) => config.name);
  for (const word of unknownIn(before, edit.words)) {
    const said = `there is no ${kind} ${JSON.stringify(word)} in dagger.json\n${didYouMean(nearestTo(word, names))}`;
    tellOf(edit)(said.trimEnd());
  }
}

/** A toolchain that is installed again under its name keeps what dagger.json says about its arguments. */
function withSettings(added: Related, before: readonly Related[]): Related {
  const same = before.find(({ config }) => config.name === added.config.name)?.config;
  if (same === undefined || !("customizations" in same)) return added;
  return { ...added, config: { ...added.config, customizations: same.customizations } as Related["config"] };
}

/** The other list is written as it is spelled today. */
function listsOf(
  kind: RelatedKind,
  after: readonly Related[],
  { moduleDir, text, edit }: { readonly moduleDir: string; readonly text: string; readonly edit: Edit },
): ConfigChange {
  const configs = after.map(({ config }) => config);
  if (kind === "dependency") return { dependencies: configs };
  const dependencies = relatedOf("dependency", moduleDir, text, tellOf(edit)).map(({ config }) => config);
  return { toolchains: configs, dependencies };
}

function namedModule(kind: RelatedKind, edit: Edit, moduleDir: string): Related {
  const found = findNamed(edit.words[0] ?? "", { kind, fromDir: callerDirOf(edit), moduleDir, tell: tellOf(edit) });
  const { name } = edit.own;
  return name === "" ? found : { ...found, config: { ...found.config, name } };
}

/** What `--compat` says: for which engine the module is from now on. */
export function versionOf({ own: { compat } }: Pick<Edit, "own">): MadeFor | undefined {
  if (compat === "latest") return undefined;
  return compat === "skip" || compat === "" ? { keep: true } : { version: compat };
}

function doneText({ kind, name }: Verb, installed = ""): string {
  if (kind === "dependency") {
    return name === "install" ? `Installed module dependency ${JSON.stringify(installed)}\n` : "";
  }
  return name === "update" ? "toolchains updated\n" : `toolchain ${name}ed\n`;
}
