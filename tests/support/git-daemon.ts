import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "./registry.ts";

/** git's own server on the loopback. */
export interface GitDaemon {
  /** `git://127.0.0.1:PORT`; a path below the served folder follows. */
  readonly url: string;
  /** How many times somebody connected. */
  asked(): number;
  stop(): Promise<void>;
}

/**
 * Serves every repository below `folder` to everybody who can reach the loopback.
 *
 * @throws Error with what it said when it does not listen within 15 seconds
 */
export async function startGitDaemon(folder: string): Promise<GitDaemon> {
  const port = await findFreePort();
  const options = ["--reuseaddr", "--export-all", "--verbose", "--listen=127.0.0.1", `--port=${port}`];
  const child = spawn("git", ["daemon", ...options, `--base-path=${folder}`, folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "close");
  const deadline = Date.now() + 15_000;
  while (!log.includes("Ready to rumble")) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`git daemon does not start: ${log}`);
    await delay(20);
  }
  return {
    url: `git://127.0.0.1:${port}`,
    asked: () => log.match(/Connection from/g)?.length ?? 0,
    stop: async () => {
      // git hands this on to the daemon, which is another process; it could not hand on a SIGKILL.
      child.kill("SIGTERM");
      await ended;
    },
  };
}
