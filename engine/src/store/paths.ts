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
  ENXIO: "no such device or address",
  EBUSY: "device or resource busy",
  ETXTBSY: "text file busy",
  EMFILE: "too many open files",
  EXDEV: "invalid cross-device link",
  ESTALE: "stale file handle",
};

/** What went wrong with a path, in the words that clients of the real engine know: `stat nope: no such file or directory`. */
export class PathError extends Error {
  override readonly name = "PathError";

  constructor(
    readonly operation: string,
    readonly path: string,
    readonly code: string,
    /** Whether the path is one of this machine, and not of a tree. */
    readonly isOnHost = false,
  ) {
    super(`${operation} ${path}: ${REASONS[code] ?? code}`);
  }

  /** The same for a path that begins at a folder. */
  below(folder: string): PathError {
    return new PathError(this.operation, `${folder === "/" ? "" : folder}${this.path}`, this.code);
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

/** Whether an absolute, clean path is that of a folder or of something below it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
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
