import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Package } from "./package.ts";

/** Numbers that RPM gives to what a header says (rpmtag.h). */
const TAGS = { name: 1000, version: 1001, release: 1002, epoch: 1003, architecture: 1022 } as const;
const [INT32, STRING] = [4, 6];
const ENTRY_BYTES = 16;

/** What is used of Node's own SQLite, which Node 24 has. */
interface Sqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    prepare(query: string): { all(): readonly { readonly blob: Uint8Array }[] };
    close(): void;
  };
}

/**
 * The packages of an RPM database that is one of SQLite, as RPM has by itself since 4.16.
 *
 * @throws Error for what is no such database, or where Node has no SQLite
 */
export function readRpm(database: string, from: string, system: string): Package[] {
  const sqlite = process.getBuiltinModule("node:sqlite") as Sqlite | undefined;
  if (sqlite === undefined) throw new Error("this Node has no SQLite to read RPM's packages with");
  // One that was left with a journal is put in order when it is opened, and an image may not be written to.
  const folder = mkdtempSync(join(tmpdir(), "rpm-"));
  try {
    const copy = join(folder, "rpmdb.sqlite");
    for (const end of ["", "-wal"])
      if (existsSync(`${database}${end}`)) copyFileSync(`${database}${end}`, `${copy}${end}`);
    const opened = new sqlite.DatabaseSync(copy);
    try {
      const rows = opened.prepare("SELECT blob FROM Packages ORDER BY hnum").all();
      return rows.flatMap(({ blob }) => readHeader(Buffer.from(blob), from, system));
    } finally {
      opened.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A header: how many entries, how many bytes of data, the entries (tag, type, place, count), the data. */
function readHeader(header: Buffer, from: string, system: string): Package[] {
  const [count, start] = [header.readUInt32BE(0), 8 + header.readUInt32BE(0) * ENTRY_BYTES];
  const places = new Map<number, { type: number; at: number }>();
  for (let nth = 0; nth < count; nth += 1) {
    const [tag, type, place] = [0, 4, 8].map((more) => header.readUInt32BE(8 + nth * ENTRY_BYTES + more));
    places.set(tag ?? 0, { type: type ?? 0, at: start + (place ?? 0) });
  }
  const text = (tag: number): string | undefined => {
    const found = places.get(tag);
    if (found?.type !== STRING) return undefined;
    return header.toString("utf8", found.at, header.indexOf(0, found.at));
  };
  const epoch = places.get(TAGS.epoch);
  const [name, version, release, architecture] = [TAGS.name, TAGS.version, TAGS.release, TAGS.architecture].map(text);
  // Keys that signatures are checked with lie there as packages.
  if (name === undefined || version === undefined || name === "gpg-pubkey") return [];
  return [
    {
      kind: "rpm",
      namespace: system,
      name,
      version: release === undefined ? version : `${version}-${release}`,
      ...(architecture === undefined ? {} : { architecture }),
      ...(epoch?.type === INT32 ? { epoch: header.readUInt32BE(epoch.at) } : {}),
      from,
    },
  ];
}
