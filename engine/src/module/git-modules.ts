import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolders } from "../store/folders.ts";
import { runGitSync } from "../store/git-run.ts";
import { isAtOrBelow } from "../store/paths.ts";
import { digestOf } from "../store/store.ts";
import { storeDir } from "../store/system-words.ts";
import { ModuleProblem } from "./config.ts";
import { type GitAddress, parseGitAddress, tagOf } from "./git-address.ts";
import { findModuleDir } from "./module-dir.ts";
import { defaultBundlesDir } from "./runtime-files.ts";

/** Where Slipway lives. Its modules are answered by the copy that is installed, so that they work without a network. */
const OWN_REPOSITORY = "github.com/slipway/slipway";
/** Beside a fetched tree: says that it is complete, and where its repository ends. */
const COMPLETE = "complete";
const TREE = "tree";
const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const AS_PERSON = { asPerson: true, env: { GIT_ALLOW_PROTOCOL: "http:https:git:ssh" } };

/** A folder of this machine that an address stands for. */
export interface FetchedModule {
  readonly dir: string;
  /** Undefined for the installed copy. */
  readonly commit: string | undefined;
}

/**
 * The folder of a module in a git repository: fetched, or from an earlier time. With a pin nothing is asked when it is there.
 *
 * @param tell gets a line when the address is answered by this installation
 * @throws ModuleProblem with the words of git
 */
export function fetchModule(ref: string, pin: string | undefined, tell: (line: string) => void): FetchedModule {
  const address = parseGitAddress(ref);
  if (address.repository === OWN_REPOSITORY) return ownModule(ref, address, tell);
  const commit = pin !== undefined && SHA.test(pin) ? pin : commitOf(address, pin);
  const top = join(storeDir(), "modules", digestOf(["git module", address.cloneUrl, commit]).slice(0, 32));
  if (!existsSync(join(top, COMPLETE))) fetchTree(address, commit, top);
  return { dir: folderIn(join(top, TREE), address, ref), commit };
}

/**
 * Whether a folder is the top of what its modules may see without being a git repository: a fetched one, or the installation,
 * which may lie in `node_modules` of somebody else's.
 */
export function isModuleTop(folder: string): boolean {
  if (folder.endsWith(`/${TREE}`) && existsSync(join(dirname(folder), COMPLETE))) return true;
  return folder === findModuleDir(defaultBundlesDir());
}

function ownModule(ref: string, address: GitAddress, tell: (line: string) => void): FetchedModule {
  const top = findModuleDir(defaultBundlesDir());
  if (top === undefined) throw new ModuleProblem(`module ${ref}: this installation has no dagger.json`);
  const dir = folderIn(top, address, ref);
  tell(`${ref} is answered by the installed copy, ${dir}`);
  return { dir, commit: undefined };
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

/** What a version means now. */
function commitOf(address: GitAddress, pin: string | undefined): string {
  if (address.version !== undefined && SHA.test(address.version)) return address.version;
  const lines = git("/", ["ls-remote", "--", address.cloneUrl])
    .split("\n")
    .filter((line) => line !== "");
  const refs = new Map(lines.map((line) => line.split("\t").reverse() as [string, string]));
  const tags = [...refs.keys()].filter((name) => name.startsWith("refs/tags/")).map((name) => name.slice(10));
  const wanted = tagOf(address, tags) ?? pin;
  const names =
    wanted === undefined ? ["HEAD"] : [`refs/tags/${wanted}^{}`, `refs/tags/${wanted}`, `refs/heads/${wanted}`, wanted];
  const found = names.map((name) => refs.get(name)).find((commit) => commit !== undefined);
  if (found !== undefined) return found;
  throw new ModuleProblem(`repository ${address.cloneUrl} does not contain ref ${JSON.stringify(wanted ?? "HEAD")}`);
}

function fetchTree(address: GitAddress, commit: string, top: string): void {
  const parent = dirname(top);
  makeFolders(parent);
  const work = mkdtempSync(join(parent, "new-"));
  try {
    const tree = join(work, TREE);
    makeFolders(tree);
    git(tree, ["init", "-q", "."]);
    const shallow = runGitSync(tree, ["fetch", "-q", "--depth=1", "--", address.cloneUrl, commit], AS_PERSON);
    // Not every server gives a single commit.
    if (shallow.exitCode !== 0) git(tree, ["fetch", "-q", "--", address.cloneUrl, "+refs/*:refs/fetched/*"]);
    git(tree, ["checkout", "-q", "--detach", commit]);
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

function git(cwd: string, args: readonly string[]): string {
  const { exitCode, stdout, stderr } = runGitSync(cwd, args, AS_PERSON);
  if (exitCode === 0) return stdout.toString("utf8");
  throw new ModuleProblem(`git error: ${stderr.trim() || `exit status ${exitCode}`} (git ${args.join(" ")})`);
}
