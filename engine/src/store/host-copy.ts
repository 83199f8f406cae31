import { hostToolEnv } from "./host-tools.ts";
import { type ProgramOptions, runProgram } from "./start-program.ts";
import { tellSystemError } from "./system-words.ts";
import type { Owner } from "./users.ts";

/**
 * Copies the entries of a tree with modes, owners, times and links as they are, by cp(1): the quickest way for a whole one.
 *
 * @param from what nobody changes meanwhile
 * @param into an empty folder, or none
 * @throws Error that names what could not be copied
 */
export async function copyWholeTree(from: string, into: string, owner?: Owner): Promise<void> {
  const run = (...command: readonly string[]) => runCopy(command, [from, into]);
  await run(...CP, "--no-target-directory", from, into);
  if (owner !== undefined) await run("chown", "--no-dereference", "--recursive", `${owner.uid}:${owner.gid}`, into);
}

/**
 * Copies folders of a tree, each with all that is in it, to the same places of another one, which has nothing there.
 *
 * @param from what nobody changes meanwhile
 * @param folders relative paths; what they lie in is a folder in both trees
 * @throws Error that names what could not be copied
 */
export async function copyFolders(from: string, folders: readonly string[], into: string): Promise<void> {
  await runCopy([...CP, "--parents", `--target-directory=${into}`, "--", ...folders], [from, into], { cwd: from });
}

const CP = ["cp", "--archive", "--reflink=auto"];

/** @param tops of both trees */
async function runCopy(command: readonly string[], tops: readonly string[], options?: ProgramOptions): Promise<void> {
  const { code, stderr } = await runProgram(command, { ...options, env: hostToolEnv() });
  if (code === 0) return;
  const failure = new Error(`${command[0]} ended with ${code ?? "a signal"}: ${stderr}`);
  throw copyFailure(Object.assign(failure, { stderr }), tops);
}

interface CopyError extends Error {
  readonly stderr?: string | Buffer | null;
}

/** What the kernel's refusals are called by programs, and by the kernel. */
const CODES: readonly (readonly [words: string, code: string])[] = [
  ["No space left on device", "ENOSPC"],
  ["Disk quota exceeded", "EDQUOT"],
  ["Input/output error", "EIO"],
  ["Too many open files", "EMFILE"],
  ["Read-only file system", "EROFS"],
];

/**
 * The failure of a program that copies, for a person: what the system refused, or which file in the tree it was about.
 *
 * @param tops where the tree is and was to be: folders of the store, which say nothing to a person
 */
export function copyFailure(error: CopyError, tops: readonly string[]): Error {
  const said = String(error.stderr ?? "").trim();
  const last = said.split("\n").at(-1) ?? "";
  if (last === "") return error;
  const found = CODES.find(([words]) => last.endsWith(words));
  const told = found === undefined ? undefined : tellSystemError(systemError(found));
  if (told !== undefined) return new Error(told, { cause: error });
  const inTree = tops.reduce((text, top) => text.replaceAll(`${top}/`, "/").replaceAll(top, "/"), last);
  return new Error(
    `files could not be copied in the store: ${inTree}\n  to do: check the disk of the store (SLIPWAY_STORE) and who may read it, then run this again`,
    { cause: error },
  );
}

function systemError([words, code]: readonly [string, string]): Error {
  return Object.assign(new Error(`${code}: ${words.toLowerCase()}, copy`), { code, syscall: "copy" });
}
