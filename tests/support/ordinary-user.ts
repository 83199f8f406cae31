import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Any number that no machine has given to somebody. */
const USER_ID = 47_110;

/** Whether we are root only in a user namespace: then this run is one of an ordinary user already. */
export function isUserNamespace(): boolean {
  return readFileSync("/proc/self/uid_map", "utf8").trim().split(/\s+/)[2] !== "4294967295";
}

/**
 * A command that runs another one as an ordinary user of this machine, whoever runs the tests. Root makes that user up in a
 * mount namespace of its own, where /etc/passwd and the files of subordinate users are other ones; an ordinary user is one.
 *
 * @param folder for these files; the user's home is made in it
 * @param more `ranges: false` leaves out the subordinate users; `without` are programs that this machine shall not have;
 * `prepared` are lines of shell that make another machine of this one, by root in that namespace
 */
export function asOrdinaryUser(
  folder: string,
  more: { readonly ranges?: boolean; readonly without?: readonly string[]; readonly prepared?: readonly string[] } = {},
): readonly string[] {
  if (process.getuid?.() !== 0 || isUserNamespace()) return [];
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  const range = more.ranges === false ? "" : `traveller:700000:65536\n`;
  const files: Record<string, string> = {
    passwd: `${readFileSync("/etc/passwd", "utf8")}traveller:x:${USER_ID}:${USER_ID}::${home}:/bin/sh\n`,
    subuid: range,
    subgid: range,
  };
  const mounts = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return `mount --bind ${path} /etc/${name}`;
  });
  for (const program of more.without ?? []) mounts.push(`mount --bind /dev/null "$(command -v ${program})"`);
  mounts.push(...(more.prepared ?? []));
  const become = `setpriv --reuid ${USER_ID} --regid ${USER_ID} --clear-groups`;
  // Who is not root could not write what it ran through, and says so.
  mounts.push("unset NODE_V8_COVERAGE");
  const script = [...mounts, `chown -R ${USER_ID}:${USER_ID} ${home}`, `export HOME=${home} USER=traveller`];
  return ["unshare", "--mount", "sh", "-ec", `${script.join("\n")}\nexec ${become} "$@"`, "sh"];
}
