import type { Outline } from "./outline.ts";

/**
 * A reader of files that reads each once for an outline: members of a workspace ask for those of all the others. What could
 * not be read is read again, so that everybody is told why.
 */
export function readOnce<T>(read: (outline: Outline, path: string) => T): (outline: Outline, path: string) => T {
  const all = new WeakMap<Outline, Map<string, T>>();
  return (outline, path) => {
    const known = all.get(outline) ?? new Map<string, T>();
    all.set(outline, known);
    const value = known.get(path) ?? read(outline, path);
    known.set(path, value);
    return value;
  };
}
