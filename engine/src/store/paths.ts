import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** As many links as the real engine follows before it gives up. */
const MOST_LINKS = 255;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  EEXIST: "file exists",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  ENOTEMPTY: "directory not empty",
  EINVAL: "invalid argument",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
};

/** What went wrong with a path, in the words that clients of the real engine know: `stat nope: no such file or directory`. */
export class PathError extends Error {
  override readonly name = "PathError";

  constructor(
    operation: string,
    path: string,
    readonly code: string,
  ) {
    super(`${operation} ${path}: ${REASONS[code] ?? code}`);
  }
}

/** The code of a system error, `ENOENT` for example; undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** A system error as a PathError for a path that the client knows; other errors stay what they are. */
export function pathError(operation: string, path: string, error: unknown): unknown {
  const code = errorCode(error);
  return code === undefined || error instanceof PathError ? error : new PathError(operation, path, code);
}

/**
 * The absolute form of a path without `.`, `..`, double slashes and a slash at the end: `a/../b/` gives `/b`.
 * `..` at the top stays at the top.
 */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Whether a relative path leads out of the folder that it starts from. */
export function leavesFolder(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

export interface ResolveOptions {
  /** Whether a link at the end of the path is followed too. */
  readonly followLast: boolean;
}

/**
 * The place on the host of `path` inside `root`: symlinks are followed as if `root` were `/`, so the result is always
 * inside. What does not exist is taken as it is written.
 *
 * @throws PathError for a path below a file; Error `too many links` for links that go round
 */
export function resolveInsideSync(root: string, path: string, options: ResolveOptions): string {
  const pending = cleanPath(path)
    .split("/")
    .filter((part) => part !== "");
  const done: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.shift() as string;
    if (part === "..") {
      done.pop();
      continue;
    }
    done.push(part);
    if (pending.length === 0 && !options.followLast) break;
    const target = readLink(root, done);
    if (target === undefined) continue;
    links += 1;
    if (links > MOST_LINKS) throw new Error("too many links");
    done.pop();
    if (target.startsWith("/")) done.length = 0;
    pending.unshift(...target.split("/").filter((step) => step !== "" && step !== "."));
  }
  return done.length === 0 ? root : join(root, ...done);
}

export async function resolveInside(root: string, path: string, options: ResolveOptions): Promise<string> {
  return resolveInsideSync(root, path, options);
}

function readLink(root: string, parts: readonly string[]): string | undefined {
  const place = join(root, ...parts);
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(place) : undefined;
  } catch (error) {
    if (errorCode(error) === "ENOTDIR" || errorCode(error) === "ENOENT") {
      throw new PathError("lstat", `/${parts.join("/")}`, errorCode(error) as string);
    }
    throw pathError("lstat", `/${parts.join("/")}`, error);
  }
}
