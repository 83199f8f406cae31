import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { makeFolders } from "../../store/folders.ts";
import { leavesFolder } from "../../store/paths.ts";
import { type DependencyConfig, type ModuleConfig, parseModuleConfig } from "../config.ts";
import { type ConfigChange, changedConfigText, ignoresSdk, type MadeFor } from "../config-text.ts";
import type { ModuleDef } from "../definition.ts";
import { findContextDir, findRelated, type ModuleSource, readModuleSource, type Tell } from "../source.ts";
import { relatedFromConfig } from "./find-related.ts";
import { generateFiles, type PackageFolder } from "./generate.ts";
import { refuseLinksOut } from "./links-out.ts";
import type { Related, RelatedKind } from "./related-lists.ts";

/** A module whose dagger.json is about to change. Nothing is written before `writeModule`. */
export interface ModuleEdit {
  /** Absolute, links resolved; need not exist yet. */
  readonly moduleDir: string;
  /** What its dagger.json will be. */
  readonly configText: string;
  readonly config: ModuleConfig;
}

/**
 * The modules that a dagger.json names, in its order.
 *
 * @throws Error when one of them has to be looked up and is not there
 */
export function relatedOf(kind: RelatedKind, moduleDir: string, text: string, tell: Tell): readonly Related[] {
  const json = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const written = json[kind === "dependency" ? "dependencies" : "toolchains"];
  const list = Array.isArray(written) ? (written as readonly (string | DependencyConfig)[]) : [];
  return list.map((one) => relatedFromConfig(one, { kind, fromDir: moduleDir, moduleDir, tell }));
}

/**
 * Works out what a dagger.json will be.
 *
 * @param text what was there; undefined for a new module
 * @throws ModuleProblem when the engine could not read it
 */
export function editModule(
  moduleDir: string,
  text: string | undefined,
  change: ConfigChange,
  madeFor?: MadeFor,
): ModuleEdit {
  const configText = changedConfigText(text, change, madeFor);
  return { moduleDir, configText, config: parseModuleConfig(configText) };
}

/** The modules whose functions the changed module has in its client, itself among them where it may call itself; read but not loaded. */
export function clientSources({ moduleDir, config }: ModuleEdit, tell: Tell): readonly ModuleSource[] {
  const within = { moduleDir, contextDir: findContextDir(moduleDir), moduleName: config.name, tell };
  const named = [...config.dependencies, ...config.toolchains].map((one) =>
    readModuleSource(findRelated(one, within), { name: one.name, tell }, [moduleDir]),
  );
  const hasOwn = config.selfCalls && existsSync(join(moduleDir, "dagger.json")) && hasCode(moduleDir, config);
  return hasOwn ? [...named, readModuleSource(moduleDir, { tell })] : named;
}

/** Without code there is nothing to call. */
function hasCode(moduleDir: string, { source }: ModuleConfig): boolean {
  return folderOnDisk(join(moduleDir, source)).hasSource;
}

/** Whether files beside dagger.json are made for the module. */
export function hasGeneratedFiles({ config }: ModuleEdit): boolean {
  return config.hasSdk && config.blueprint === undefined;
}

/**
 * Writes dagger.json, and for a module with an SDK all that is generated. What is the same already is not touched.
 *
 * @param dependencies what `clientSources` define, loaded
 * @throws ModuleProblem before anything is written
 */
export function writeModule(edit: ModuleEdit, dependencies: readonly ModuleDef[], bundlesDir: string): void {
  const { name, source } = edit.config;
  const made: ReadonlyMap<string, string> = hasGeneratedFiles(edit)
    ? generateFiles(folderOnDisk(join(edit.moduleDir, source)), {
        name,
        ignoresSdk: ignoresSdk(edit.configText),
        dependencies,
        bundlesDir,
      })
    : new Map();
  const files = new Map([["dagger.json", edit.configText]]);
  for (const [path, text] of made) files.set(join(source, path), text);
  refuseLinksOut(edit.moduleDir, files.keys());
  if (made.size > 0) removeOlderSdk(join(edit.moduleDir, source, "sdk"), made);
  for (const [path, text] of files) writeChanged(join(edit.moduleDir, path), text);
}

/** An engine before this one put other files there, which a compiler would find. A folder that no engine made is left alone. */
function removeOlderSdk(dir: string, made: ReadonlyMap<string, string>): void {
  if (!CLIENTS.some((path) => existsSync(join(dir, path)))) return;
  for (const path of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    const place = join(dir, path);
    const isFile = lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === false;
    if (isFile && !made.has(`sdk/${path}`)) rmSync(place);
  }
  for (const name of readdirSync(dir)) {
    if (![...made.keys()].some((path) => path.startsWith(`sdk/${name}`))) rmSync(join(dir, name), { recursive: true });
  }
}

/** Where engines have put the generated client, newest first, relative to `sdk/`. */
const CLIENTS = ["client.gen.ts", "src/api/client.gen.ts", "api/client.gen.ts"];

function writeChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  makeFolders(dirname(path));
  writeFileSync(path, text);
}

function folderOnDisk(dir: string): PackageFolder {
  const source = join(dir, "src");
  return {
    textOf: (path) => (existsSync(join(dir, path)) ? readFileSync(join(dir, path), "utf8") : undefined),
    hasSource:
      existsSync(source) &&
      readdirSync(source, { recursive: true, encoding: "utf8" }).some((name) => name.endsWith(".ts")),
  };
}

/**
 * Where the code of a new module goes: its folder when that is empty but for hidden files, else `.dagger` in it.
 *
 * @returns relative to the module
 */
export function inferSource(moduleDir: string): string {
  if (!existsSync(moduleDir)) return ".";
  const names = readdirSync(moduleDir).filter((name) => name !== "dagger.json");
  return names.some((name) => name === ".dagger" || !name.startsWith(".")) ? ".dagger" : ".";
}

/**
 * A folder for code that a person names, relative to the module.
 *
 * @throws Error when it is outside of it
 */
export function namedSource(given: string, callerDir: string, moduleDir: string): string {
  const source = relative(moduleDir, resolve(callerDir, given)) || ".";
  if (!leavesFolder(source)) return source;
  const root = relative(findContextDir(moduleDir), moduleDir) || ".";
  throw new Error(`local module source subpath ${JSON.stringify(source)} escapes source root ${JSON.stringify(root)}`);
}
