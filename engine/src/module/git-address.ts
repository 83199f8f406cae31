import { posix } from "node:path";
import { leavesFolder } from "../store/paths.ts";
import { ModuleProblem } from "./config.ts";

/** The address of a module in a git repository: `github.com/owner/name/folder@v1.2.3`. */
export interface GitAddress {
  /** What git is given. */
  readonly cloneUrl: string;
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
  const url = isScp
    ? `${user}${host}:${inside.join("/")}`
    : `${scheme || "https://"}${scheme === "ssh://" ? user || "git@" : user}${repositoryNames.join("/")}`;
  const version = versions.length === 0 ? undefined : versions.join("@");
  return { cloneUrl: url, repository: repositoryNames.join("/").replace(/\.git$/, ""), folder, version };
}

function lengthOfRepository(names: readonly string[]): number {
  const end = names.findIndex((name, place) => place > 0 && name.endsWith(".git"));
  if (end >= 0) return end + 1;
  return TWO_NAMES.has(names[0] ?? "") ? 3 : names.length;
}

/** The tag that a version means: of a module in a folder `folder/v1.2.3` before `v1.2.3`; the version itself when there is no such tag. */
export function tagOf({ folder, version }: GitAddress, tags: readonly string[]): string | undefined {
  if (version === undefined || !/^v\d+(\.\d+){0,2}([-+].*)?$/.test(version)) return version;
  const ofFolder = `${folder}/${version}`;
  return folder !== "." && tags.includes(ofFolder) ? ofFolder : version;
}
