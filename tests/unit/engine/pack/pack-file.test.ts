import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  END_OF_TAR,
  formatHeader,
  makeHeader,
  padding,
  type TarHeader,
} from "../../../../engine/src/image/layer-tar.ts";
import { contentOf, PackProblem, PackWriter, readPack } from "../../../../engine/src/pack/pack-file.ts";

const reading = suite("a pack that is read");

const LAYER = `layers/${"a".repeat(16)}`;
const RESULT = `results/${"b".repeat(64)}.json`;
const MOST = 2 ** 20;

let dir = "";
reading.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pack-file-"));
});
reading.after(() => rmSync(dir, { recursive: true, force: true }));

async function write(most = MOST): Promise<Buffer> {
  const writer = await PackWriter.create(join(dir, "written"), most);
  assert.ok(await writer.add("pack.json", [Buffer.from("{}")]));
  assert.ok(await writer.add(LAYER, [Buffer.alloc(700, "x"), Buffer.from("y")]));
  assert.ok(await writer.add(RESULT, []));
  await writer.finish();
  return readFileSync(join(dir, "written"));
}

async function read(bytes: Buffer): Promise<readonly string[]> {
  const path = join(dir, "read");
  writeFileSync(path, bytes);
  const file = await open(path, "r");
  try {
    const entries = await readPack(path, file);
    const texts: string[] = [];
    for (const entry of entries) {
      const parts: Buffer[] = [];
      for await (const part of contentOf(file, entry)) parts.push(part);
      texts.push(`${entry.path} ${Buffer.concat(parts).length}`);
    }
    return texts;
  } finally {
    await file.close();
  }
}

async function refusalOf(bytes: Buffer): Promise<string> {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof PackProblem) return error.message.replace(join(dir, "read"), "FILE").split("\n")[0] ?? "";
    throw error;
  }
  return "taken";
}

reading("has what was written", async () => {
  assert.equal(await read(await write()), ["pack.json 2", `${LAYER} 701`, `${RESULT} 0`]);
});

/** Has no divisor in common with a block of tar, so that all places of a header come up. */
const STRIDE = 11;

reading("is refused for a wrong bit wherever it is", async () => {
  const bytes = await write();
  for (let at = 0; at < bytes.length; at += STRIDE) {
    const wrong = Buffer.from(bytes);
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    assert.match(await refusalOf(wrong), /^FILE is not unpacked: /, `byte ${at}`);
  }
});

reading("is refused when it is cut off anywhere, or goes on", async () => {
  const bytes = await write();
  for (let length = 0; length < bytes.length; length += 331) {
    assert.match(
      await refusalOf(bytes.subarray(0, length)),
      /^FILE is not unpacked: it is cut off$/,
      `${length} bytes`,
    );
  }
  assert.is(
    await refusalOf(Buffer.concat([bytes, Buffer.alloc(512)])),
    "FILE is not unpacked: it is damaged: its content is not what was packed",
  );
});

/** A tar of somebody else's. */
function tarOf(entry: Partial<TarHeader> & Pick<TarHeader, "path" | "type">): Buffer {
  const header = formatHeader(makeHeader({ ...entry, size: entry.type === "file" ? 1 : 0 }));
  const content = entry.type === "file" ? [Buffer.from("x"), padding(1)] : [];
  return Buffer.concat([header, ...content, END_OF_TAR]);
}

for (const [what, entry, said] of [
  ["a path that leads out", { path: "../x", type: "file" }, 'it has an unexpected entry "../x"'],
  ["an absolute path", { path: "/etc/passwd", type: "file" }, 'it has an unexpected entry "/etc/passwd"'],
  [
    "a path out of a layer's place",
    { path: `layers/../${"a".repeat(16)}`, type: "file" },
    `it has an unexpected entry "layers/../${"a".repeat(16)}"`,
  ],
  ["the store's key", { path: "id-key", type: "file" }, 'it has an unexpected entry "id-key"'],
  [
    "a symbolic link",
    { path: LAYER, type: "symlink", linkPath: "/etc" },
    `its entry "${LAYER}" is a link, a device or a folder`,
  ],
  [
    "a hard link",
    { path: LAYER, type: "hardlink", linkPath: "x" },
    `its entry "${LAYER}" is a link, a device or a folder`,
  ],
  ["a device", { path: LAYER, type: "block", devMajor: 8 }, `its entry "${LAYER}" is a link, a device or a folder`],
  ["a pipe", { path: LAYER, type: "fifo" }, `its entry "${LAYER}" is a link, a device or a folder`],
  ["a file of another owner", { path: LAYER, type: "file", uid: 5 }, "it is not a pack, or it is damaged"],
] as const) {
  reading(`is refused for ${what}`, async () => {
    assert.is(await refusalOf(tarOf(entry)), `FILE is not unpacked: ${said}`);
  });
}

const writing = suite("a pack that is written");
writing.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pack-file-"));
});
writing.after(() => rmSync(dir, { recursive: true, force: true }));

writing("never has more bytes than it may, whatever comes", async () => {
  for (let most = 3000; most < 9000; most += 131) {
    const writer = await PackWriter.create(join(dir, "bounded"), most);
    for (let nth = 0; nth < 9; nth += 1) await writer.add(`layers/${nth}${"a".repeat(15)}`, [Buffer.alloc(nth * 150)]);
    await writer.finish();
    assert.ok(readFileSync(join(dir, "bounded")).length <= most, `${most}`);
  }
});

writing("takes back what it was told to, and does not leave a file when it is given up", async () => {
  const writer = await PackWriter.create(join(dir, "back"), MOST);
  await writer.add("pack.json", [Buffer.from("{}")]);
  const before = writer.bytes;
  await writer.add(LAYER, [Buffer.alloc(10_000)]);
  writer.takeBack(1);
  assert.equal([writer.bytes, writer.has(LAYER)], [before, false]);
  await writer.finish();
  assert.is(readFileSync(join(dir, "back")).length <= before, true);
  const given = await PackWriter.create(join(dir, "given-up"), MOST);
  await given.abandon();
  assert.equal(
    readdirSync(dir).filter((name) => name.includes("given-up")),
    [],
  );
});

reading.run();
writing.run();
