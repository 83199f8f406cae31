import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { wordsIn } from "../store/system-words.ts";
import type { GlobalOptions } from "./global-flags.ts";

/**
 * Looks whether the file of `--trace` can be written, before anything runs: whoever asks for a page should not learn at the
 * end of a long run that there is none. Makes its path absolute.
 *
 * @throws Error that says why it cannot be written; nobody should try it then
 */
export function prepareTraceFile(options: Pick<GlobalOptions, "trace">, cwd: string): void {
  const { trace } = options;
  options.trace = "";
  if (trace !== "") options.trace = writableFile(trace, cwd, "--trace");
}

/**
 * The absolute path of a file that a page can be written to.
 *
 * @param flag that named the file
 * @throws Error that says why it cannot be written
 */
export function writableFile(file: string, cwd: string, flag: string): string {
  const path = resolve(cwd, file);
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw new Error("it is a folder");
    // Newer versions of Node say of a file in a file that it is not there. The folder's own `.` tells them apart.
    accessSync(there === undefined ? `${dirname(path)}/.` : path, constants.W_OK);
  } catch (error) {
    throw new Error(
      `${flag}: ${path} cannot be written: ${wordsOf(error)}\n  to do: name a file in an existing, writable folder`,
    );
  }
  return path;
}

/**
 * Writes the page. Either all of it is there in the end, or what was there before.
 *
 * @throws Error in the system's words, without the path
 */
export function writeTraceFile(path: string, page: string): void {
  const part = `${path}.${process.pid}.part`;
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    // A device or a pipe has to stay what it is.
    const isPlace = there !== undefined && !there.isFile();
    writeFileSync(isPlace ? path : part, page);
    if (!isPlace) renameSync(part, there === undefined ? path : realpathSync(path));
  } catch (error) {
    rmSync(part, { force: true });
    throw new Error(wordsOf(error), { cause: error });
  }
}

function wordsOf(error: unknown): string {
  const { message } = error as Error;
  return wordsIn(message) ?? message;
}
