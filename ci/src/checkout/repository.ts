import { type Directory, ExistsType, type Workspace } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Reads } from "../languages/language.ts";
import { type CheckedOut, findCommit, findMerge, readHead } from "../repository/git-head.ts";
import { listTracked } from "../repository/git-index.ts";
import { readBytes } from "./read-bytes.ts";

/** The file that says where the top of a repository is for Slipway, when it is not the top of the checkout. */
const MARK = "slipway.yaml";

/** What of `.git` is read. Never its configuration, where CI systems leave their tokens. */
const HEAD = ".git/HEAD";
const LOG = ".git/logs/HEAD";
const INDEX = ".git/index";
const PACKED = ".git/packed-refs";
const COMMITS = [HEAD, PACKED, ".git/shallow", ".git/refs", ".git/objects"];

/** The caller's repository. Nothing of it is read before it is asked for, and then no more than that. */
export class Repository {
  readonly #workspace: Workspace;
  /** The nearest slipway.yaml at or above the caller's folder, with a slash in front; null when there is none. */
  readonly #mark: string | null;
  /** Paths that git tracks although a .gitignore names them, as patterns. */
  readonly #hidden: readonly string[];

  private constructor(workspace: Workspace, mark: string | null, hidden: readonly string[] = []) {
    this.#workspace = workspace;
    this.#mark = mark;
    this.#hidden = hidden;
  }

  static async open(workspace: Workspace): Promise<Repository> {
    // Typed as text, but null when there is none.
    const mark: string | null = await workspace.findUp(MARK);
    return new Repository(workspace, mark);
  }

  /** The folder of its slipway.yaml, otherwise the top of the checkout. With a slash at both ends. */
  get #top(): string {
    return this.#mark === null ? "/" : this.#mark.slice(0, -MARK.length);
  }

  /** Where the repository lies in the checkout: "." when it is all of it. */
  get folder(): string {
    return this.#top.replace(/^\/|\/$/g, "") || ".";
  }

  /** Whether it is, or lies in, a checkout of git: with a folder `.git`, or the file that a work tree or a submodule has. */
  async isInGit(): Promise<boolean> {
    const found: string | null = await this.#workspace.findUp(".git", { from: this.#top });
    return found !== null;
  }

  /** Those of the paths that are there, and what lies below them, whether git ignores it or not. */
  async listAll(paths: readonly string[]): Promise<string[]> {
    if (paths.length === 0) return [];
    return await this.#workspace.directory(this.#top, { include: [...paths] }).glob("**/*");
  }

  /**
   * The text of slipway.yaml, whether git ignores it or not; undefined when there is none.
   *
   * @throws SlipwayError `bad-config` when it is a folder, or a link that leads out of the repository or nowhere
   */
  async readMark(): Promise<string | undefined> {
    if (this.#mark === null) return undefined;
    try {
      return await this.#workspace.file(this.#mark).contents();
    } catch (error) {
      throw refuseMark(error);
    }
  }

  /** The same repository, with files that git tracks although a .gitignore names them. */
  withHidden(paths: readonly string[]): Repository {
    return new Repository(this.#workspace, this.#mark, paths.map(asPattern));
  }

  /** What the patterns name: what git tracks, and what no .gitignore names. */
  files({ include, exclude }: Reads): Directory {
    const patterns = { include: [...include], exclude: [...exclude, ".git"] };
    const files = this.#workspace.directory(this.#top, { ...patterns, gitignore: true });
    if (this.#hidden.length === 0) return files;
    const hidden = this.#workspace.directory(this.#top, { include: [...this.#hidden] });
    return files.withDirectory(".", hidden.filter(patterns));
  }

  /**
   * The files that git tracks, whether they are there or not, as its index lists them. None where there is no git.
   * Undefined when that list is out of reach: `.git` of a work tree or a submodule only says where it lies.
   */
  async listTracked(): Promise<string[] | undefined> {
    const found = this.#workspace.directory("/", { include: [INDEX] });
    if ((await found.glob(INDEX)).length === 0) return (await this.#hasNoIndex()) ? [] : undefined;
    const tracked = listTracked(await readBytes(found.file(INDEX)));
    const top = this.#top.slice(1);
    return tracked?.flatMap((path) => (path.startsWith(top) ? [path.slice(top.length)] : []));
  }

  /** Whether there is no git, or one that nothing was added to. */
  async #hasNoIndex(): Promise<boolean> {
    if (!(await this.isInGit())) return true;
    return (await this.#workspace.directory("/", { include: [HEAD] }).glob(HEAD)).length > 0;
  }

  /** What is checked out, without asking git; undefined where `.git` is no folder, or nothing was committed. */
  async readCheckedOut(): Promise<CheckedOut | undefined> {
    const commit = await this.#readCommit();
    return commit === undefined ? undefined : findMerge(commit, (await this.#readGit(LOG)) ?? "");
  }

  async #readCommit(): Promise<string | undefined> {
    const head = readHead((await this.#readGit(HEAD)) ?? "");
    if (head === undefined || "commit" in head) return head?.commit;
    const [loose, packed] = await Promise.all([this.#readGit(`.git/${head.ref}`), this.#readGit(PACKED)]);
    return findCommit(head.ref, loose, packed);
  }

  async #readGit(path: string): Promise<string | undefined> {
    const found = this.#workspace.directory("/", { include: [asPattern(path)] });
    const isThere = await found.exists(path, { expectedType: ExistsType.RegularType });
    return isThere ? await found.file(path).contents() : undefined;
  }

  /** The checkout's `.git`, as far as commits are concerned. */
  commits(): Directory {
    return this.#workspace.directory("/", { include: COMMITS });
  }
}

/** A path as a pattern that means nothing else. */
export function asPattern(path: string): string {
  return path.replace(/[*?[\]{}\\!]/g, "?");
}

function refuseMark(error: unknown): SlipwayError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SlipwayError("bad-config", {
    what: `${MARK} cannot be read: ${reason}`,
    where: MARK,
    todo: "it has to be a file, or a link to a file in the repository",
  });
}
