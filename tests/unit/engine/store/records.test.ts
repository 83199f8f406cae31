import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { damageNotice, readRecord, writeRecord } from "../../../../engine/src/store/records.ts";
import { EMPTY } from "../../../../engine/src/store/snapshot.ts";
import { Store } from "../../../../engine/src/store/store.ts";

const records = suite("a damaged file of the store");

let dir = "";
records.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-records-"));
});
records.after(() => rmSync(dir, { recursive: true, force: true }));

let stores = 0;
const VALUE = { layers: ["a", "b"], note: "ä \u2028 line" };

function openStore(name = `store-${stores++}`): { store: Store; told: string[]; root: string } {
  const root = join(dir, name);
  const told: string[] = [];
  return {
    root,
    told,
    store: new Store(root, join(root, "scratch", `${stores++}`), "test", (path, what) => {
      told.push(`${path.slice(root.length + 1)}: ${what}`);
    }),
  };
}

function replaceBy(make: (path: string) => void): (path: string) => void {
  return (path) => {
    rmSync(path, { force: true });
    make(path);
  };
}

/** What can become of a file, and what is said of it. */
const DAMAGE: readonly (readonly [string, (path: string) => void, string])[] = [
  ["is empty", (path) => truncateSync(path), "it is empty"],
  ["is cut", (path) => truncateSync(path, statSync(path).size - 3), "its checksum does not match"],
  ["is cut in its first line", (path) => truncateSync(path, 20), "its checksum does not match"],
  ["holds zeros", (path) => writeFileSync(path, Buffer.alloc(4096)), "its checksum does not match"],
  [
    "holds what is no text",
    (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0x0a])),
    "its checksum does not match",
  ],
  ["holds half an object", (path) => writeFileSync(path, '{"layers":'), "its checksum does not match"],
  ["holds a list", (path) => writeFileSync(path, "[]"), "its checksum does not match"],
  ["holds null", (path) => writeFileSync(path, "null"), "its checksum does not match"],
  [
    "is a folder",
    replaceBy((path) => mkdirSync(join(path, "x"), { recursive: true })),
    "there is a folder in its place",
  ],
  ["is a pipe", replaceBy((path) => void spawnSync("mkfifo", [path])), "it is empty"],
  ["leads to itself", replaceBy((path) => symlinkSync(path, path)), "a link that leads to itself is in its place"],
  [
    "has another value that is as good",
    (path) => writeFileSync(path, readFileSync(path, "utf8").replace("layers", "lawyer")),
    "its checksum does not match",
  ],
];

for (const [what, damage, said] of DAMAGE) {
  records(`is not known when it is a result that ${what}, and is made again`, async () => {
    const first = openStore();
    let made = 0;
    const make = async () => {
      made += 1;
      return EMPTY;
    };
    await first.store.once("key", make);
    const [path] = spawnSync("find", [join(first.root, "results"), "-name", "*.json"], { encoding: "utf8" })
      .stdout.trim()
      .split("\n") as [string];
    damage(path);
    const second = openStore(first.root.slice(dir.length + 1));
    await second.store.once("key", make);
    assert.equal(second.told, [`${path.slice(first.root.length + 1)}: ${said}`]);
    assert.is(made, 2);
    const third = openStore(first.root.slice(dir.length + 1));
    await third.store.once("key", make);
    assert.equal([made, third.told], [2, []]);
  });
}

records("is told from a whole one by any changed byte", () => {
  const path = join(dir, "record");
  writeRecord(path, VALUE, join(dir, "temporary"));
  const whole = readFileSync(path);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ flip;
      writeFileSync(path, changed);
      const told: string[] = [];
      assert.equal(
        readRecord(path, (_, what) => told.push(what)),
        { kind: "missing" },
      );
      assert.is(told.length, 1);
    }),
  );
});

records("is no file of an older store: a result without a checksum is made again without a word", () => {
  const { store, told, root } = openStore();
  store.remember("name", VALUE);
  const path = spawnSync("find", [join(root, "results"), "-name", "*.json"], { encoding: "utf8" }).stdout.trim();
  writeFileSync(path, JSON.stringify(VALUE));
  assert.is(store.recall("name"), undefined);
  store.remember("name", VALUE);
  assert.equal([store.recall("name"), told], [VALUE, []]);
});

records("is made again when it is a key of another length, and other processes get the new one", () => {
  const { store, told } = openStore("keys");
  const before = store.privateKey("salt");
  assert.equal(store.privateKey("salt"), before);
  const path = join(dir, "keys", "salt");
  const says = [
    [() => truncateSync(path), "salt: it has 0 bytes instead of 32"],
    [() => truncateSync(path, 31), "salt: it has 31 bytes instead of 32"],
    [() => writeFileSync(path, Buffer.alloc(33)), "salt: it has 33 bytes instead of 32"],
    [() => replaceBy((at) => mkdirSync(at))(path), "salt: there is a folder in its place"],
    [() => replaceBy((at) => void spawnSync("mkfifo", [at]))(path), "salt: it has 0 bytes instead of 32"],
  ] as const;
  for (const [damage, said] of says) {
    damage();
    const made = store.privateKey("salt");
    assert.is(made.length, 32);
    assert.not.equal(made, before);
    assert.equal(store.privateKey("salt"), made);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.is(told.pop(), said);
  }
  assert.equal(told, []);
});

records("is a layer that is no folder: what leans on it is made again", async () => {
  const { store } = openStore();
  const make = async () => ({ layers: [await store.addLayer(await store.makeScratch("layer"))] });
  const first = await store.once("key", make);
  assert.equal(await store.once("key", make), first);
  const path = store.layerDir(first.layers[0] as string);
  rmSync(path, { recursive: true });
  writeFileSync(path, "");
  const second = await store.once("key", make);
  assert.not.equal(second, first);
  assert.ok(store.has(second));
});

records("is told in one line, however many there are", () => {
  const lines: string[] = [];
  const notice = damageNotice((line) => lines.push(line));
  notice("/s/a.json", "it is empty");
  notice("/s/b.json", "it is empty");
  assert.equal(lines, ["the store has a damaged file, /s/a.json (it is empty): what is damaged there is made again"]);
});

records.run();
