import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitDaemon } from "./git-daemon.ts";
import { writeFiles } from "./write-files.ts";

/** A server of one git repository on loopback, by git's own protocol. */
export interface GitServer {
  /** `git://127.0.0.1:PORT/repo.git`. */
  readonly url: string;
  /** Commits these files on `main`. Returns the commit. */
  commit(files: Readonly<Record<string, string>>): string;
  tag(name: string): void;
  /** How often somebody connected. */
  asked(): number;
  stop(): Promise<void>;
}

export async function startGitServer(): Promise<GitServer> {
  const dir = mkdtempSync(join(tmpdir(), "git-server-"));
  const repository = join(dir, "repo.git");
  mkdirSync(repository);
  const who = {
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@example",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@example",
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, ...who },
      stdio: "pipe",
    }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("config", "uploadpack.allowAnySHA1InWant", "true");
  const daemon = await startGitDaemon(dir);
  return {
    url: `${daemon.url}/repo.git`,
    commit: (files) => {
      writeFiles(repository, files);
      git("add", "--all");
      git("commit", "--quiet", "--message", "files");
      return git("rev-parse", "HEAD");
    },
    tag: (name) => void git("tag", "--force", name),
    asked: daemon.asked,
    stop: async () => {
      await daemon.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
