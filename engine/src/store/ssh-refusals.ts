/** What there is to do where ssh says that one of the two sides does not know the other; empty for anything else. */
export function adviceOnSsh(stderr: string): string {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) return CHANGED;
  if (/^Host key verification failed/m.test(stderr)) return UNKNOWN;
  return /Permission denied \([^)]*publickey/.test(stderr) ? REFUSED : "";
}

const UNKNOWN =
  "\n  to do: the key of this host is not in ~/.ssh/known_hosts: connect to it once with ssh and compare the key that it shows, or give its lines as sshKnownHosts";
const CHANGED =
  "\n  to do: ask whoever runs this host for its new key before you replace the one in ~/.ssh/known_hosts: somebody may be answering in its place";
const REFUSED =
  "\n  to do: give ssh a key that this server accepts: `ssh-add -l` lists those of the agent that SSH_AUTH_SOCK or sshAuthSocket names, `ssh-add FILE` adds one";
