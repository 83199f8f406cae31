/** What apt says of an index or a package that is not what Debian has signed. */
const NOT_SIGNED =
  /not signed|signatures? (?:couldn't|were)|NOSPLIT|NO_PUBKEY|BADSIG|Hash Sum mismatch|unexpected size/i;
const TOO_OLD = /Release file .* is expired/;
const TOO_NEW = /Release file .* is not valid yet/;
const GONE = /\b(?:404|410)\b/;

/**
 * Why packages of Debian could not be had: apt's words, and what to do.
 *
 * @param what is missing now
 * @param from the address below which Debian's archives were looked for
 */
export function debianFailure(what: string, from: string, { message, ...more }: Error): Error {
  const advice = adviseOn(message);
  return new Error(
    `${what} could not be downloaded from ${from}: ${message}${advice === "" ? "" : `\n  to do: ${advice}`}`,
    more,
  );
}

function adviseOn(words: string): string {
  if (TOO_OLD.test(words)) return "check the clock of this machine (date), or use a mirror that is kept up to date";
  if (TOO_NEW.test(words)) return "check the clock of this machine (date)";
  if (NOT_SIGNED.test(words))
    return "check what answers there (a mirror, a proxy that wants a login): it is not what Debian signed, and nothing of it was kept";
  if (GONE.test(words))
    return "try again, since mirrors change; or use a mirror that is complete (SLIPWAY_DEBIAN_MIRROR)";
  if (/Temporary failure resolving|Could not (?:connect|resolve)|Unable to connect|Network is unreachable/.test(words))
    return "make it reachable (network, HTTP_PROXY), or set SLIPWAY_DEBIAN_MIRROR to a mirror that can be reached";
  return "";
}
