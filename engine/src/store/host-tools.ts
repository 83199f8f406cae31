/** How programs of the host are started. */

/** Host tools live in sbin folders too, which an ordinary user's PATH often lacks. */
export function hostToolEnv(): Record<string, string> {
  return { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: "C" };
}

/** Ctrl-C at a terminal goes to the engine alone, which then ends in order; it must not end its helpers under it. */
export const ownSession = { detached: true } as const;
