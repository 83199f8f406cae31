import { inflateRawSync } from "node:zlib";

/** A file in a zip archive. */
export interface Entry {
  readonly name: string;
  /** @throws Error when it is damaged, or packed in another way than jars are */
  read(): Buffer;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end of an archive with the longest remark. */
const TAIL = 22 + 0xffff;
/** What of an archive that is in another one is unpacked at most. */
const LIMIT = 512 * 1024 * 1024;

/** The files that the directory of an archive lists. @throws Error when it is none, or larger than 4 GiB (zip64) */
export function listEntries(zip: Buffer): Entry[] {
  let end = zip.length - 22;
  while (end >= Math.max(0, zip.length - TAIL) && zip.readUInt32LE(end) !== END) end -= 1;
  if (end < Math.max(0, zip.length - TAIL)) throw new Error("it is not a zip archive");
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new Error("it is a zip64 archive");
  const entries: Entry[] = [];
  for (let left = count; left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== CENTRAL) throw new Error("its directory is damaged");
    const [method, packed, offset] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const [name, extra, remark] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    entries.push({
      name: zip.toString("utf8", at + 46, at + 46 + (name ?? 0)),
      read: () => readEntry(zip, { method, packed, offset }),
    });
    at += 46 + (name ?? 0) + (extra ?? 0) + (remark ?? 0);
  }
  return entries;
}

function readEntry(
  zip: Buffer,
  { method, packed, offset }: { method: number; packed: number; offset: number },
): Buffer {
  if (zip.readUInt32LE(offset) !== LOCAL) throw new Error("an entry is damaged");
  const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
  const bytes = zip.subarray(start, start + packed);
  if (method === 0) return bytes;
  if (method === 8) return inflateRawSync(bytes, { maxOutputLength: LIMIT });
  throw new Error(`an entry is packed by method ${method}`);
}
