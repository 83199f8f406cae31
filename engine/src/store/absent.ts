import { readFileSync, statSync } from "node:fs";
import { errorCode } from "./paths.ts";

/**
 * Whether an error says that nothing is there for this user: no such file, or one below a folder that the user may not enter. A file
 * that is there and cannot be read (too many open files, a bad disk, no right to read it) is not absent: who takes it for that
 * gives a wrong answer.
 */
function isAbsent(error: unknown, path: string): boolean {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return true;
  return code === "EACCES" && !canBeSeen(path);
}

function canBeSeen(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    // It was not allowed to open it, and it is not allowed to look at it.
    return false;
  }
}

/**
 * The text of a file; undefined when there is none.
 *
 * @throws the system's error when it is there and cannot be read
 */
export function readIfThere(path: string): string | undefined {
  return unlessAbsent(path, () => readFileSync(path, "utf8"));
}

/**
 * What is read at a path; undefined when nothing is there.
 *
 * @throws the system's error when it is there and cannot be read
 */
export function unlessAbsent<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error, path)) return undefined;
    throw error;
  }
}
