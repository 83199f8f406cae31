import { readInside } from "./inside.ts";
import { errorCode, PathError } from "./paths.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who a process runs as. */
export interface UserIdentity extends Owner {
  readonly additionalGids: readonly number[];
  /** Home folder by /etc/passwd; `/` for a user that is not in it. */
  readonly home: string;
}

interface PasswdEntry extends Owner {
  readonly name: string;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/**
 * Owners by number alone, `12:34` or `12` (which is `12:12`): what a directory without users can be asked for.
 *
 * @throws Error for names, as the real engine words it
 */
export function parseOwner(owner: string): Owner {
  const [user = "", group] = owner.split(":");
  const numbers = [user, group ?? user];
  if (numbers.every((part) => /^\d+$/.test(part))) return { uid: Number(user), gid: Number(group ?? user) };
  throw new Error(`failed to parse ownership ${owner}: open /etc/passwd: no such file or directory`);
}

/**
 * Owners by numbers or by names of the root's /etc/passwd and /etc/group. A number without a group is also its group, a
 * name without one has the group of the user.
 *
 * @throws Error `find uid: no such user: who`, `find gid: no such group: who`,
 * `open /etc/passwd: stat /etc/passwd: no such file or directory`
 */
export function lookupOwner(root: string, owner: string): Owner {
  const [user = "", group] = owner.split(":");
  let uid: number;
  let gid: number;
  if (/^\d+$/.test(user)) {
    uid = Number(user);
    gid = uid;
  } else {
    const entry = readPasswd(root, "required").find((candidate) => candidate.name === user);
    if (entry === undefined) throw new Error(`find uid: no such user: ${user}`);
    ({ uid, gid } = entry);
  }
  if (group === undefined) return { uid, gid };
  if (/^\d+$/.test(group)) return { uid, gid: Number(group) };
  const entry = readGroups(root, "required").find((candidate) => candidate.name === group);
  if (entry === undefined) throw new Error(`find gid: no such group: ${group}`);
  return { uid, gid: entry.gid };
}

/**
 * The user that a process runs as, from `user`, `user:group`, numbers or names; empty is root. A number that is not in
 * /etc/passwd has group 0. What looks like a number is one, and never a name: that of another user could stand there.
 *
 * @throws Error `unable to find user who: no matching entries in passwd file`, `uids and gids must be in range 0-2147483647`
 */
export function lookupUser(root: string, user: string): UserIdentity {
  const [name = "", groupName] = user.split(":");
  const passwd = readPasswd(root, "optional");
  const number = idOf(name);
  const entry = passwd.find((candidate) => (number === undefined ? candidate.name === name : candidate.uid === number));
  const uid = entry?.uid ?? (name === "" ? 0 : number);
  if (uid === undefined) throw new Error(`unable to find user ${name}: no matching entries in passwd file`);
  const home = (entry ?? passwd.find((candidate) => candidate.uid === uid))?.home ?? (uid === 0 ? "/root" : "/");
  if (groupName !== undefined && groupName !== "") {
    const gid = idOf(groupName) ?? readGroups(root, "optional").find((candidate) => candidate.name === groupName)?.gid;
    if (gid === undefined) throw new Error(`unable to find group ${groupName}: no matching entries in group file`);
    return { uid, gid, additionalGids: [], home };
  }
  if (entry === undefined) return { uid, gid: 0, additionalGids: [], home };
  const memberOf = readGroups(root, "optional").filter((group) => group.members.includes(entry.name));
  return { uid, gid: entry.gid, additionalGids: [...new Set(memberOf.map((group) => group.gid))], home };
}

const MOST_ID = 2 ** 31 - 1;

/** The number of a user or a group; undefined for a name. */
function idOf(text: string): number | undefined {
  const number = numberOf(text);
  if (number === undefined || number <= MOST_ID) return number;
  throw new Error(`uids and gids must be in range 0-${MOST_ID}`);
}

function numberOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function readPasswd(root: string, presence: "required" | "optional"): readonly PasswdEntry[] {
  return readTable(root, "/etc/passwd", presence).flatMap(([name = "", , uid = "", gid = "", , home = ""]) =>
    name === "" || numberOf(uid) === undefined ? [] : [{ name, uid: Number(uid), gid: numberOf(gid) ?? 0, home }],
  );
}

function readGroups(root: string, presence: "required" | "optional"): readonly GroupEntry[] {
  return readTable(root, "/etc/group", presence).flatMap(([name = "", , gid = "", members = ""]) =>
    name === "" || numberOf(gid) === undefined ? [] : [{ name, gid: Number(gid), members: members.split(",") }],
  );
}

function readTable(root: string, path: string, presence: "required" | "optional"): readonly (readonly string[])[] {
  try {
    const text = readInside(root, path).toString("utf8");
    return text.split("\n").map((line) => line.trim().split(":"));
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && !(error instanceof PathError)) throw error;
    if (presence === "optional") return [];
    throw new Error(`open ${path}: stat ${path}: no such file or directory`);
  }
}
