import { existsSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COMMIT } from "../api/git-refs.ts";
import { makeFolders } from "../store/folders.ts";
import { LOG_IN, lacksLogin } from "../store/git-logins.ts";
import { runGitOnwardSync } from "../store/git-redirects.ts";
import { allowedProtocols, type GitOptions, type GitResult } from "../store/git-run.ts";
import { isOffline, lacksOffline } from "../store/offline.ts";
import { isAtOrBelow } from "../store/paths.ts";
import { noteUse } from "../store/records.ts";
import { adviceOnSsh } from "../store/ssh-refusals.ts";
import { digestOf } from "../store/store.ts";
import { storeDir } from "../store/system-words.ts";
import { ModuleProblem } from "./config.ts";
import { type GitAddress, parseGitAddress, tagOf } from "./git-address.ts";
import { bringSubmodules } from "./git-module-submodules.ts";
import { type Meaning, recallMeaning, rememberMeaning } from "./known-versions.ts";
import { findModuleDir } from "./module-dir.ts";
import { defaultBundlesDir } from "./runtime-files.ts";

/** Where Slipway lives. Its modules are answered by the copy that is installed, so that they work without a network. */
const OWN_REPOSITORY = "github.com/slipway/slipway";
/** Beside a fetched tree: says that it is complete, and where its repository ends. */
const COMPLETE = "complete";
const TREE = "tree";
/** A folder of this machine that an address stands for. */
export interface FetchedModule {
  readonly dir: string;
  /** Undefined for the installed copy. */
  readonly commit: string | undefined;
  /** The tag or the branch that was found; undefined where it was not asked for. */
  readonly version: string | undefined;
}

/**
 * The folder of a module in a git repository: fetched, or from an earlier time. With a pin nothing is asked when it is there; offline a
 * version means what it meant last.
 *
 * @param tell gets a line when the address is answered by this installation
 * @throws ModuleProblem with the words of git
 */
export function fetchModule(ref: string, pin: string | undefined, tell: (line: string) => void): FetchedModule {
  const address = parseGitAddress(ref);
  const own = installedCopy(address);
  if (own !== undefined) return ownModule(ref, folderIn(own, address, ref), tell);
  const isPinned = pin !== undefined && COMMIT.test(pin);
  const { commit, version } = isPinned ? { commit: pin, version: undefined } : meaningOf(address, pin);
  const top = join(storeDir(), "modules", digestOf(["git module", address.cloneUrl, commit]).slice(0, 32));
  if (!existsSync(join(top, COMPLETE))) {
    if (isOffline()) throw notInStore(ref);
    fetchTree(address, commit, top);
  }
  noteUse(top);
  return { dir: folderIn(join(top, TREE), address, ref), commit, version };
}

/**
 * Whether a folder is the top of what its modules may see without being a git repository: a fetched one, or the installation,
 * which may lie in `node_modules` of somebody else's.
 */
export function isModuleTop(folder: string): boolean {
  if (folder.endsWith(`/${TREE}`) && existsSync(join(dirname(folder), COMPLETE))) return true;
  return folder === findModuleDir(defaultBundlesDir());
}

/** Where a fetched tree comes from; undefined for any other folder. */
export function originOfTree(folder: string): { readonly url: string; readonly commit: string } | undefined {
  const file = join(dirname(folder), COMPLETE);
  if (!folder.endsWith(`/${TREE}`) || !existsSync(file)) return undefined;
  const [url = "", commit = ""] = readFileSync(file, "utf8").trim().split(" ");
  return { url, commit };
}

/** Whether a folder lies in a fetched tree: then it is as somebody else has written it. */
export function isFetched(folder: string): boolean {
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (originOfTree(at) !== undefined) return true;
  return false;
}

/**
 * The top of this installation, when an address means that; it is never fetched.
 *
 * @throws ModuleProblem
 */
export function installedCopy({ repository }: GitAddress): string | undefined {
  if (repository !== OWN_REPOSITORY) return undefined;
  const top = findModuleDir(defaultBundlesDir());
  if (top === undefined) throw new ModuleProblem(`module ${repository}: this installation has no dagger.json`);
  return top;
}

function ownModule(ref: string, dir: string, tell: (line: string) => void): FetchedModule {
  tell(`for ${ref} the installed copy is used: ${dir}`);
  return { dir, commit: undefined, version: undefined };
}

function folderIn(top: string, { folder }: GitAddress, ref: string): string {
  const dir = join(top, folder);
  if (!existsSync(dir))
    throw new ModuleProblem(`module ${ref}: the repository has no folder ${JSON.stringify(folder)}`);
  const real = realpathSync(dir);
  if (!isAtOrBelow(real, realpathSync(top))) {
    throw new ModuleProblem(`git module source subpath points out of root: ${JSON.stringify(folder)}`);
  }
  return real;
}

function notInStore(ref: string): ModuleProblem {
  return new ModuleProblem(lacksOffline(`module ${ref}`));
}

/** What a version means now, or offline what it meant when it was asked last. */
function meaningOf(address: GitAddress, pin: string | undefined): Meaning {
  const { cloneUrl, folder, version } = address;
  if (version !== undefined && COMMIT.test(version)) return { commit: version, version };
  const wanted = JSON.stringify([folder, version, pin]);
  if (isOffline()) {
    const known = recallMeaning(cloneUrl, wanted);
    if (known !== undefined) return known;
    throw notInStore(`${cloneUrl}${version === undefined ? "" : `@${version}`}`);
  }
  const meaning = lookUp(address, pin);
  rememberMeaning(cloneUrl, wanted, meaning);
  return meaning;
}

/** What a version means now: its commit, and the name of the tag or branch. */
function lookUp(address: GitAddress, pin: string | undefined): Meaning {
  const lines = git(address, "/", ["ls-remote", "--symref", "--", address.cloneUrl])
    .split("\n")
    .filter((line) => line !== "");
  const refs = new Map(lines.map((line) => line.split("\t").reverse() as [string, string]));
  const tags = [...refs.keys()].filter((name) => name.startsWith("refs/tags/")).map((name) => name.slice(10));
  const wanted = tagOf(address, tags) ?? pin;
  if (wanted === undefined) {
    const branch = /^ref: refs\/heads\/(.*)\tHEAD$/m.exec(lines.join("\n"))?.[1];
    return { commit: found(address, refs, "HEAD", ["HEAD"]), version: branch };
  }
  const names = [`refs/tags/${wanted}^{}`, `refs/tags/${wanted}`, `refs/heads/${wanted}`, wanted];
  return { commit: found(address, refs, wanted, names), version: wanted.replace(/^refs\/(heads|tags)\//, "") };
}

function found(
  { cloneUrl }: GitAddress,
  refs: ReadonlyMap<string, string>,
  wanted: string,
  names: readonly string[],
): string {
  const commit = names.map((name) => refs.get(name)).find((one) => one !== undefined && COMMIT.test(one));
  if (commit !== undefined) return commit;
  throw new ModuleProblem(`repository ${cloneUrl} does not contain ref ${JSON.stringify(wanted)}`);
}

function fetchTree(address: GitAddress, commit: string, top: string): void {
  const parent = dirname(top);
  makeFolders(parent);
  const work = mkdtempSync(join(parent, "new-"));
  try {
    const tree = join(work, TREE);
    makeFolders(tree);
    git(address, tree, ["init", "-q", "."]);
    const shallow = askGit(address, tree, ["fetch", "-q", "--depth=1", "--", address.cloneUrl, commit]);
    // Not every server gives a single commit.
    if (shallow.exitCode !== 0) git(address, tree, ["fetch", "-q", "--", address.cloneUrl, "+refs/*:refs/fetched/*"]);
    git(address, tree, ["checkout", "-q", "--detach", commit]);
    bringSubmodules(tree, address.cloneUrl);
    rmSync(join(tree, ".git"), { recursive: true });
    writeFileSync(join(work, COMPLETE), `${address.cloneUrl} ${commit}\n`);
    if (!existsSync(join(top, COMPLETE))) renameSync(work, top);
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(join(top, COMPLETE))) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function asPerson({ cloneUrl }: GitAddress): GitOptions {
  return { asPerson: true, env: { GIT_ALLOW_PROTOCOL: allowedProtocols(cloneUrl) } };
}

function askGit(address: GitAddress, cwd: string, args: readonly string[]): GitResult {
  try {
    return runGitOnwardSync(cwd, address.cloneUrl, args, asPerson(address));
  } catch (error) {
    throw new ModuleProblem((error as Error).message);
  }
}

function git(address: GitAddress, cwd: string, args: readonly string[]): string {
  const { exitCode, stdout, stderr } = askGit(address, cwd, args);
  if (exitCode === 0) return stdout.toString("utf8");
  const todo = UNREACHABLE.test(stderr) ? REACH_IT : lacksLogin(stderr) ? LOG_IN : adviceOnSsh(stderr);
  throw new ModuleProblem(`git error: ${stderr.trim() || `exit status ${exitCode}`} (git ${args.join(" ")})${todo}`);
}

/** The words of git, curl and ssh where nobody is found or nobody answers. */
const UNREACHABLE =
  /could not resolve|name resolution|failed to connect|couldn't connect|connection (?:refused|timed out)|network is unreachable|no route to host/i;
const REACH_IT =
  "\n  to do: make it reachable from this machine (network, HTTPS_PROXY), or use what the store has of it (--offline)";
