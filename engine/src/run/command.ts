import { spawn } from "node:child_process";
import { constants } from "node:os";
import { type ProgramEnd, runByShell } from "../store/helper-shell.ts";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { tellSystemError } from "../store/system-words.ts";

export interface CommandResult extends ProgramEnd {
  readonly stdout: string;
}

/**
 * Runs a program of the host to its end, with `input` as its standard input. Nothing of the environment but PATH goes along:
 * host tools need no more, and what is not passed on cannot leak. Rejects only when the program cannot be started.
 */
export function runCommand(args: readonly string[], input = ""): Promise<CommandResult> {
  const [program, ...rest] = args;
  if (program === undefined) throw new Error("runCommand needs a program to run");
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], env: hostToolEnv(), ...ownSession });
    let stdout = "";
    let stderr = "";
    child.once("error", (error) =>
      reject(new Error(`cannot run ${program}: ${tellSystemError(error) ?? error.message}`, { cause: error })),
    );
    // With too many open files there are no pipes either; the error comes next.
    if (child.stdout === undefined) return;
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.once("close", (code, signal) => resolve({ code: exitCodeOf(code, signal), stdout, stderr }));
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Like `runCommand`, but any exit code except 0 is an error that tells the command and what it said. */
export async function runCommandOrThrow(args: readonly string[], input = ""): Promise<string> {
  const result = await runCommand(args, input);
  if (result.code !== 0) throw failure(args, result);
  return result.stdout;
}

/** Like `runCommandOrThrow`, for the short programs that make networks: by a shell that stays. */
export async function runNetworkProgram(args: readonly string[], input?: string): Promise<void> {
  const end = await runByShell("network", args, input === undefined ? {} : { input });
  if (end.code !== 0) throw failure(args, end);
}

/** Like `runCommandOrThrow`, for mount(8) and umount(8): by a shell that stays. */
export async function runMountProgram(args: readonly string[]): Promise<void> {
  const end = await runByShell("mounts", args);
  if (end.code !== 0) throw failure(args, end);
}

function failure(args: readonly string[], { code, stderr }: ProgramEnd): Error {
  return new Error(`${args.join(" ")} failed with exit code ${code}: ${stderr.trim() || "(it said nothing)"}`);
}

const signalNumbers: Readonly<Record<string, number>> = constants.signals;

/** The one number that a shell would show for how a process ended. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + (signalNumbers[signal] ?? 0);
  return code ?? 1;
}
