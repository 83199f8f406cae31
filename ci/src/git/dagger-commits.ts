import { type Container, type Directory, dag, ReturnType } from "@dagger.io/dagger";
import { images } from "../tool-images.ts";
import { ANCESTORS_SCRIPT, type Commits, FILE_SCRIPT, refuseHistory } from "./commits.ts";

/** Asks git in a container about a repository's `.git`. */
export class DaggerCommits implements Commits {
  readonly #git: Container;

  /** @param source has HEAD, packed-refs, refs and objects in `.git`. */
  constructor(source: Directory) {
    this.#git = dag
      .container()
      .from(images.node)
      .withMountedDirectory("/repository", source)
      .withWorkdir("/repository")
      // In place of the repository's configuration: the files come from another user.
      .withEnvVariable("GIT_CONFIG_COUNT", "1")
      .withEnvVariable("GIT_CONFIG_KEY_0", "safe.directory")
      .withEnvVariable("GIT_CONFIG_VALUE_0", "*");
  }

  async findAncestors(commit: string, candidates: readonly string[]): Promise<string[]> {
    const exec = this.#git.withExec(["sh", "-c", ANCESTORS_SCRIPT, "sh", commit, ...candidates], {
      expect: ReturnType.Any,
    });
    const exitCode = await exec.exitCode();
    if (exitCode !== 0) throw refuseHistory(exitCode, commit);
    return (await exec.stdout()).split("\n").filter((line) => line !== "");
  }

  async readFile(branch: string, path: string): Promise<string | undefined> {
    const exec = this.#git.withExec(["sh", "-c", FILE_SCRIPT, "sh", branch, path], { expect: ReturnType.Any });
    return (await exec.exitCode()) === 0 ? await exec.stdout() : undefined;
  }
}
