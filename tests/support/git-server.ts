import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "./registry.ts";
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
  const port = await findFreePort();
  const options = [
    "--reuseaddr",
    "--export-all",
    "--verbose",
    "--listen=127.0.0.1",
    `--port=${port}`,
    `--base-path=${dir}`,
  ];
  const child = spawn("git", ["daemon", ...options, dir], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const deadline = Date.now() + 15_000;
  while (!log.includes("Ready to rumble")) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`git daemon does not start: ${log}`);
    await delay(20);
  }
  return {
    url: `git://127.0.0.1:${port}/repo.git`,
    commit: (files) => {
      writeFiles(repository, files);
      git("add", "--all");
      git("commit", "--quiet", "--message", "files");
      return git("rev-parse", "HEAD");
    },
    tag: (name) => void git("tag", "--force", name),
    asked: () => log.match(/Connection from/g)?.length ?? 0,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
