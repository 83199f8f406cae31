import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { cannotStart, startProgram } from "../store/start-program.ts";

/**
 * A process id namespace in which everything lives that must die with the engine. Its process 1 ends when the engine does,
 * however it does: the engine holds the other end of its standard input, and the kernel kills the namespace after it.
 */
export class Anchor {
  #started: Promise<ChildProcess> | undefined;

  /** Arguments in front of a command so that it runs inside; starts the anchor when it is not there yet. */
  async enterArgs(): Promise<string[]> {
    this.#started ??= startAnchor();
    const child = await this.#started;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `the process that keeps the engine's containers together has ended (exit code ${child.exitCode}, signal ${child.signalCode}); start the command again`,
      );
    }
    return ["nsenter", `--pid=/proc/${child.pid}/ns/pid_for_children`];
  }

  /** Ends everything inside and waits until it has ended. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#started === undefined) return;
    const child = await this.#started;
    if (child.exitCode !== null || child.signalCode !== null) return;
    // Nothing else may keep the engine alive while it waits.
    child.ref();
    const ended = once(child, "exit");
    // Killing unshare makes the kernel kill its child, process 1, and with it all others.
    child.kill("SIGKILL");
    await ended;
  }
}

async function startAnchor(): Promise<ChildProcess> {
  // tini reaps what crun leaves behind; cat ends at the end of its input. pdeathsig covers the moment before cat runs.
  const inside = ["tini-static", "-s", "--", "sh", "-c", "echo ready; exec cat"];
  const child = startProgram(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", ...inside],
    {
      stdio: ["pipe", "pipe", "pipe"],
      env: hostToolEnv(),
      ...ownSession,
    },
  );
  const said = await new Promise<string>((resolve, reject) => {
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.stdout.setEncoding("utf8").once("data", resolve);
    child.once("error", (error) => reject(cannotStart("setpriv", error, "util-linux")));
    child.once("close", (code) =>
      reject(new Error(`cannot make a process id namespace (exit code ${code}): ${stderr.trim()}`)),
    );
  });
  if (said.trim() !== "ready") throw new Error(`the process id namespace answered "${said.trim()}" instead of "ready"`);
  // The engine may end while the anchor runs: that is what it is for.
  child.unref();
  for (const stream of child.stdio) {
    if (stream !== null && stream !== undefined && "unref" in stream && typeof stream.unref === "function")
      stream.unref();
  }
  return child;
}
