import { createHash } from "node:crypto";
import { existsSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, posix, relative, resolve } from "node:path";
import type { Obj } from "../api/graph.ts";
import { resolveInsideSync } from "../store/inside.ts";
import { useFileAt } from "../store/opened.ts";
import { leavesFolder } from "../store/paths.ts";
import { PatternList } from "../store/patterns.ts";
import { storeDir } from "../store/system-words.ts";
import { type IgnoredAbove, TreeFilter } from "../store/tree-filter.ts";
import { walkTree } from "../store/tree-walk.ts";
import {
  type Customization,
  type DependencyConfig,
  type ModuleConfig,
  ModuleProblem,
  parseModuleConfig,
} from "./config.ts";
import { looksRemote } from "./git-address.ts";
import { fetchModule, isFetched, isModuleTop } from "./git-modules.ts";
import { findModuleDir } from "./module-dir.ts";
import { checkRuntime } from "./runtime-kind.ts";

/** A module on this machine, with all that makes it what it is. Reading it runs none of its code. */
export interface ModuleSource {
  /** What it is called here; its own dagger.json may call it otherwise. */
  readonly name: string;
  /** Of the module whose code it is: its own, or its blueprint's. */
  readonly config: ModuleConfig;
  /** Folder that holds dagger.json; absolute, links resolved. */
  readonly moduleDir: string;
  /** The repository, or `moduleDir` outside of one. */
  readonly contextDir: string;
  /** What contextual arguments (`defaultPath: "/"`) start from. */
  readonly defaults: DefaultPlaces;
  readonly customizations: readonly Customization[];
  /** Folders whose `.env` has defaults for it by plain names; undefined: no such file has any, be it the caller's. */
  readonly envDirs: readonly string[] | undefined;
  /** Folder of the package relative to `contextDir`, `.` for that itself. */
  readonly sourcePath: string;
  /** Everything of the package but what `.gitignore` names and what the engine provides itself; sorted by path. */
  readonly files: readonly SourceFile[];
  readonly dependencies: readonly ModuleSource[];
  /** SHA-256 in hex over configuration, files and dependencies: the identity of the module's code, whatever its name. */
  readonly digest: string;
}

/** Where default paths lead: into the context of a module, or into the workspace of whoever calls. */
export type DefaultPlaces =
  | { readonly kind: "context"; readonly contextDir: string; readonly moduleDir: string }
  /** The context is a Directory of the API, with the module's folder at `path` in it, from the top. */
  | { readonly kind: "directory"; readonly directory: Obj; readonly path: string }
  | { readonly kind: "workspace" };

/** What whoever takes a module says about it. */
export interface TakenAs {
  /** Empty: its own name. */
  readonly name?: string;
  readonly defaults?: DefaultPlaces;
  readonly customizations?: readonly Customization[];
  /** Another folder whose `.env` has defaults for it by plain names. */
  readonly envDir?: string;
  /** A function has loaded it: no file of this machine has anything for it. */
  readonly isOfFunction?: boolean;
  readonly tell?: Tell;
  /** A folder that nothing may lead out of, neither a link; what is in it was made by somebody who may not read this machine. */
  readonly confinedTo?: string;
  /** Modules that it names and that are read already, by `relatedKey`. */
  readonly related?: ReadonlyMap<string, ModuleSource>;
}

/** What a dagger.json says of another module, as a key. */
export function relatedKey({ source, pin = "" }: DependencyConfig): string {
  return `${source} ${pin}`;
}

export type SourceFile = {
  /** Relative to the package, with slashes. */
  readonly path: string;
  readonly mode: number;
} & ({ readonly content: Buffer } | { readonly link: string });

/**
 * The folder of the module that `-m` names: by a path, by the name of a dependency, or by an address of a git repository.
 *
 * @param ref relative paths start from `callerDir`
 * @param tell gets a line when this installation answers for an address
 * @throws ModuleProblem when there is no module
 */
export function resolveModuleRef(ref: string, callerDir: string, tell: Tell = () => {}): string {
  const path = ref.startsWith("file://") ? ref.slice("file://".length) : ref;
  const local = resolve(callerDir, path);
  const dir = existsSync(local) ? local : (namedDependency(ref, callerDir, tell) ?? fetched(ref, undefined, tell));
  if (dir === undefined) throw new ModuleProblem(`module not found: ${local} does not exist`);
  const found = findModuleDir(statSync(dir).isDirectory() ? dir : dirname(dir));
  if (found === undefined) throw new ModuleProblem(`module not found: there is no dagger.json in ${dir} or above it`);
  return found;
}

/** Says something to the person. */
export type Tell = (line: string) => void;

function namedDependency(name: string, callerDir: string, tell: Tell): string | undefined {
  const moduleDir = findModuleDir(callerDir);
  if (moduleDir === undefined) return undefined;
  const config = readConfig(moduleDir);
  const dependency = config.dependencies.find((one) => one.name === name);
  const within = { moduleDir, contextDir: findContextDir(moduleDir), moduleName: config.name, tell };
  return dependency === undefined ? undefined : findRelated(dependency, within);
}

function fetched(ref: string, pin: string | undefined, tell: Tell): string | undefined {
  return looksRemote(ref) ? fetchModule(ref, pin, tell).dir : undefined;
}

/**
 * Reads a module and the modules that it depends on. A module with a blueprint has the code of that, under its own name.
 *
 * @param moduleDir from `findModuleDir`
 * @throws ModuleProblem
 */
export function readModuleSource(moduleDir: string, as: TakenAs = {}, above: readonly string[] = []): ModuleSource {
  if (above.includes(moduleDir)) {
    throw new ModuleProblem(`modules depend on each other in a circle: ${[...above, moduleDir].join(" -> ")}`);
  }
  const { confinedTo, customizations = [], isOfFunction = false, related: known, tell = () => {} } = as;
  const config = readConfig(moduleDir, confinedTo);
  const contextDir = confinedTo ?? findContextDir(moduleDir);
  const name = as.name || config.name;
  const defaults = as.defaults ?? { kind: "context", contextDir, moduleDir };
  const within = { moduleDir, contextDir, moduleName: config.name, tell, confinedTo };
  const deeper = [...above, moduleDir];
  const related = (one: DependencyConfig, taken: TakenAs): ModuleSource => {
    const found = known?.get(relatedKey(one));
    if (found !== undefined) return takenAs(found, taken);
    const carried = { tell, isOfFunction, ...(known === undefined ? {} : { related: known }) };
    const below = { ...carried, ...confinedBelow(one, as, within) };
    return readModuleSource(findRelated(one, within), { ...below, ...taken }, deeper);
  };
  if (config.blueprint !== undefined) {
    const blueprint = related(config.blueprint, { name, defaults, customizations });
    return { ...blueprint, moduleDir, contextDir, envDirs: envDirsOf(moduleDir, as, blueprint.envDirs) };
  }
  if (!config.hasSdk) {
    throw new ModuleProblem(
      "the module has no sdk, so it has no functions of its own: set sdk.source to typescript in dagger.json",
    );
  }
  const { sourceDir, sourcePath } = placeOfSource(config, within);
  const dependencies = [
    ...config.dependencies.map((one) => related(one, { name: one.name })),
    ...config.toolchains.map((one) => related(one, { ...one, defaults })),
  ];
  const isTaken = takenOf(config.include, sourcePath, within);
  const files = [...readFiles(sourceDir, contextDir)].filter(({ path }) => isTaken(path));
  checkRuntime(config.name, (path) => textIn(files, path), tell);
  const digest = digestSource(config, sourcePath, files, dependencies);
  const envDirs = envDirsOf(moduleDir, as);
  const places = { moduleDir, contextDir, defaults, envDirs, sourcePath };
  return { name, config, ...places, customizations, files, dependencies, digest };
}

/** In a folder that nothing may lead out of there is no file of the person. */
function envDirsOf(moduleDir: string, { confinedTo, envDir, isOfFunction }: TakenAs, above: readonly string[] = []) {
  if (isOfFunction === true) return undefined;
  return [...above, ...(confinedTo === undefined ? [moduleDir] : []), ...(envDir === undefined ? [] : [envDir])];
}

function takenAs(source: ModuleSource, { name, defaults, customizations }: TakenAs): ModuleSource {
  return {
    ...source,
    name: name || source.name,
    defaults: defaults ?? source.defaults,
    customizations: customizations ?? source.customizations,
  };
}

/** What is said of a module that lies in the same Directory: its own default paths lead into that too. */
function confinedBelow({ source }: DependencyConfig, as: TakenAs, { moduleDir }: Within): TakenAs {
  const { confinedTo, defaults } = as;
  if (confinedTo === undefined || looksRemote(source)) return {};
  const path = relative(confinedTo, resolve(moduleDir, source)) || ".";
  if (defaults?.kind === "directory") return { confinedTo, defaults: { ...defaults, path } };
  if (defaults?.kind !== "context") return { confinedTo };
  return { confinedTo, defaults: { ...defaults, moduleDir: join(defaults.contextDir, path) } };
}

/**
 * Where something of a module is on this machine. In a folder that nothing may lead out of, links lead around in that; so they do in
 * a context that was fetched, which is somebody else's.
 */
export function placeOf(path: string, { contextDir, confinedTo }: Pick<Within, "contextDir" | "confinedTo">): string {
  const top = confinedTo ?? (isFetched(contextDir) ? contextDir : undefined);
  return top === undefined ? path : resolveInsideSync(top, relative(top, path), { followLast: true });
}

/** Where something that a dagger.json names is looked for. */
interface Within {
  readonly moduleDir: string;
  readonly contextDir: string;
  readonly moduleName: string;
  readonly tell: Tell;
  readonly confinedTo?: string | undefined;
}

function placeOfSource(config: ModuleConfig, { moduleDir, contextDir, confinedTo }: Within) {
  const named = resolve(moduleDir, config.source);
  const sourcePath = relative(contextDir, named) || ".";
  if (leavesFolder(sourcePath)) {
    throw new ModuleProblem(
      `source path ${JSON.stringify(config.source)} of module "${config.name}" leaves ${contextDir}`,
    );
  }
  const sourceDir = placeOf(named, { contextDir, confinedTo });
  if (!existsSync(sourceDir)) {
    const missing = `stat ${config.source}: no such file or directory`;
    throw new ModuleProblem(
      `failed to initialize module: failed to call sdk moduleTypes: failed to make directory content hashed: ${missing}`,
    );
  }
  return { sourceDir, sourcePath };
}

/**
 * The dagger.json of a folder.
 *
 * @throws ModuleProblem
 */
export function readConfig(moduleDir: string, confinedTo?: string): ModuleConfig {
  const place = placeOf(join(moduleDir, "dagger.json"), { contextDir: findContextDir(moduleDir), confinedTo });
  return parseModuleConfig(readFileSync(place, "utf8"));
}

/**
 * The folder of a module that another one names in its dagger.json: a dependency, a blueprint or a toolchain.
 *
 * @throws ModuleProblem
 */
export function findRelated(related: DependencyConfig, within: Within): string {
  const { moduleDir, contextDir, moduleName, confinedTo } = within;
  const { source } = related;
  const path = JSON.stringify(source);
  const named = resolve(moduleDir, source);
  const dir = leavesFolder(relative(contextDir, named)) ? named : placeOf(named, within);
  // Whoever made that folder may not use what the person may fetch.
  const remote = existsSync(dir) || confinedTo !== undefined ? undefined : relatedTree(related, within);
  if (remote !== undefined) {
    if (existsSync(join(remote, "dagger.json"))) return remote;
    throw new ModuleProblem(`dependency ${path} of module "${moduleName}": there is no dagger.json in its repository`);
  }
  if (isAbsolute(source)) throw new ModuleProblem(`local module dep source path ${path} is absolute`);
  const fromContext = relative(contextDir, named);
  if (leavesFolder(fromContext)) {
    throw new ModuleProblem(
      `local module dep source path ${JSON.stringify(fromContext)} escapes context ${JSON.stringify(contextDir)}`,
    );
  }
  if (existsSync(join(dir, "dagger.json"))) return realpathSync(dir);
  if (!existsSync(dir)) throw new ModuleProblem(`local path ${JSON.stringify(dir)} does not exist`);
  throw new ModuleProblem(`dependency ${path} of module "${moduleName}": there is no dagger.json in ${dir}`);
}

/** Git's words name an address only: who asks for it is what has to be changed. */
function relatedTree({ source, pin }: DependencyConfig, { moduleName, tell }: Within): string | undefined {
  try {
    return fetched(source, pin, tell);
  } catch (error) {
    if (!(error instanceof ModuleProblem)) throw error;
    throw new ModuleProblem(`dependency ${JSON.stringify(source)} of module "${moduleName}": ${error.message}`);
  }
}

/** The top of the git repository; a work tree has a file instead of a folder there. */
export function findContextDir(moduleDir: string): string {
  for (let folder = moduleDir; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, ".git")) || isModuleTop(folder)) return folder;
  }
  return moduleDir;
}

/** What the engine puts there itself, or what no module is run from. */
const NEVER_TAKEN = ["node_modules", "sdk", ".git"];

function* readFiles(sourceDir: string, contextDir: string): Generator<SourceFile> {
  const filter = new TreeFilter("/", {
    folder: sourceDir,
    exclude: NEVER_TAKEN,
    gitignore: true,
    above: foldersAbove(sourceDir, contextDir),
    hostWithout: storeDir(),
  });
  for (const { path, place, stat } of walkTree(sourceDir, filter)) {
    const mode = stat.mode & 0o777;
    if (stat.isSymbolicLink()) yield { path, mode, link: readlinkSync(place) };
    else if (stat.isFile()) yield { path, mode, content: useFileAt(place, (file) => readFileSync(file)) };
  }
}

/** Whether dagger.json leaves a file of the package in. Only a pattern that takes something back can leave one out. */
function takenOf(include: readonly string[], sourcePath: string, { moduleDir, contextDir }: Within) {
  const rebased = include.map((pattern) => {
    const isNegated = pattern.startsWith("!");
    const path = posix.join(relative(contextDir, moduleDir), isNegated ? pattern.slice(1) : pattern);
    if (leavesFolder(path)) throw new ModuleProblem(`include/exclude path ${JSON.stringify(path)} escapes context`);
    return isNegated ? `!${path}` : path;
  });
  if (!include.some((pattern) => pattern.startsWith("!"))) return () => true;
  const patterns = new PatternList([sourcePath === "." ? "*" : sourcePath, ...rebased]);
  return (path: string) => patterns.matchesBelow(posix.join(sourcePath, path));
}

function foldersAbove(sourceDir: string, contextDir: string): IgnoredAbove[] {
  const above: IgnoredAbove[] = [];
  for (let folder = sourceDir; folder !== contextDir; ) {
    folder = dirname(folder);
    above.unshift({ folder, prefix: `${relative(folder, sourceDir)}/` });
  }
  return above;
}

function digestSource(
  config: ModuleConfig,
  sourcePath: string,
  files: readonly SourceFile[],
  dependencies: readonly ModuleSource[],
): string {
  const hash = createHash("sha256");
  const { name, engineVersion, disableDefaultFunctionCaching, selfCalls } = config;
  const head = [name, engineVersion, disableDefaultFunctionCaching, selfCalls, sourcePath];
  const known = dependencies.map(({ digest, name, customizations }) => [digest, name, customizations]);
  hash.update(JSON.stringify([...head, known]));
  for (const file of files) {
    const content = "content" in file ? file.content : Buffer.from(file.link);
    hash.update(JSON.stringify([file.path, file.mode & 0o111, "link" in file, content.length]));
    hash.update(content);
  }
  return hash.digest("hex");
}

/** The text of a file of the package; undefined when it has none of that name. */
export function sourceText(source: ModuleSource, path: string): string | undefined {
  return textIn(source.files, path);
}

/** The bytes of a file of the package; undefined when it has none of that name. */
export function sourceContent(source: ModuleSource, path: string): Buffer | undefined {
  return contentIn(source.files, path);
}

function textIn(files: readonly SourceFile[], path: string): string | undefined {
  return contentIn(files, path)?.toString("utf8");
}

/** As the kernel, no more than this after each other. */
const MOST_LINKS = 40;

/** Links lead from file to file of the package. */
function contentIn(files: readonly SourceFile[], path: string): Buffer | undefined {
  let place = path;
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    const file = files.find((one) => one.path === place);
    if (file === undefined || "content" in file) return file?.content;
    place = posix.isAbsolute(file.link) ? "" : posix.join(posix.dirname(place), file.link);
  }
  return undefined;
}
