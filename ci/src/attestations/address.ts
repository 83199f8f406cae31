/**
 * An address of a repository as it may be published: without a user, a password, and what tokens are put into (`?…`, `#…`).
 * Whoever can read an image can read this. The `git@` of SSH is the same for everybody and stays out as well.
 */
export function withoutCredentials(address: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address.trim()) ?? [];
  if (scheme === undefined || rest === undefined) return cutTail(cutUser(address.trim(), ":"));
  return cutTail(`${scheme}${cutUser(rest, "/")}`);
}

/** Cuts off all that stands before the host; a password may hold an `@` of its own. */
function cutUser(text: string, endOfHost: string): string {
  const end = text.search(endOfHost === "/" ? /[/?#]/ : /[/?#]|:(?!.*@)/);
  const host = end < 0 ? text : text.slice(0, end);
  return text.slice(host.lastIndexOf("@") + 1);
}

function cutTail(text: string): string {
  return text.replace(/[?#].*$/s, "");
}
