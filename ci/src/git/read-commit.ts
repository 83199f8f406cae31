import { type Directory, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { images } from "../tool-images.ts";
import type { Sources } from "../workspace.ts";
import { type Commit, commitScript, parseCommit } from "./commit.ts";

const REPOSITORY = "/repository";

/**
 * The commit that is checked out, and whether the sources are those of the commit.
 *
 * @param commits The repository's `.git`: HEAD, packed-refs, refs and objects. Never its configuration, where CI systems
 * leave their tokens.
 * @throws SlipwayError `no-commit` when there is no repository
 */
export async function readCommit(commits: Directory, { packages, source }: Sources): Promise<Commit> {
  if (!(await commits.exists(".git/HEAD"))) {
    throw new SlipwayError("no-commit", {
      what: "there is no commit to name the images after",
      where: ".git of the folder with dagger.json",
      todo: "call this in a clone of the repository; a linked worktree, an archive or a submodule has its .git elsewhere",
    });
  }
  const output = await dag
    .container()
    .from(images.node)
    .withWorkdir(REPOSITORY)
    .withDirectory(REPOSITORY, packages)
    .withDirectory(REPOSITORY, source)
    .withMountedDirectory(`${REPOSITORY}/.git`, commits.directory(".git"))
    // In place of the repository's configuration: the files come from another user, and perhaps from Windows.
    .withEnvVariable("GIT_CONFIG_COUNT", "2")
    .withEnvVariable("GIT_CONFIG_KEY_0", "safe.directory")
    .withEnvVariable("GIT_CONFIG_VALUE_0", "*")
    .withEnvVariable("GIT_CONFIG_KEY_1", "core.autocrlf")
    .withEnvVariable("GIT_CONFIG_VALUE_1", "input")
    .withExec(["sh", "-c", commitScript])
    .stdout();
  return parseCommit(output);
}
