/** What Go 1.18 and newer link into a program to say what it was made from (debug/buildinfo), behind some other bytes. */
export function goProgram(version: string, lines: readonly string[]): Buffer {
  const mark = Buffer.alloc(16, 0x30);
  const modules = Buffer.concat([mark, Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8"), mark]);
  const header = Buffer.alloc(32);
  header.write("\xff Go buildinf:", "latin1");
  header[14] = 8;
  header[15] = 2;
  // A word of a program that reads others; it stands at no multiple of 16.
  const decoy = Buffer.concat([Buffer.from("\x7fELF..\xff Go buildinf:\x08\x02", "latin1"), Buffer.alloc(42)]);
  return Buffer.concat([decoy.subarray(0, 64), header, counted(Buffer.from(version)), counted(modules)]);
}

function counted(bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    if (left <= 0x7f) return Buffer.concat([Buffer.from(length), bytes]);
  }
}
