import { type Directory, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { images } from "../tool-images.ts";
import { type Commit, commitScript, parseCommit } from "./commit.ts";

const REPOSITORY = "/repository";
const OUTPUT = "/tmp/commit";

/** Files of the repository, and which those are. */
export interface HandedIn {
  readonly files: Directory;
  readonly isHandedIn: (path: string) => boolean;
}

/**
 * The commit that is checked out, and whether files are as in the commit.
 *
 * @param commits The repository's `.git`: HEAD, packed-refs, refs and objects. Never its configuration, where CI systems
 * leave their tokens.
 * @param folder where the files lie in the checkout, "." for its top
 * @throws SlipwayError `no-commit` when there is no repository
 */
export async function readCommit(commits: Directory, folder: string, { files, isHandedIn }: HandedIn): Promise<Commit> {
  if (!(await commits.exists(".git/HEAD"))) {
    throw new SlipwayError("no-commit", {
      what: "there is no commit to name the images after",
      where: ".git at the top of the checkout",
      todo: "call this in a clone of the repository: an archive has no .git, and a linked worktree or a submodule has it elsewhere",
    });
  }
  const output = await dag
    .container()
    .from(images.node)
    .withWorkdir(REPOSITORY)
    .withDirectory(folder === "." ? REPOSITORY : `${REPOSITORY}/${folder}`, files)
    .withMountedDirectory(`${REPOSITORY}/.git`, commits.directory(".git"))
    // In place of the repository's configuration: the files come from another user, and perhaps from Windows.
    .withEnvVariable("GIT_CONFIG_COUNT", "2")
    .withEnvVariable("GIT_CONFIG_KEY_0", "safe.directory")
    .withEnvVariable("GIT_CONFIG_VALUE_0", "*")
    .withEnvVariable("GIT_CONFIG_KEY_1", "core.autocrlf")
    .withEnvVariable("GIT_CONFIG_VALUE_1", "input")
    // Into a file: of a large repository it is long, and it would fill the progress.
    .withExec(["sh", "-c", commitScript, "sh", "/tmp/ignored", OUTPUT])
    .file(OUTPUT)
    .contents();
  const below = folder === "." ? "" : `${folder}/`;
  return parseCommit(output, (path) => path.startsWith(below) && isHandedIn(path.slice(below.length)));
}
