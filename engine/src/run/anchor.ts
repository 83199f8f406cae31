import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { cannotStart, startProgram } from "../store/start-program.ts";
import { AnchorShell, type BegunProgram, type InsideProgram } from "./anchor-shell.ts";

interface Started {
  readonly child: ChildProcess;
  readonly shell: AnchorShell;
}

/**
 * A process id namespace in which everything lives that must die with the engine. Its process 1 ends when the engine does,
 * however it does: the engine holds the other end of its standard input, and the kernel kills the namespace after it.
 */
export class Anchor {
  #started: Promise<Started> | undefined;

  /** Starts a program inside, by a shell that is there; starts the anchor when it is not there yet. */
  async start(program: InsideProgram): Promise<BegunProgram> {
    return await (await this.#start()).shell.start(program);
  }

  /** Arguments in front of a command so that it runs inside; starts the anchor when it is not there yet. */
  async enterArgs(): Promise<string[]> {
    const { child } = await this.#start();
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
    const { child } = await this.#started;
    if (child.exitCode !== null || child.signalCode !== null) return;
    // Nothing else may keep the engine alive while it waits.
    child.ref();
    const ended = once(child, "exit");
    // Killing unshare makes the kernel kill its child, process 1, and with it all others.
    child.kill("SIGKILL");
    await ended;
  }

  #start(): Promise<Started> {
    this.#started ??= startAnchor();
    return this.#started;
  }
}

/** By this the OCI runtime looks whether its program is one that cannot be written, before it makes itself one. */
const RUNTIME_IS_READ_ONLY = { _LIBCONTAINER_CLONED_BINARY: "1" };

async function startAnchor(): Promise<Started> {
  // tini reaps what crun leaves behind; the shell ends at the end of its input. pdeathsig covers the moment before it runs.
  const inside = ["tini-static", "-s", "--", "sh", "-s"];
  const child = startProgram(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", ...inside],
    {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...hostToolEnv(), ...RUNTIME_IS_READ_ONLY },
      ...ownSession,
    },
  );
  const { stdin, stdout, stderr } = child;
  // When it ends before it has answered, that is told below.
  stdin.on("error", () => undefined);
  stdin.write("echo ready\n");
  const said = await new Promise<string>((resolve, reject) => {
    let words = "";
    stderr.setEncoding("utf8").on("data", (chunk: string) => (words = `${words}${chunk}`.slice(-4000)));
    stdout.setEncoding("utf8").once("data", resolve);
    child.once("error", (error) => reject(cannotStart("setpriv", error, "util-linux")));
    child.once("close", (code) =>
      reject(new Error(`cannot make a process id namespace (exit code ${code}): ${words.trim()}`)),
    );
  });
  if (said.trim() !== "ready") throw new Error(`the process id namespace answered "${said.trim()}" instead of "ready"`);
  return { child, shell: new AnchorShell(child, { stdin, stdout, stderr }) };
}
