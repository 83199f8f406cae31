import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { isInsideHost } from "../store/destinations.ts";
import { runGitOnward } from "../store/git-redirects.ts";
import { allowedProtocols, type GitResult, gitOutput, runGit } from "../store/git-run.ts";
import { keepPrivate } from "../store/private.ts";
import { adviceOnSsh } from "../store/ssh-refusals.ts";
import { walkTree } from "../store/tree-walk.ts";
import { type BoundServices, bindServices } from "./bound-services.ts";
import { ApiError, unsupported } from "./errors.ts";
import { credentialEnv, type GitCredentials, sshEnv } from "./git-credentials.ts";
import type { Graph, Obj } from "./graph.ts";
import { askOrRecall, refuseOffline } from "./network-answers.ts";
import { sessionOf } from "./session.ts";
import { placeIn } from "./trees.ts";
import type { DirectoryValue } from "./values.ts";

/** Where a repository is: in a directory of the API, or somewhere git can fetch from. */
export type GitRepositoryValue =
  | { readonly kind: "directory"; readonly directory: DirectoryValue }
  | {
      readonly kind: "remote";
      readonly url: string;
      readonly credentials: GitCredentials;
      /** A service of the session that runs while the repository is asked, and is known by its name. */
      readonly service: Obj | undefined;
      /** Whether the person at this machine asks for it, and not a function: with their network and their SSH agent. */
      readonly isAskedByMachine: boolean;
      readonly keepsGitDir: boolean;
      /** A commit that is the head, whatever the repository says. */
      readonly head?: string | undefined;
    };

export interface GitRefValue {
  readonly repository: GitRepositoryValue;
  /** `refs/heads/main`; a commit by itself when that is what was asked for. */
  readonly ref: string;
  readonly commit: string;
}

const PLAIN_URL = /^(https?|git):\/\/[^-]/;
const SSH_URL = /^ssh:\/\/[^-]|^[\w.][\w.-]*@[\w.][\w.-]*:/;

/** Whether the repository is asked for with the person's SSH agent, or lies on this machine: not for functions by themselves. */
export function leadsToMachine(url: string): boolean {
  if (SSH_URL.test(url)) return true;
  return URL.canParse(url) && isInsideHost(new URL(url.replace(/^git:/, "http:")).hostname);
}

/**
 * The address of a repository on the network, as git takes it.
 *
 * @param hasAgent whether there is an SSH agent
 * @throws ApiError for a path or another kind of address: the machine that the engine runs on is not the client's
 */
export function checkedUrl(url: string, hasAgent: boolean): string {
  if (PLAIN_URL.test(url)) return url;
  if (SSH_URL.test(url)) {
    if (hasAgent) return url;
    throw new ApiError("git authentication failed: SSH URLs are not supported without an SSH socket");
  }
  throw new ApiError(
    `invalid git URL ${JSON.stringify(url)}: use https://, http://, ssh://, git:// or user@host:path; for a folder, host.directory(…).asGit`,
  );
}

/** How git gets at a repository: where to start it, the address, and options that come first. */
export interface GitAccess {
  readonly cwd: string;
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Whose settings and network git has: nobody's for a folder, which needs none; `person outside` is the person with the network of a
   * container.
   */
  readonly as: "person" | "person outside" | "container" | "nobody";
  readonly service?: Obj | undefined;
}

interface RemoteRef {
  readonly name: string;
  /** Of a tag with a message: what it points to. */
  readonly commit: string;
}

/** A commit by its whole hash, of SHA-1 or SHA-256. */
export const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * Git is started in a folder that is no repository: the settings of one could say that its address means another one of this
 * machine (`url.….insteadOf`).
 *
 * @throws Error `git error: not a git repository`
 */
export async function accessTo(graph: Graph, repository: GitRepositoryValue): Promise<GitAccess> {
  const cwd = sessionOf(graph).store.scratch;
  if (repository.kind === "remote") {
    const { credentials, url, service } = repository;
    // A service is in the session's network alone.
    const ofPerson = service === undefined ? "person" : "person outside";
    const as = repository.isAskedByMachine ? ofPerson : "container";
    // With ssh the keys of the person open what others may not read.
    if (!/^(?:https?|git):/i.test(url)) keepPrivate();
    const env = {
      ...(await credentialEnv(credentials, url)),
      ...(await sshEnv(graph, credentials)),
      GIT_ALLOW_PROTOCOL: allowedProtocols(url),
    };
    return { cwd, address: url, env, as, service };
  }
  const place = await placeIn(graph, repository.directory, ".");
  checkRepository(place);
  return { cwd, address: place, env: {}, as: "nobody" };
}

/** Binds the files of a place in the network over those of the machine, for the program that follows. */
const WITH_NAMES = 'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"';

/** Asks a repository for something. What a function asks for is asked from a place in the session's network. */
export async function askGit(
  graph: Graph,
  access: GitAccess,
  cwd: string,
  args: readonly string[],
): Promise<GitResult> {
  const session = sessionOf(graph);
  const { service } = access;
  if (access.as !== "nobody" && service === undefined && session.offline) refuseOffline(access.address);
  const options = { env: access.env, asPerson: access.as.startsWith("person") };
  if (access.as === "nobody") return await runGit(cwd, args, options);
  if (access.as === "person") return await runGitOnward(cwd, access.address, args, options);
  const lease = await session.network.lease("client");
  const bound = service === undefined ? [] : [{ alias: "", service }];
  let services: BoundServices | undefined;
  try {
    services = await bindServices(session, bound, lease, ["git"]);
    const enter = ["nsenter", `--net=${lease.namespacePath}`, "unshare", "--mount", "sh", "-c", WITH_NAMES, "sh"];
    return await runGit(cwd, args, { ...options, before: [...enter, lease.resolvPath, lease.hostsPath] });
  } finally {
    await services?.release();
    await lease.release();
  }
}

/**
 * Git would follow what a repository says about other places, out of the directory and into this machine.
 *
 * @throws ApiError when there is no repository, or one that is not complete by itself
 */
export function checkRepository(place: string): void {
  const inner = join(place, ".git");
  const stat = lstatSync(inner, { throwIfNoEntry: false });
  const folder = stat === undefined ? place : inner;
  if (stat?.isDirectory() === false)
    throw unsupported("a git repository of which .git is not a folder (a worktree or submodule)");
  if (!existsSync(join(folder, "HEAD")) || !existsSync(join(folder, "objects"))) {
    throw new ApiError("git error: not a git repository");
  }
  for (const entry of walkTree(folder)) {
    if (entry.stat.isSymbolicLink() && !entry.path.startsWith("hooks/")) {
      throw unsupported(`a git repository with a link in it (${entry.path})`);
    }
    if (entry.path === "commondir" || entry.path === "objects/info/alternates") {
      throw unsupported(`a git repository that borrows from another one (${entry.path})`);
    }
  }
}

/** The refs that match, in order of their names. */
export async function listRefs(
  graph: Graph,
  repository: GitRepositoryValue,
  options: readonly string[],
  patterns: readonly string[],
): Promise<readonly RemoteRef[]> {
  const listed = await listRemote(graph, repository, options, patterns);
  const commits = new Map<string, string>();
  for (const line of listed.split("\n")) {
    const [commit = "", name = ""] = line.split("\t");
    // The commit below a tag with a message follows the tag, and counts.
    if (name !== "" && !commit.startsWith("ref:")) commits.set(name.replace(/\^\{\}$/, ""), commit);
  }
  return [...commits].map(([name, commit]) => ({ name, commit }));
}

/** What `git ls-remote` prints; of a repository on the network, offline, what it printed last. */
async function listRemote(
  graph: Graph,
  repository: GitRepositoryValue,
  options: readonly string[],
  patterns: readonly string[],
): Promise<string> {
  const access = await accessTo(graph, repository);
  const ask = async () => {
    const args = ["ls-remote", ...options, "--", access.address, ...patterns];
    const listed = await askGit(graph, access, access.cwd, args);
    if (listed.exitCode !== 0) throw remoteFailure(access.address, listed.stderr);
    return listed.stdout.toString("utf8");
  };
  if (repository.kind === "directory" || repository.service !== undefined) return await ask();
  const { username, token, header } = repository.credentials;
  const login = [username, (await token?.key()) ?? null, (await header?.key()) ?? null];
  const question = ["git refs", access.as, access.address, login, options, patterns];
  return await askOrRecall(sessionOf(graph), question, access.address, ask);
}

function remoteFailure(address: string, stderr: string): Error {
  const refused = /Failed to connect to (\S+) port (\d+)/.exec(stderr);
  if (refused === null) return new ApiError(`git error: ${stderr.trim()}${adviceOnSsh(stderr)}`);
  const [, host, port] = refused;
  return new ApiError(
    `Get "${address}/info/refs?service=git-upload-pack": dial tcp ${host}:${port}: connect: connection refused`,
  );
}

/** @throws Error when the repository has no commit yet */
export async function findHead(graph: Graph, repository: GitRepositoryValue): Promise<GitRefValue> {
  if (repository.kind === "remote" && repository.head !== undefined) return commitRef(repository, repository.head);
  const text = await listRemote(graph, repository, ["--symref"], ["HEAD"]);
  const commit = /^([0-9a-f]+)\tHEAD$/m.exec(text)?.[1];
  if (commit === undefined) throw new ApiError('repository does not contain ref "HEAD"');
  return { repository, ref: /^ref: (\S+)\tHEAD$/m.exec(text)?.[1] ?? commit, commit };
}

/** @throws ApiError `repository does not contain ref "refs/heads/nope"` */
export async function findRef(graph: Graph, repository: GitRepositoryValue, name: string): Promise<GitRefValue> {
  if (name === "" || name === "HEAD") return await findHead(graph, repository);
  if (COMMIT.test(name)) return { repository, ref: name, commit: name };
  const candidates = name.startsWith("refs/") ? [name] : [name, `refs/heads/${name}`, `refs/tags/${name}`];
  const refs = await listRefs(graph, repository, [], candidates);
  for (const candidate of candidates) {
    const found = refs.find((ref) => ref.name === candidate);
    if (found !== undefined) return { repository, ref: found.name, commit: found.commit };
  }
  throw new ApiError(`repository does not contain ref ${JSON.stringify(name)}`);
}

/** @throws ApiError `invalid commit SHA: "nope"` */
export function commitRef(repository: GitRepositoryValue, id: string): GitRefValue {
  if (!COMMIT.test(id)) throw new ApiError(`invalid commit SHA: ${JSON.stringify(id)}`);
  return { repository, ref: id, commit: id };
}

/** The tag with the highest version; one that is no release only when there is no release. */
export async function findLatestVersion(graph: Graph, repository: GitRepositoryValue): Promise<GitRefValue> {
  const tags = await listRefs(graph, repository, ["--tags"], []);
  const versions = tags.flatMap((tag) => {
    const match = /^refs\/tags\/v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+.*)?$/.exec(tag.name);
    if (match === null) return [];
    return [{ tag, numbers: match.slice(1, 4).map(Number), isRelease: match[4] === undefined, suffix: match[4] ?? "" }];
  });
  versions.sort((a, b) => {
    if (a.isRelease !== b.isRelease) return a.isRelease ? -1 : 1;
    for (const place of [0, 1, 2]) {
      const difference = (b.numbers[place] as number) - (a.numbers[place] as number);
      if (difference !== 0) return difference;
    }
    return b.suffix.localeCompare(a.suffix, "en", { numeric: true });
  });
  const latest = versions[0]?.tag;
  if (latest === undefined) throw new ApiError("no semver tags found");
  return { repository, ref: latest.name, commit: latest.commit };
}

/** Gets commits into a repository that `git init` made. Depth 0: all of the history. */
export async function fetchInto(
  graph: Graph,
  folder: string,
  access: GitAccess,
  wanted: string,
  options: { readonly depth: number; readonly tags: boolean },
): Promise<void> {
  const isFolder = access.address.startsWith("/");
  const args = [
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    // For a folder git starts the other side too.
    ...(isFolder ? ["--upload-pack=git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack"] : []),
    ...(options.depth > 0 ? [`--depth=${options.depth}`] : []),
    options.tags ? "--tags" : "--no-tags",
    "--",
    // With a plain path git copies files, and then knows no depth.
    isFolder ? `file://${access.address}` : access.address,
    wanted,
  ];
  const result = await askGit(graph, access, folder, args);
  if (result.exitCode === 0) return;
  if (/not our ref|unadvertised object|couldn't find remote ref/.test(result.stderr)) {
    throw new ApiError("failed to checkout : git error: sha fetch unsupported by remote");
  }
  throw remoteFailure(access.address, result.stderr);
}

/** The commit that two commits have in common. */
export async function findCommonAncestor(
  graph: Graph,
  ours: GitRefValue,
  theirs: GitRefValue,
  scratch: string,
): Promise<string> {
  await gitOutput(scratch, ["init", "--quiet", "--bare"]);
  for (const ref of [ours, theirs]) {
    await fetchInto(graph, scratch, await accessTo(graph, ref.repository), ref.commit, { depth: 0, tags: false });
  }
  return (await gitOutput(scratch, ["merge-base", ours.commit, theirs.commit])).trim();
}
