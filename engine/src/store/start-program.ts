import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { tellSystemError } from "./system-words.ts";

/**
 * Starts a program of the host. Where no more files can be opened, Node's `spawn` gives a process that has no streams, not even null.
 *
 * @throws Error of the system when no more files can be opened or no memory is left; every other reason is the event `error`
 */
export const startProgram = ((program: string, ...rest: readonly unknown[]): ChildProcess => {
  const child = (spawn as (...all: readonly unknown[]) => ChildProcess)(program, ...rest);
  if (child.stdio !== undefined) return child;
  child.once("error", () => undefined);
  const syscall = `spawn ${program}`;
  throw Object.assign(new Error(`${syscall} EMFILE`), { code: "EMFILE", syscall, path: program });
}) as typeof spawn;

/**
 * Why a program could not be started, for a person.
 *
 * @param inPackage the package of Debian that contains it
 */
export function cannotStart(program: string, cause: Error, inPackage: string): Error {
  const refused = tellSystemError(cause);
  const why = refused ?? `${cause.message}\n  to do: install the package ${inPackage}`;
  return new Error(`${program} could not be started: ${why}`, { cause });
}

/** How a program ended, and all that it said. */
export interface EndedProgram {
  readonly code: number | null;
  /** What ended it, when it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ProgramOptions extends Omit<SpawnOptions, "stdio"> {
  readonly input?: string | Buffer;
  /** Gets what it says on standard error while it runs, and a way to end it. */
  readonly onStderr?: (part: string, end: () => void) => void;
}

/**
 * Runs a program of the host to its end, however that is.
 *
 * @param input its standard input
 * @param timeout milliseconds after which it is ended. Node's own time limit is left out: it stays for a program that could not be
 *   started, and keeps the process for so long
 * @throws Error of the system when it cannot be started
 */
export function runProgram(
  [program = "", ...args]: readonly string[],
  { input, timeout, onStderr, ...options }: ProgramOptions = {},
): Promise<EndedProgram> {
  let limit: NodeJS.Timeout | undefined;
  return new Promise<EndedProgram>((resolve, reject) => {
    const child = startProgram(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    if (timeout !== undefined) limit = setTimeout(() => child.kill(options.killSignal), timeout);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => stdout.push(part));
    child.stderr.on("data", (part: Buffer) => {
      stderr.push(part);
      onStderr?.(part.toString("utf8"), () => child.kill(options.killSignal));
    });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") }),
    );
    // A program that ends before it has read everything is judged by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  }).finally(() => clearTimeout(limit));
}
