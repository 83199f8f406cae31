import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveFiles } from "./served-files.ts";
import { setVariables } from "./with-variables.ts";

/** A repository on a web server of files, and a store of its own for whoever fetches from it. */
export interface ServedRepository {
  /** A folder for more. */
  readonly dir: string;
  /** `http://127.0.0.1:1234/mods.git` */
  readonly url: string;
  readonly commits: readonly string[];
  stop(): void;
}

interface Version {
  readonly tag: string;
  /** Writes its files into this folder, over those of the version before. */
  write(work: string): void;
}

/** Makes one commit for each version, each with its tag. SLIPWAY_STORE is another one until the end. */
export async function serveRepository(branch: string, versions: readonly Version[]): Promise<ServedRepository> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-served-")));
  const putBack = setVariables({ SLIPWAY_STORE: join(dir, "store"), no_proxy: "127.0.0.1" });
  const work = join(dir, "work");
  mkdirSync(work);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: work, encoding: "utf8" }).trim();
  git("init", "-q", "-b", branch, ".");
  const commits = versions.map(({ tag, write }) => {
    write(work);
    git("add", ".");
    git("commit", "-q", "-m", tag);
    git("tag", tag);
    return git("rev-parse", "HEAD");
  });
  const bare = join(dir, "served/mods.git");
  git("clone", "-q", "--bare", ".", bare);
  execFileSync("git", ["update-server-info"], { cwd: bare });
  const { url, server } = await serveFiles(join(dir, "served"));
  return {
    dir,
    url: `${url}/mods.git`,
    commits,
    stop: () => {
      server.kill();
      putBack();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
