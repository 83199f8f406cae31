import { createHash } from "node:crypto";
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ServedSources } from "../../module/served-sources.ts";
import { makeFolders, namesIn } from "../../store/folders.ts";
import { readRecord, writeRecord } from "../../store/records.ts";
import { storeDir } from "../../store/system-words.ts";
import type { Engine } from "../engine.ts";
import { ENGINE_BUILD } from "../engine-build.ts";
import { type KnownModule, type KnownObjects, knownModule, knownObjects } from "./known-module.ts";

/** Counts up when records are kept otherwise. */
const FORMAT = 1;
/** So many contents of modules are known at a time. */
const MOST = 50;

/** What the names of a module's functions depend on: its code, and what is said of it. */
export function contentOf({ modules }: ServedSources): string {
  return digest(
    modules.map(({ source: { name, digest, customizations }, isEntry, toolchain }) => [
      name,
      digest,
      customizations,
      isEntry,
      toolchain,
    ]),
  );
}

/**
 * Keeps what can be called of a module, so that a TAB can tell it without an engine. Does nothing when it is known already;
 * what goes wrong is no concern of the command.
 */
export function keepModule(engine: Engine, sources: ServedSources, env: NodeJS.ProcessEnv): void {
  try {
    const folder = folderOf(env);
    const content = contentOf(sources);
    const path = join(folder, `module-${content}.json`);
    const last = lastPath(folder, sources.moduleDir);
    const isKnown = existsSync(path);
    if (isKnown && recall<string>(last) === content) return;
    makeFolders(folder, 0o700);
    if (!isKnown) write(path, knownModule(engine));
    write(last, content);
    forgetOldest(folder);
  } catch {
    // Completion is a convenience.
  }
}

/** What is known of a module: by its content, or as it was when it was last used. */
export function recallModule(
  content: string | undefined,
  moduleDir: string,
  env: NodeJS.ProcessEnv,
): { readonly module: KnownModule; readonly isCurrent: boolean } | undefined {
  const folder = folderOf(env);
  const read = (of: string): KnownModule | undefined => recall(join(folder, `module-${of}.json`));
  const current = content === undefined ? undefined : read(content);
  if (current !== undefined) return { module: current, isCurrent: true };
  const last = recall<string>(lastPath(folder, moduleDir));
  const module = last === undefined ? undefined : read(last);
  return module === undefined ? undefined : { module, isCurrent: false };
}

/** The functions of Dagger's own types; made at the first time, without anything being started. */
export async function coreObjects(env: NodeJS.ProcessEnv): Promise<KnownObjects> {
  const folder = folderOf(env);
  const path = join(folder, `core-${digest(ENGINE_BUILD)}.json`);
  const known = recall<KnownObjects>(path);
  if (known !== undefined) return known;
  const [{ coreCatalogue }, { typesOfSchema }] = await Promise.all([
    import("../../api/catalogue.ts"),
    import("../types-of-schema.ts"),
  ]);
  const objects = knownObjects(["Query"], typesOfSchema(coreCatalogue()), () => true);
  try {
    makeFolders(folder, 0o700);
    write(path, objects);
  } catch {
    // The next time it is made again.
  }
  return objects;
}

function folderOf(env: NodeJS.ProcessEnv): string {
  return join(storeDir(env), "completion");
}

function lastPath(folder: string, moduleDir: string): string {
  return join(folder, `last-${digest(moduleDir)}.json`);
}

function digest(of: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([FORMAT, of]))
    .digest("hex")
    .slice(0, 32);
}

function write(path: string, value: unknown): void {
  writeRecord(path, value, `${path}.${process.pid}.new`);
}

function recall<T>(path: string): T | undefined {
  try {
    const found = readRecord(path, () => {});
    return found.kind === "sound" ? (found.value as T) : undefined;
  } catch {
    return undefined;
  }
}

function forgetOldest(folder: string): void {
  const age = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = namesIn(folder)
    .filter((name) => name.endsWith(".json"))
    .sort((left, right) => age(right) - age(left))
    .slice(MOST);
  for (const name of oldest) rmSync(join(folder, name), { force: true });
}
