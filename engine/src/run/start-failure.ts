import { posix } from "node:path";
import { tellProgramError } from "../store/system-words.ts";
import { isForeignProgram } from "./foreign-program.ts";
import { type BoundPlace, locateInRoot, readStart } from "./root-path.ts";

/** What the init, or the OCI runtime without one, said about a command that could not be executed. */
export type StartFailureReason = "no such file or directory" | "permission denied" | "exec format error";

/** Where a command is looked for. */
export interface CommandPlace {
  readonly rootDir: string;
  readonly binds: readonly BoundPlace[];
  readonly cwd: string;
  /** The container's PATH; empty finds nothing. */
  readonly searchPath: string;
}

/**
 * The line that the real engine writes to standard error, with exit code 1, for a command that cannot be executed
 * (golden cases "an unknown command is …" and the following ones): Go's wording of its os/exec package.
 */
export function describeStartFailure(command: string, reason: StartFailureReason, place: CommandPlace): string {
  if (command.includes("/")) return `fork/exec ${command}: ${reason}`;
  const found = findCommand(command, place);
  if (found === undefined) return `exec: ${JSON.stringify(command)}: executable file not found in $PATH`;
  return `fork/exec ${found}: ${reason}`;
}

/**
 * What the real engine's runtime, runc, writes to standard error, with exit code 255, for a command that cannot be executed in a
 * container that runs already: its own words before it has found the program, the kernel's after that.
 */
export function describeJoinFailure(command: string, reason: StartFailureReason, place: CommandPlace): string {
  const found = findCommand(command, place);
  if (found !== undefined) return `exec ${found}: ${reason}`;
  const why = command.includes("/") ? pathReason(command, reason) : "executable file not found in $PATH";
  return `exec failed: unable to start container process: exec: ${JSON.stringify(command)}: ${why}`;
}

function pathReason(path: string, reason: StartFailureReason): string {
  return reason === "no such file or directory" ? `stat ${path}: ${reason}` : reason;
}

/**
 * Whether the kernel cannot execute the command's file: neither a program of this machine nor a script with an interpreter
 * that is one. The C library of the init would run such a file by the shell; the real engine refuses it, so it must be
 * known before.
 */
export function hasUnknownFormat(command: string, place: CommandPlace): boolean {
  const path = findCommand(command, place);
  if (path === undefined) return false;
  const start = readStart(place.rootDir, posix.resolve(place.cwd, path), place.binds, START_BYTES);
  if (start === undefined) return false;
  if (start.startsWith("\x7fELF")) return isForeignProgram(start);
  if (!start.startsWith("#!")) return true;
  const [interpreter = ""] = start
    .slice(2)
    .trimStart()
    .split(/[\s\0]/, 1);
  const program = readStart(place.rootDir, posix.resolve(place.cwd, interpreter), place.binds, START_BYTES);
  return program?.startsWith("\x7fELF") === true && isForeignProgram(program);
}

/** As much of a file as the kernel looks at to know what it is. */
const START_BYTES = 256;

/** The path of a file that may be executed: the command itself when it is a path, else in the first folder that has one. */
function findCommand(command: string, place: CommandPlace): string | undefined {
  const folders = place.searchPath.split(":").filter((folder) => folder !== "");
  const paths = command.includes("/") ? [command] : folders.map((folder) => posix.join(folder, command));
  return paths.find((path) => {
    const stats = locateInRoot(place.rootDir, posix.resolve(place.cwd, path), place.binds)?.stats;
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  });
}

/** How the texts begin by which tini, and crun without an init, tell that they cannot execute the command. */
export const startFailurePrefixes: readonly string[] = [
  "[FATAL tini (",
  "executable file `",
  "open executable: ",
  "exec container process ",
];

/** The reason in standard error when it is nothing but such a text about `command`. */
export function startFailureReason(stderr: string, command: string): StartFailureReason | undefined {
  const byInit = /^\[FATAL tini \(\d+\)\] exec (.*) failed: ([^\n]*)\n$/s.exec(stderr);
  if (byInit !== null) return byInit[1] === command ? reasonOf(byInit[2] ?? "") : undefined;
  const byRuntime =
    /^(?:executable file `(.*)` not found in \$PATH|open executable|exec container process .*`|exec): ([^\n]*)\n$/s.exec(
      stderr,
    );
  if (byRuntime === null || (byRuntime[1] ?? command) !== command) return undefined;
  return reasonOf(byRuntime[2] ?? "");
}

function reasonOf(text: string): StartFailureReason | undefined {
  if (/no such file or directory/i.test(text)) return "no such file or directory";
  if (/permission denied/i.test(text)) return "permission denied";
  if (/exec format error/i.test(text)) return "exec format error";
  return undefined;
}

/** Of crun when it cannot start the hook, and of the shell that is our hook when it cannot start a program. */
const HOOK_CANNOT_FORK = /error executing hook .*\(exit code: (?:-12|2)\)/;

/**
 * Why there is no container.
 *
 * @param log the OCI runtime's; empty when it said nothing
 */
export function describeContainerFailure(log: string, exitCode: number): string {
  const words = log.trim() || `crun ended with exit code ${exitCode}`;
  const cause = HOOK_CANNOT_FORK.test(words) ? ": it cannot fork" : "";
  return tellProgramError(`the container could not be started: ${words}${cause}`);
}
