/** The host of an address of git, `user@host:path` too; empty for a path. */
export function gitHost(address: string): string {
  return URL.canParse(webForm(address)) ? new URL(webForm(address)).hostname : "";
}

/** An address of git in a form whose parts can be read. */
export function webForm(address: string): string {
  const scp = /^(?:[\w.][\w.-]*@)?([\w.-]+):(?!\/)(.*)$/.exec(address);
  return scp === null ? address.replace(/^(git|ssh):/, "http:") : `http://${scp[1]}/${scp[2]}`;
}

/**
 * What git may speak with the places of submodules, as `GIT_ALLOW_PROTOCOL` has it: a repository that came by TLS leads to none
 * that come without, and none leads to paths of this machine.
 *
 * @param origin address of the repository that names them
 * @param hasKeys whether the person's own keys may be used
 */
export function submoduleProtocols(origin: string, hasKeys: boolean): string {
  const open = /^https:/i.test(origin) ? ["https"] : ["http", "https", "git"];
  return [...open, ...(hasKeys ? ["ssh"] : [])].join(":");
}
