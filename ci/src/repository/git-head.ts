/** A hash of SHA-1 or SHA-256, whole. */
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where HEAD leads: to a commit itself, as CI systems check out, or by the name of a ref. */
export type Head = { readonly commit: string } | { readonly ref: string };

/** Reads `.git/HEAD`; undefined for what leads nowhere. */
export function readHead(text: string): Head | undefined {
  const line = text.trimEnd();
  if (HASH.test(line)) return { commit: line };
  const ref = /^ref: (refs\/[^\s:?*[\\^~]+)$/.exec(line)?.[1];
  return ref === undefined || ref.split("/").includes("..") ? undefined : { ref };
}

/** What is checked out: a commit, or one into which git has merged another on this machine, as some CI systems do with a pull request. */
export type CheckedOut = { readonly commit: string } | { readonly base: string; readonly merged: string };

/**
 * Whether git made a commit on this machine, by a merge of two that others may have as well.
 *
 * @param log the text of `.git/logs/HEAD`, which has a line for each time that HEAD moved
 */
export function findMerge(commit: string, log: string): CheckedOut {
  for (const line of log.split("\n")) {
    const [, base = "", made, merged = ""] = /^(\w+) (\w+) [^\t]*\tmerge (\w+): Merge made by /.exec(line) ?? [];
    if (made === commit && HASH.test(base) && HASH.test(merged)) return { base, merged };
  }
  return { commit };
}

/**
 * The commit of a ref.
 *
 * @param loose the text of `.git/REF`, which counts, and `packed` that of `.git/packed-refs`; undefined for a file that is not there
 */
export function findCommit(ref: string, loose: string | undefined, packed: string | undefined): string | undefined {
  if (loose !== undefined && HASH.test(loose.trimEnd())) return loose.trimEnd();
  const line = packed?.split("\n").find((one) => one.endsWith(` ${ref}`));
  const hash = line?.slice(0, -ref.length - 1);
  return hash !== undefined && HASH.test(hash) ? hash : undefined;
}
