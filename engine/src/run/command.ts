import { constants } from "node:os";
import { type ProgramEnd, runByShell } from "../store/helper-shell.ts";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { programFailure } from "../store/program-failure.ts";
import { runProgram } from "../store/start-program.ts";
import { tellSystemError } from "../store/system-words.ts";

export interface CommandResult extends ProgramEnd {
  readonly stdout: string;
}

/**
 * Runs a program of the host to its end, with `input` as its standard input. Nothing of the environment but PATH goes along:
 * host tools need no more, and what is not passed on cannot leak. Rejects only when the program cannot be started.
 */
export async function runCommand(args: readonly string[], input = ""): Promise<CommandResult> {
  if (args.length === 0) throw new Error("runCommand needs a program to run");
  const ended = await runProgram(args, { env: hostToolEnv(), ...ownSession, input }).catch((error: Error) => {
    throw new Error(`cannot run ${args[0]}: ${tellSystemError(error) ?? error.message}`, { cause: error });
  });
  return { code: exitCodeOf(ended.code, ended.signal), stdout: ended.stdout.toString("utf8"), stderr: ended.stderr };
}

/**
 * Like `runCommand`, but any exit code except 0 is an error with what the program said.
 *
 * @param failure what could not be done then, for a person
 */
export async function runCommandOrThrow(failure: string, args: readonly string[], input = ""): Promise<string> {
  const result = await runCommand(args, input);
  if (result.code !== 0) throw programFailure(failure, args, result);
  return result.stdout;
}

/** Like `runCommandOrThrow`, for the short programs that make networks: by a shell that stays. */
export async function runNetworkProgram(failure: string, args: readonly string[], input?: string): Promise<void> {
  const end = await runByShell("network", args, input === undefined ? {} : { input });
  if (end.code !== 0) throw programFailure(failure, args, end);
}

/** Like `runCommandOrThrow`, for mount(8) and umount(8): by a shell that stays. */
export async function runMountProgram(failure: string, args: readonly string[]): Promise<void> {
  const end = await runByShell("mounts", args);
  if (end.code !== 0) throw programFailure(failure, args, end);
}

const signalNumbers: Readonly<Record<string, number>> = constants.signals;

/** The one number that a shell would show for how a process ended. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + (signalNumbers[signal] ?? 0);
  return code ?? 1;
}
