import { posix } from "node:path";
import { leavesFolder } from "../store/paths.ts";
import { ModuleProblem } from "./config.ts";

/** The address of a module in a git repository: `github.com/owner/name/folder@v1.2.3`. */
export interface GitAddress {
  /** The repository as whoever wrote the address names it: a dagger.json says it so. */
  readonly cloneRef: string;
  /** What git is given. */
  readonly cloneUrl: string;
  /** Host and path, as they were written: `github.com/owner/name.git`, `github.com:owner/name`. */
  readonly root: string;
  /** Host and path, to know a repository by: `github.com/owner/name`. */
  readonly repository: string;
  /** Folder of the module in the repository; `.` for its top. */
  readonly folder: string;
  /** Tag, branch or commit; undefined: what the repository calls its head. */
  readonly version: string | undefined;
}

/** Hosts whose repositories have two names. Elsewhere `.git` says where the repository's path ends. */
const TWO_NAMES = new Set(["github.com", "gitlab.com", "bitbucket.org"]);

/** Whether a text is an address of another machine, and not a path. */
export function looksRemote(ref: string): boolean {
  return /^(https?|ssh|git):\/\//.test(ref) || /^[\w.][\w.-]*@[\w.-]+:/.test(ref) || /^[^./][^/]*\.[^/]+\//.test(ref);
}

/** @throws ModuleProblem for a folder outside of the repository */
export function parseGitAddress(ref: string): GitAddress {
  const [, scheme = "", rest = ""] = /^([a-z]+:\/\/)?(.*)$/s.exec(ref) ?? [];
  const isScp = scheme === "" && /^[\w.][\w.-]*@[\w.-]+:/.test(rest);
  const plain = isScp ? rest.replace(":", "/") : rest;
  const [, user = "", address = ""] = /^([\w.][\w.-]*@)?(.*)$/s.exec(plain) ?? [];
  const [path = "", ...versions] = address.split("@");
  const names = path.split("/").filter((name) => name !== "");
  const length = lengthOfRepository(names);
  const repositoryNames = names.slice(0, length);
  const folder = posix.normalize(names.slice(length).join("/") || ".");
  if (leavesFolder(folder)) {
    throw new ModuleProblem(`git module source subpath points out of root: ${JSON.stringify(folder)}`);
  }
  const [host = "", ...inside] = repositoryNames;
  const root = isScp ? `${host}:${inside.join("/")}` : repositoryNames.join("/");
  const asker = scheme === "ssh://" ? user || "git@" : user;
  const cloneUrl = isScp ? `${user}${root}` : `${scheme || "https://"}${asker}${root}`;
  const version = versions.length === 0 ? undefined : versions.join("@");
  const repository = repositoryNames.join("/").replace(/\.git$/, "");
  return { cloneRef: `${scheme}${user}${root}`, cloneUrl, root, repository, folder, version };
}

function lengthOfRepository(names: readonly string[]): number {
  const end = names.findIndex((name, place) => place > 0 && name.endsWith(".git"));
  if (end >= 0) return end + 1;
  return TWO_NAMES.has(names[0] ?? "") ? 3 : names.length;
}

/** A module of a repository in one text, as a dagger.json names it: `github.com/owner/name/folder@v1.2.3`. */
export function gitRefText(cloneRef: string, folder: string, version: string): string {
  const path = posix.join("/", folder);
  return `${cloneRef}${path === "/" ? "" : path}${version === "" ? "" : `@${version}`}`;
}

/** Whether a version is looked for among the tags alone. */
export function isReleaseVersion(version: string): boolean {
  return /^v\d+(\.\d+){0,2}([-+].*)?$/.test(version);
}

/** The tag that a version means: of a module in a folder `folder/v1.2.3` before `v1.2.3`; the version itself when there is no such tag. */
export function tagOf({ folder, version }: GitAddress, tags: readonly string[]): string | undefined {
  if (version === undefined || !isReleaseVersion(version)) return version;
  const ofFolder = `${folder}/${version}`;
  return folder !== "." && tags.includes(ofFolder) ? ofFolder : version;
}
