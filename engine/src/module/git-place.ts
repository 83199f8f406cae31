import { posix } from "node:path";
import { ApiError } from "../api/errors.ts";
import { readText } from "../api/file-contents.ts";
import { COMMIT, findHead, findRef, type GitRepositoryValue, listRefs } from "../api/git-refs.ts";
import type { Graph, Obj } from "../api/graph.ts";
import { hostDirectory } from "../api/host.ts";
import { sessionOf } from "../api/session.ts";
import { fileIn, placeIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { lookInside } from "../store/inside.ts";
import { type GitAddress, gitRefText, isReleaseVersion, parseGitAddress, tagOf } from "./git-address.ts";
import { installedCopy } from "./git-modules.ts";

/** A module of a git repository: which one, and where it was found. */
export interface GitPlace {
  /** The repository as its address names it. */
  readonly cloneRef: string;
  readonly repoRootPath: string;
  readonly htmlRepoUrl: string;
  /** Short name of the branch or tag, or the commit. */
  readonly version: string;
  readonly commit: string;
  /** All files of the repository, as a Directory. */
  readonly tree: Obj;
  /** The folder that the address names, from the top; `.` for that itself. */
  readonly folder: string;
}

/**
 * Finds what an address of a git repository means. Its files are brought when somebody looks at them.
 *
 * @param pin a commit, or the name of a branch or tag where the address has none; empty: what the address says means it now
 * @throws ApiError when there is no such thing
 */
export async function findGitPlace(graph: Graph, address: GitAddress, pin: string): Promise<GitPlace> {
  const own = sessionOf(graph).host.isContainer === true ? undefined : installedCopy(address);
  if (own !== undefined) {
    return placeOf(address, { version: address.version ?? "", commit: pin }, hostDirectory(graph, { path: own }));
  }
  const url = { url: address.cloneUrl };
  const repository = graph.object("GitRepository", { parent: graph.root, field: "git", args: url });
  const meaning = await meaningOf(graph, await repository.value<GitRepositoryValue>(), address, pin).catch(
    (error: Error) => {
      throw new ApiError(`failed to resolve git src: ${error.message}`);
    },
  );
  const commit = graph.object("GitRef", { parent: repository, field: "commit", args: { id: meaning.commit } });
  return placeOf(address, meaning, graph.object("Directory", { parent: commit, field: "tree", args: {} }));
}

/** The address of another folder in the same repository, at the same version. */
export function besideIn({ cloneRef, version }: GitPlace, path: string): GitAddress {
  // The repository by itself: where its path ends cannot be told from a longer text on every host.
  const repository = parseGitAddress(cloneRef);
  return {
    ...repository,
    folder: posix.join("/", path).slice(1) || ".",
    version: version === "" ? undefined : version,
  };
}

function placeOf(address: GitAddress, meaning: Meaning, tree: Obj): GitPlace {
  const { cloneRef, root, repository, folder } = address;
  return { cloneRef, repoRootPath: root, htmlRepoUrl: `https://${repository}`, ...meaning, tree, folder };
}

type Meaning = Pick<GitPlace, "version" | "commit">;

/** With a pin nothing is looked up, but for a release of a folder, which may have a tag of its own. */
async function meaningOf(
  graph: Graph,
  repository: GitRepositoryValue,
  address: GitAddress,
  pin: string,
): Promise<Meaning> {
  const { version = "", folder } = address;
  const isPinned = COMMIT.test(pin);
  const isRelease = isReleaseVersion(version);
  if (isPinned && (!isRelease || folder === ".")) return { version: version || pin, commit: pin };
  const wanted = isRelease ? await tagFor(graph, repository, address) : version || (isPinned ? "" : pin);
  const found = wanted === "" ? await findHead(graph, repository) : await findRef(graph, repository, wanted);
  return { version: shortName(found.ref), commit: isPinned ? pin : found.commit };
}

async function tagFor(graph: Graph, repository: GitRepositoryValue, address: GitAddress): Promise<string> {
  const refs = await listRefs(graph, repository, ["--tags"], []);
  const tags = refs.map(({ name }) => name.slice("refs/tags/".length));
  const tag = tagOf(address, tags) ?? "";
  if (tags.includes(tag)) return `refs/tags/${tag}`;
  throw new ApiError(`matching version to tags: unable to find version ${address.version}`);
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|remotes)\//, "");
}

/**
 * The folder that holds a file, the one named or the nearest above it in the repository.
 *
 * @throws ApiError when the folder that is named is not there
 */
export async function findUpInGit(graph: Graph, place: GitPlace, name: string): Promise<string | undefined> {
  const top = await placeIn(graph, await place.tree.value<DirectoryValue>(), ".");
  const isThere = (path: string) => lookInside(top, path, { followLast: true }) !== undefined;
  if (!isThere(place.folder)) throw new ApiError(`path ${JSON.stringify(place.folder)} does not exist in git repo`);
  for (let folder = place.folder; ; folder = posix.dirname(folder)) {
    if (isThere(posix.join(folder, name))) return folder;
    if (folder === ".") return undefined;
  }
}

/**
 * A file of the repository as text; undefined when it is not there.
 *
 * @throws ApiError when the files of the repository cannot be had
 */
export async function readInGit(graph: Graph, place: GitPlace, path: string): Promise<string | undefined> {
  const tree = await place.tree.value<DirectoryValue>();
  if (lookInside(await placeIn(graph, tree, "."), path, { followLast: true })?.isFile() !== true) return undefined;
  return await readText(graph, await fileIn(graph, tree, path));
}

/** A page that shows the module, on the server of its repository. */
export function pageOf({ htmlRepoUrl, commit }: GitPlace, folder: string): string {
  const { host } = new URL(htmlRepoUrl);
  if (host === "dev.azure.com") {
    return `${htmlRepoUrl}${posix.join("/commit", commit)}${folder === "." ? "" : `?path=/${folder}`}`;
  }
  const page = host === "github.com" || host === "gitlab.com" ? "/tree" : "/src";
  return htmlRepoUrl + posix.join(page, commit, folder);
}

/** A source of a repository as text, from its top or a folder in it. */
export function textOfPlace({ cloneRef, version }: GitPlace, folder: string): string {
  return gitRefText(cloneRef, folder, version);
}
