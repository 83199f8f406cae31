import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentDigest } from "../../../../engine/src/store/content.ts";
import { importFolder } from "../../../../engine/src/store/import.ts";
import { KnownFiles, nameDisk, type StampRecord } from "../../../../engine/src/store/known-files.ts";
import { digestOf, Store } from "../../../../engine/src/store/store.ts";
import { inTree } from "./temporary-tree.ts";

const known = suite("a large tree that is read again");

const LIMIT_MS = 20_000;
/** All that the tests write counts as written long before. */
const LATER_MS = 60_000;
/** So many bytes that a tree is large; without blocks on the disk. */
const LARGE = 17 * 2 ** 20;

const TREE = { "a/x": "one", "a/y": "two", z: "three" };

/** Runs a test in a tree that is large by one file. */
async function inLargeTree(test: (root: string) => Promise<void>): Promise<void> {
  await inTree(TREE, async (root) => {
    writeFileSync(join(root, "large"), "");
    truncateSync(join(root, "large"), LARGE);
    await test(root);
  });
}

interface Read {
  readonly record: StampRecord | undefined;
  readonly digest: string;
  /** Files that were read, and not only looked at. */
  readonly files: readonly string[];
}

async function read(root: string, before: StampRecord | undefined, nowMs = Date.now() + LATER_MS): Promise<Read> {
  const files: string[] = [];
  const seen = new KnownFiles({ place: root, stat: statSync(root) }, before, nowMs);
  const watched = {
    digestOf: (path: string, stat: Parameters<KnownFiles["digestOf"]>[1], digest: () => string) =>
      seen.digestOf(path, stat, () => {
        files.push(path);
        return digest();
      }),
  } as KnownFiles;
  const digest = await contentDigest(root, "/", { known: watched });
  return { digest, files, record: seen.record() };
}

/** Waits until a change gets another time than all that was changed before: the kernel's clock for that has steps of some milliseconds. */
async function untilClockMoves(root: string): Promise<void> {
  const probe = join(root, "..", `probe-${process.pid}`);
  const deadline = Date.now() + LIMIT_MS;
  writeFileSync(probe, "");
  const { ctimeMs } = lstatSync(probe);
  while (lstatSync(probe).ctimeMs === ctimeMs) {
    if (Date.now() > deadline) throw new Error(`the time of a change is still ${ctimeMs} after ${LIMIT_MS} ms`);
    await new Promise((next) => setImmediate(next));
    chmodSync(probe, 0o600);
  }
  rmSync(probe);
}

known("is not read at all when nothing has changed", () =>
  inLargeTree(async (root) => {
    const first = await read(root, undefined);
    assert.equal(first.files, ["a/x", "a/y", "large", "z"]);
    const second = await read(root, first.record);
    assert.equal(second, { digest: first.digest, files: [], record: undefined });
    assert.is(second.digest, await contentDigest(root, "/"));
  }),
);

/** Puts both times of a file back that a person can set. */
function withTimesOf(place: string, change: () => void): void {
  const { atime, mtime } = statSync(place);
  change();
  utimesSync(place, atime, mtime);
}

for (const [what, change] of [
  ["other text of the same size, and its time put back", (at) => withTimesOf(at, () => writeFileSync(at, "ONE"))],
  ["more text, and its time put back", (at) => withTimesOf(at, () => appendFileSync(at, "!"))],
  ["less text, and its time put back", (at) => withTimesOf(at, () => truncateSync(at, 1))],
  [
    "another file in its place, of the same size and time",
    (at) => {
      copyFileSync(at, `${at}.new`);
      const { atime, mtime } = statSync(at);
      writeFileSync(`${at}.new`, "ONE");
      utimesSync(`${at}.new`, atime, mtime);
      renameSync(`${at}.new`, at);
    },
  ],
  ["another mode", (at) => chmodSync(at, 0o755)],
  ["the same text, written again", (at) => writeFileSync(at, "one")],
  [
    "one more name",
    (at) => {
      linkSync(at, `${at}2`);
      rmSync(`${at}2`);
    },
  ],
] as const satisfies readonly (readonly [string, (place: string) => void])[]) {
  known(`reads a file with ${what}, and no other`, () =>
    inLargeTree(async (root) => {
      const { record } = await read(root, undefined);
      await untilClockMoves(root);
      change(join(root, "a/x"));
      const again = await read(root, record);
      assert.equal(again.files, ["a/x"]);
      assert.is(again.digest, await contentDigest(root, "/"));
      assert.equal((await read(root, again.record)).files, []);
    }),
  );
}

known("reads a file in which a link or nothing was before", () =>
  inLargeTree(async (root) => {
    rmSync(join(root, "a/x"));
    symlinkSync("y", join(root, "a/x"));
    const { record } = await read(root, undefined);
    rmSync(join(root, "a/x"));
    writeFileSync(join(root, "a/x"), "one");
    writeFileSync(join(root, "a/new"), "one");
    const again = await read(root, record);
    assert.equal(again.files, ["a/new", "a/x"]);
    assert.is(again.digest, await contentDigest(root, "/"));
  }),
);

known("forgets files that are gone", () =>
  inLargeTree(async (root) => {
    const { record } = await read(root, undefined);
    rmSync(join(root, "a/x"));
    const again = await read(root, record);
    assert.equal(again.files, []);
    assert.equal(
      again.record?.map(([path]) => path),
      ["a/y", "large", "z"],
    );
    assert.is(again.digest, await contentDigest(root, "/"));
  }),
);

known("reads what was changed within the last two seconds: it can change again in the same step of the clock", () =>
  inLargeTree(async (root) => {
    const { ctimeMs } = lstatSync(join(root, "large"));
    const soon = await read(root, undefined, ctimeMs + 1999);
    assert.is(soon.record, undefined);
    const later = await read(root, undefined, ctimeMs + 2001);
    assert.is(
      later.record?.some(([path]) => path === "large"),
      true,
    );
  }),
);

known("reads what says that it was changed in the future", () =>
  inLargeTree(async (root) => {
    const tomorrow = Date.now() / 1000 + 86_400;
    utimesSync(join(root, "a/x"), tomorrow, tomorrow);
    const { record } = await read(root, undefined);
    assert.equal(
      record?.map(([path]) => path),
      ["a/y", "large", "z"],
    );
  }),
);

known("is not remembered when it is small", () =>
  inTree(TREE, async (root) => {
    assert.is((await read(root, undefined)).record, undefined);
  }),
);

known("is read again where the kernel does not set the times itself", async () => {
  const folder = { place: "/proc/self/fdinfo", stat: statSync("/proc/self/fdinfo") };
  const stat = statSync("/proc/self/fdinfo/0");
  const before = [["0", stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, "old"]] as const;
  assert.is(
    new KnownFiles(folder, before).digestOf("0", stat, () => "new"),
    "new",
  );
});

known("is read again where another file system is mounted in it", () =>
  inLargeTree(async (root) => {
    const stat = statSync(join(root, "z"));
    const before = [["z", stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, "old"]] as const;
    const here = { place: root, stat: statSync(root) };
    assert.is(
      new KnownFiles(here, before).digestOf("z", stat, () => "new"),
      "old",
    );
    const other = Object.assign(Object.create(Object.getPrototypeOf(stat)), stat, { dev: stat.dev + 1 });
    assert.is(
      new KnownFiles(here, before).digestOf("z", other, () => "new"),
      "new",
    );
  }),
);

/** Changes of a tree in any order. */
const EDITS: readonly ((root: string) => void)[] = [
  (root) => writeFileSync(join(root, "a/x"), "ONE"),
  (root) => withTimesOf(join(root, "z"), () => writeFileSync(join(root, "z"), "THREE")),
  (root) => renameSync(join(root, "a/y"), join(root, "z")),
  (root) => writeFileSync(join(root, "a/y"), "TWO"),
  (root) => linkSync(join(root, "z"), join(root, `a/z${Math.random()}`)),
  (root) => rmSync(join(root, "a/x")),
  (root) => copyFileSync(join(root, "z"), join(root, "a/x")),
  (root) => chmodSync(join(root, "z"), 0o600),
  (root) => truncateSync(join(root, "large"), LARGE + 1),
];

known("has the digest that it has when all is read, whatever was changed between", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(EDITS.length - 1), { maxLength: 6 }), (edits) =>
      inLargeTree(async (root) => {
        let record = (await read(root, undefined)).record;
        for (const edit of edits) {
          await untilClockMoves(root);
          try {
            EDITS[edit]?.(root);
          } catch (error) {
            // The file that it is about is gone.
            assert.is((error as NodeJS.ErrnoException).code, "ENOENT");
          }
          const again = await read(root, record);
          assert.is(again.digest, await contentDigest(root, "/"));
          record = again.record ?? record;
        }
      }),
    ),
    { numRuns: 15 },
  ),
);

known("comes into the store as it is now, for each selection of its files", () =>
  inLargeTree(async (root) => {
    await inTree({}, async (dir) => {
      const store = new Store(dir, join(dir, "scratch"));
      const place = { root: "/", path: root };
      const digests = async (): Promise<readonly string[]> => [
        (await importFolder(store, place, {})).digest,
        (await importFolder(store, place, { exclude: ["z"] })).digest,
      ];
      const first = await digests();
      assert.equal(await digests(), first);
      withTimesOf(join(root, "z"), () => writeFileSync(join(root, "z"), "THREE"));
      const [whole, part] = await digests();
      assert.is.not(whole, first[0]);
      assert.is(part, first[1]);
    });
  }),
);

known("is read again after another start of the machine, and on another disk", () =>
  inLargeTree(async (root) => {
    await inTree({ boot: "another\n" }, async (dir) => {
      const store = new Store(dir, join(dir, "scratch"));
      const look = async () => (await importFolder(store, { root: "/", path: root }, {})).digest;
      const old = await look();
      const { record = [] } = await read(root, undefined);
      writeFileSync(join(root, "z"), "THREE");
      // As after a crash: the bytes are others, and the times are those that were seen.
      const wrong = record.map(([path, size, , , , digest]) => {
        const { mtimeMs, ctimeMs, ino } = lstatSync(join(root, path));
        return [path, size, mtimeMs, ctimeMs, ino, digest] as const;
      });
      const lookWhenSeenOn = (disk: string | undefined) => {
        store.remember(digestOf(["files", disk, root, {}]), wrong);
        return look();
      };
      const stat = statSync(root);
      const otherDisk = Object.assign(statSync(root), { dev: stat.dev + 1 });
      assert.is.not(await lookWhenSeenOn(nameDisk({ stat }, join(dir, "boot"))), old);
      assert.is.not(await lookWhenSeenOn(nameDisk({ stat: otherDisk })), old);
      assert.is(await lookWhenSeenOn(nameDisk({ stat })), old);
      assert.is(nameDisk({ stat }, join(dir, "none")), undefined);
    });
  }),
);

known.run();
