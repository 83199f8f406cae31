import type { Directory, Workspace } from "@dagger.io/dagger";
import type { Reads } from "../languages/language.ts";

/** The file that says where the top of a repository is for Slipway, when it is not the top of the checkout. */
const MARK = "slipway.yaml";

/** What of `.git` is read. Never its configuration, where CI systems leave their tokens. */
const COMMITS = [".git/HEAD", ".git/packed-refs", ".git/shallow", ".git/refs", ".git/objects"];

/** The caller's repository. Nothing of it is read before it is asked for, and then no more than that. */
export class Repository {
  readonly #workspace: Workspace;
  /** The folder of the nearest slipway.yaml at or above the caller's, otherwise the top of the checkout. With a slash in front. */
  readonly #top: string;

  private constructor(workspace: Workspace, top: string) {
    this.#workspace = workspace;
    this.#top = top;
  }

  static async open(workspace: Workspace): Promise<Repository> {
    // Typed as text, but null when there is none.
    const mark: string | null = await workspace.findUp(MARK);
    return new Repository(workspace, mark === null ? "/" : mark.slice(0, -MARK.length));
  }

  /** Where the repository lies in the checkout: "." when it is all of it. */
  get folder(): string {
    return this.#top.replace(/^\/|\/$/g, "") || ".";
  }

  /** What the patterns name, without what .gitignore lists. */
  files({ include, exclude }: Reads): Directory {
    return this.#workspace.directory(this.#top, {
      include: [...include],
      exclude: [...exclude, ".git"],
      gitignore: true,
    });
  }

  /** The checkout's `.git`, as far as commits are concerned. */
  commits(): Directory {
    return this.#workspace.directory("/", { include: COMMITS });
  }
}
