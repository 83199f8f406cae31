import { posix } from "node:path";

/**
 * A path as Go's `path.Clean` leaves it: without `.`, double slashes and a slash at the end, and without `..` but at the beginning
 * of a relative one. `a/../b/` gives `b`, the empty path `.`.
 */
export function pathClean(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, "$1");
}
