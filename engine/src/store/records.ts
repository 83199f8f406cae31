import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { isKeptPrivate } from "./private.ts";

/** Told of a file of the store that is not as it was written: its path, and what is wrong with it. */
export type OnDamage = (path: string, what: string) => void;

/** What is in a record's file. `older`: written before records had a checksum, and nothing vouches for it. */
export type Found = { readonly kind: "sound" | "older"; readonly value: unknown } | { readonly kind: "missing" };

const MARK = "slipway-record-1";
/** Behind the checksum of what must not leave this machine. */
const PRIVATE = " private";

/**
 * Writes a JSON value with its checksum in the first line, so that a later reader knows it from a damaged one.
 *
 * @param temporary a path of this process alone on the same file system
 * @throws the system's error
 */
export function writeRecord(path: string, value: unknown, temporary: string): void {
  const body = JSON.stringify(value);
  try {
    writeFileSync(temporary, `${MARK} ${checksum(body)}${isKeptPrivate() ? PRIVATE : ""}\n${body}`);
    putInPlace(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Reads what `writeRecord` wrote. A damaged record counts as missing, after `onDamage` was told.
 *
 * @throws the system's error when it says nothing about this one file: too many open files, no memory
 */
export function readRecord(path: string, onDamage: OnDamage): Found {
  let text: string | undefined;
  try {
    text = readStoreFile(path)?.toString("utf8");
  } catch (error) {
    onDamage(path, damageOf(error));
    return { kind: "missing" };
  }
  if (text === undefined) return { kind: "missing" };
  noteUse(path);
  const sound = soundRecord(text);
  if (sound !== undefined) return { kind: "sound", value: sound.value };
  const older = text.startsWith("{") ? parse(text) : undefined;
  if (older !== undefined) return { kind: "older", value: older };
  onDamage(path, text === "" ? "it is empty" : "its checksum does not match");
  return { kind: "missing" };
}

/** What a record's file says, if it is as it was written, and whether it must not leave this machine. */
export function soundRecord(text: string): { readonly value: unknown; readonly isPrivate: boolean } | undefined {
  const end = text.indexOf("\n");
  if (end === -1) return undefined;
  const [head, body] = [text.slice(0, end), text.slice(end + 1)];
  const mark = `${MARK} ${checksum(body)}`;
  if (head !== mark && head !== mark + PRIVATE) return undefined;
  return { value: JSON.parse(body), isPrivate: head !== mark };
}

/** Uses within this time count as one: a cached call should not write. */
export const USE_MS = 10 * 60 * 1000;

/** A file's or folder's time of change says when it was last used, for who has to decide what the store can do without. */
export function noteUse(path: string): void {
  renew(path, "mtimeMs", (_, now) => utimesSync(path, now / 1000, now / 1000));
}

/** The same for the folder of a layer, by its time of status change: the other one belongs to what the layer holds. */
export function noteLayerUse(path: string): void {
  renew(path, "ctimeMs", ({ mode }) => chmodSync(path, mode & 0o7777));
}

function renew(path: string, time: "mtimeMs" | "ctimeMs", write: (stat: Stats, now: number) => void): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  const now = Date.now();
  if (stat === undefined || now - stat[time] < USE_MS) return;
  try {
    write(stat, now);
  } catch {
    // A store that may only be read, or a file that is just removed, is none the worse for it.
  }
}

/**
 * The bytes of a small file of the store; `undefined` when there is none. Never waits, also when a pipe stands there.
 *
 * @throws the system's error; `damageOf` knows whether it is about this file
 */
export function readStoreFile(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Codes of the system that say that what stands at a path cannot be read, whoever tries it next. */
const UNREADABLE: Readonly<Record<string, string>> = {
  EISDIR: "there is a folder in its place",
  ENXIO: "there is a socket in its place",
  ELOOP: "a link that leads to itself is in its place",
  EACCES: "it cannot be read: no permission",
  EPERM: "it cannot be read: no permission",
  EIO: "the disk cannot read it",
  EUCLEAN: "the disk cannot read it",
  EBADMSG: "the disk cannot read it",
};

/**
 * What is wrong with a file that could not be read.
 *
 * @throws the error itself when it is not about the file
 */
export function damageOf(error: unknown): string {
  const words = UNREADABLE[(error as NodeJS.ErrnoException).code ?? ""];
  if (words === undefined) throw error;
  return words;
}

/**
 * Gives a finished file its name in the store. What stands there is replaced, also a folder.
 *
 * @throws the system's error
 */
export function putInPlace(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  }
}

/** Whether a folder stands at the path; anything else there is no layer and no volume. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    damageOf(error);
    return false;
  }
}

/** One line for all that is damaged, told at the first of it. */
export function damageNotice(tell: (line: string) => void): OnDamage {
  let isTold = false;
  return (path, what) => {
    if (isTold) return;
    isTold = true;
    tell(`the store has a damaged file, ${path} (${what}): what is damaged there is made again`);
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
