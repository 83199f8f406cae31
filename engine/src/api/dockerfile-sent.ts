import { digestOf } from "../store/store.ts";
import { lookupOwner, type Owner } from "../store/users.ts";
import { ApiError } from "./errors.ts";
import type { Args, Obj } from "./graph.ts";

/** A mount of a RUN; `object` is the place of what is mounted in the list of objects, -1 for none. */
export interface SentMount {
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  readonly object: number;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly size: number;
  readonly id: string;
  readonly sharing: "shared" | "private" | "locked" | undefined;
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** What a RUN needs besides the files before it. */
export interface SentRun {
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly user: string;
  readonly workdir: string;
  readonly hasNetwork: boolean;
  readonly script?: { readonly name: string; readonly content: string };
  readonly mounts: readonly SentMount[];
  readonly noInit: boolean;
}

/** One source of a COPY or ADD. */
export type SentSource =
  | {
      readonly kind: "files";
      readonly object: number;
      readonly path: string;
      readonly include: readonly string[];
      readonly unpack: boolean;
    }
  | { readonly kind: "file"; readonly object: number; readonly name: string; readonly unpack: boolean }
  | { readonly kind: "inline"; readonly name: string; readonly content: string };

export interface SentCopy {
  readonly sources: readonly SentSource[];
  readonly destination: string;
  readonly owner: string;
  readonly mode?: number;
  readonly exclude: readonly string[];
}

/** The object that a mount or a source of a step is about. */
export function objectOf(args: Args, { object }: { readonly object: number }): Obj {
  return (args["objects"] as readonly Obj[])[object] as Obj;
}

/**
 * An owner by numbers or names of a root; a group alone is root's.
 *
 * @throws ApiError in the words of the real engine
 */
export function ownerIn(root: string, owner: string): Owner {
  try {
    return lookupOwner(root, owner.startsWith(":") ? `0${owner}` : owner);
  } catch (error) {
    throw new ApiError(`failed to parse ownership ${owner}: ${(error as Error).message}`);
  }
}

/** Names a step by what it does and the content of what it takes. */
export function stepKey(kind: string, parent: string, parts: readonly unknown[]): string {
  return digestOf(["dockerfile", kind, parent, ...parts]);
}
