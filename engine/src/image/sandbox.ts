import { MOUNT_DEVICES } from "../store/mount-devices.ts";
import { cannotStart, runProgram, startProgram } from "../store/start-program.ts";

/** How a command ended that did not succeed. */
class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** Of what a tool says when it fails: apt tells of one package in ten lines. */
const MOST_LINES = 30;

/** How a tool ended, and all that it said. */
export interface Ended {
  /** The name of a signal when one ended it. */
  readonly exitCode: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a tool of the host to its end, however that is; it is killed when this process dies. */
export async function tryTool(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { code, signal, stdout, stderr } = await runProgram(["setpriv", "--pdeathsig", "KILL", ...args], {
    ...options,
    env: { ...process.env, LC_ALL: "C", ...options.env },
  }).catch((error: Error) => {
    throw cannotStart("setpriv", error, "util-linux");
  });
  return { exitCode: signal ?? code ?? 1, stdout, stderr };
}

/**
 * Runs a tool of the host to its end; it is killed when this process dies.
 *
 * @returns its standard output
 * @throws CommandError with the last lines of what it said
 */
export async function runTool(args: readonly string[], options: CommandOptions = {}): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await tryTool(args, options);
  if (exitCode === 0) return stdout;
  const said = [stdout.toString("utf8"), stderr].map((text) => text.trim()).filter((text) => text !== "");
  throw new CommandError(
    `${args[0]} failed with exit code ${exitCode}:\n${said.flatMap((text) => text.split("\n").slice(-MOST_LINES)).join("\n")}`,
  );
}

/**
 * Runs a shell script in mount and process namespaces of its own: what it mounts and starts is gone at its end.
 *
 * @param script gets `args` as $1, $2 …
 * @param network `host`, or `none`: loopback only, and a host name that resolves
 */
export async function runIsolated(
  script: string,
  args: readonly string[],
  network: "host" | "none",
  options: CommandOptions = {},
): Promise<Buffer> {
  const loopback = network === "none" ? "hostname localhost\nip link set lo up\n" : "";
  const spaces = ["--mount", "--pid", "--fork", "--kill-child", ...(network === "none" ? ["--net", "--uts"] : [])];
  return await runTool(["unshare", ...spaces, "sh", "-euc", `${loopback}${script}`, "sh", ...args], options);
}

/** Shell lines that give the root $1 what programs expect. Where proc may not be mounted anew, the host's is shown. */
export const MOUNT_SYSTEM_FOLDERS = `
mount -t proc proc "$1/proc" 2>/dev/null || mount --rbind /proc "$1/proc"
${MOUNT_DEVICES}`;

/**
 * Waits for a lock on a file, which other processes respect as well and which ends with this one.
 *
 * @param ending after it nobody waits any longer
 */
export async function lockFile(path: string, ending?: AbortSignal): Promise<() => Promise<void>> {
  const child = startProgram("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const giveUp = () => {
    // It may have the lock since a moment ago: then a shell has it that ends with its input.
    child.stdin.end();
    child.kill("SIGKILL");
  };
  ending?.addEventListener("abort", giveUp);
  if (ending?.aborted === true) giveUp();
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("error", (cause) => reject(cannotStart("flock", cause, "util-linux")));
      child.once("close", () => reject(new Error(`cannot lock ${path}`)));
    });
  } finally {
    ending?.removeEventListener("abort", giveUp);
  }
  return async () => {
    child.stdin.end();
    await closed;
  };
}
