import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { openTestSession } from "../../support/test-session.ts";

// What is pruned goes at the end of the session that asked for it.
const cache = suite("the cache of the engine");
const dir = mkdtempSync(join(tmpdir(), "slipway-engine-"));

cache.after(() => rmSync(dir, { recursive: true, force: true }));

interface Entry {
  readonly description: string;
  readonly diskSpaceBytes: number;
  readonly createdTimeUnixNano: number;
  readonly mostRecentUseTimeUnixNano: number;
  readonly activelyUsed: boolean;
  readonly recordType: string;
  readonly recordTypes: readonly string[];
  readonly dagqlCall: string;
}

interface Told {
  readonly entries: readonly Entry[];
  readonly entryCount: number;
  readonly diskSpaceBytes: number;
}

/** Asks in a session of its own; what it notes is kept. */
async function asked(queries: readonly string[], notes: string[] = []): Promise<readonly unknown[]> {
  const report = (event: { readonly kind: string; readonly text?: string }) => {
    if (event.kind === "note") notes.push(event.text ?? "");
  };
  const env = { SLIPWAY_STORE_LIMIT: "10g" };
  const open = await openTestSession({ workdir: dir, storeDir: join(dir, "store"), env, report });
  try {
    const answers: unknown[] = [];
    for (const query of queries) {
      const { body } = await answer(open.graph, coreCatalogue(), { query });
      answers.push(body.errors === undefined ? body.data : { error: body.errors[0]?.message });
    }
    return answers;
  } finally {
    await open.close();
  }
}

const ENTRIES =
  "{engine{localCache{entrySet{entryCount diskSpaceBytes entries{description diskSpaceBytes createdTimeUnixNano mostRecentUseTimeUnixNano activelyUsed recordType recordTypes dagqlCall}}}}}";

async function entriesAfter(query = "{version}"): Promise<Told> {
  const [, data] = await asked([query, ENTRIES]);
  return (data as { engine: { localCache: { entrySet: Told } } }).engine.localCache.entrySet;
}

const MAKES = `{directory{withNewFile(path:"big",contents:"${"x".repeat(2 ** 20)}"){sync}}}`;
const prune = (args = "") => `{engine{localCache{prune${args}}}}`;

cache("has an entry for all that a session left, used in it or before", async () => {
  const made = await entriesAfter(MAKES);
  assert.is(made.entryCount, made.entries.length);
  assert.is(
    made.diskSpaceBytes,
    made.entries.reduce((sum, { diskSpaceBytes }) => sum + diskSpaceBytes, 0),
  );
  assert.ok(made.diskSpaceBytes >= 2 ** 20, `${made.diskSpaceBytes} bytes`);
  const [entry] = made.entries.filter(({ diskSpaceBytes }) => diskSpaceBytes >= 2 ** 20);
  assert.equal(
    { ...entry, createdTimeUnixNano: 0, mostRecentUseTimeUnixNano: 0, diskSpaceBytes: 0 },
    {
      description: "result of a step or a function",
      diskSpaceBytes: 0,
      createdTimeUnixNano: 0,
      mostRecentUseTimeUnixNano: 0,
      activelyUsed: true,
      recordType: "regular",
      recordTypes: ["regular"],
      dagqlCall: "",
    },
  );
  const now = Date.now() * 1e6;
  assert.ok(Math.abs(now - Number(entry?.createdTimeUnixNano)) < 600e9);
  assert.ok(Math.abs(now - Number(entry?.mostRecentUseTimeUnixNano)) < 600e9);
});

cache("is within the limit of the store", async () => {
  const [data] = await asked(["{engine{localCache{maxUsedSpace targetSpace reservedSpace minFreeSpace}}}"]);
  const localCache = { maxUsedSpace: 10 * 2 ** 30, targetSpace: 8 * 2 ** 30, reservedSpace: 0, minFreeSpace: 0 };
  assert.equal(data, { engine: { localCache } });
});

cache("is left as it is where a policy asks for no more", async () => {
  const before = await entriesAfter();
  const notes: string[] = [];
  const kept = ["(useDefaultPolicy:true)", '(maxUsedSpace:"1g")', '(targetSpace:"1")', '(minFreeSpace:"1b")'];
  assert.equal(
    await asked(kept.map(prune), notes),
    kept.map(() => ({ engine: { localCache: { prune: null } } })),
  );
  assert.equal(notes, []);
  assert.is((await entriesAfter()).entryCount, before.entryCount);
});

cache("refuses sizes that are none", async () => {
  const [word, percent] = await asked([
    prune('(maxUsedSpace:"much")'),
    prune('(useDefaultPolicy:true,minFreeSpace:"x%")'),
  ]);
  assert.equal(word, {
    error: 'failed to prune cache entries: invalid maxUsedSpace value "much": invalid disk space much',
  });
  assert.equal(percent, {
    error:
      'failed to prune cache entries: invalid minFreeSpace value "x%": strconv.ParseInt: parsing "x": invalid syntax',
  });
});

cache("gives up at the end of a session what it was asked to, and the session goes on until then", async () => {
  const notes: string[] = [];
  const size = '{directory{withNewFile(path:"big",contents:"y"){file(path:"big"){size}}}}';
  const [, after] = await asked([prune('(maxUsedSpace:"100k")'), size], notes);
  assert.equal(after, { directory: { withNewFile: { file: { size: 1 } } } });
  assert.is(notes.length, 1);
  assert.match(notes[0] as string, /^pruned 1\.\d MiB of the store$/);
  const left = await entriesAfter();
  assert.ok(left.entryCount > 0 && left.diskSpaceBytes <= 100 << 10, JSON.stringify(left));
  await asked([prune()]);
  assert.equal(await entriesAfter(), { entries: [], entryCount: 0, diskSpaceBytes: 0 });
});

cache("counts images and volumes, too, where a policy bounds all that it takes", async () => {
  const [blob, volume] = [`images/blobs/sha256/${"d".repeat(64)}`, "volumes/left-by-a-program/data/large"];
  for (const path of [blob, volume]) {
    await asked(["{version}"]);
    mkdirSync(join(dir, "store", path, ".."), { recursive: true });
    writeFileSync(join(dir, "store", path), Buffer.alloc(3 * 2 ** 20, "."));
    const notes: string[] = [];
    await asked([prune('(maxUsedSpace:"2500k")')], notes);
    assert.match(notes.join(), /^pruned 3\.\d MiB of the store$/, `${path}: ${notes.join()}`);
    assert.not(existsSync(join(dir, "store", path)), path);
  }
});

cache.run();
