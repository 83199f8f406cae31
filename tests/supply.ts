import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What a folder of tests says of itself. */
interface Probe {
  whyNot(): Promise<string | undefined> | string | undefined;
  provide?(): Promise<{ readonly env: Readonly<Record<string, string>>; close(): Promise<void> }>;
}

/** What the tests of a folder need, started for the first of them and ended after the last. */
export interface Supply {
  /** Why they cannot run on this machine. */
  readonly reason: string | undefined;
  /** The environment in which they find it. */
  take(): Promise<Readonly<Record<string, string>>>;
  giveBack(): Promise<void>;
}

export const NO_SUPPLY: Supply = { reason: undefined, take: async () => ({}), giveBack: async () => undefined };

/** @param path - of the folder's `probe.ts`, which need not be there. @param users - test files that will give it back. */
export async function openSupply(path: string, users: number): Promise<Supply> {
  if (!existsSync(path)) return NO_SUPPLY;
  const probe = (await import(pathToFileURL(path).href)) as Probe;
  const reason = await probe.whyNot();
  let provided: ReturnType<NonNullable<Probe["provide"]>> | undefined;
  let left = users;
  return {
    reason,
    take: async () => {
      provided ??= probe.provide?.();
      return (await provided)?.env ?? {};
    },
    giveBack: async () => {
      left--;
      // Whoever took it has been told why it did not start.
      if (left === 0) await (await provided?.catch(() => undefined))?.close();
    },
  };
}
