import { parseListInteger } from "./numbers.ts";

/** A size on a disk as the configuration of the real engine has it: in bytes, or as a part of the whole. */
export interface DiskSpace {
  readonly bytes: number;
  readonly percent: number;
}

const POWERS = "kmgtp";
/** What is rounded up to: a GiB of the disk counts as a GB. */
const [GIB, GB] = [2 ** 30, 1e9];

/**
 * Reads `200GB`, `1.5g` or `80%`; nothing is none.
 *
 * @throws Error `invalid disk space …`, or with the text of Go's strconv
 */
export function parseDiskSpace(text: string): DiskSpace {
  if (text === "") return { bytes: 0, percent: 0 };
  if (text.endsWith("%")) return { bytes: 0, percent: parsePercent(text.slice(0, -1)) };
  const [, number, power, bytes = ""] = /^(\d+\.?\d*|\.\d+) ?(?:([kmgtp])(i?b)?|b)?$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`invalid disk space ${text}`);
  const factor = power === undefined && bytes === "" ? 1 : 1024 ** (POWERS.indexOf((power ?? "").toLowerCase()) + 1);
  return { bytes: Math.trunc(Number(number) * factor), percent: 0 };
}

function parsePercent(text: string): number {
  try {
    return parseListInteger(text);
  } catch (error) {
    throw new Error((error as Error).message.replace("strconv.Atoi", "strconv.ParseInt"));
  }
}

/** In bytes, on a disk of that size. */
export function spaceInBytes({ bytes, percent }: DiskSpace, diskBytes: number): number {
  if (bytes !== 0 || percent === 0) return bytes;
  return (Math.trunc(Math.trunc((diskBytes * percent) / 100) / GIB) + 1) * GB;
}
