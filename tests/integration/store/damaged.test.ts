import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";

/** What it prints is another text each time that the function really runs. */
const STAMP = ["stamp", "file", "--path=stamp", "contents"];
const NOTICE = /^the store has a damaged file, (\S+) \([^)]+\): what is damaged there is made again$/gm;
const SOURCE = `
import { argument, type Directory, func, object } from "@dagger.io/dagger";
@object() export class Probe {
  @func() stamp(@argument({ defaultPath: "/" }) source: Directory): Directory {
    return source.withNewFile("stamp", crypto.randomUUID());
  }
}`;

const damaged = suite("calls over a damaged store");

let dir = "";
let store = "";

damaged.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-damaged-"));
  store = join(dir, "store");
  writeModule(join(dir, "probe"), "probe", SOURCE);
});

damaged.after(() => rmSync(dir, { recursive: true, force: true }));

/** Calls a function of the module. */
async function call(
  ...args: readonly string[]
): Promise<{ readonly out: string; readonly notices: readonly string[] }> {
  const env = { SLIPWAY_STORE: store };
  const { exitCode, stdout, stderr } = await runSlipway(join(dir, "probe"), ["call", ...args], { env });
  assert.is(exitCode, 0, stderr);
  return { out: stdout, notices: [...stderr.matchAll(NOTICE)].map(([, path]) => path ?? "") };
}

function results(): string[] {
  return readdirSync(join(store, "results"), { recursive: true, encoding: "utf8" })
    .map((name) => join(store, "results", name))
    .filter((path) => path.endsWith(".json") && statSync(path).isFile());
}

/** Two calls: one over what `damage` has left, and one after it, which finds all of it whole again. */
async function callsAfter(damage: () => void): Promise<{ isKept: boolean; notices: readonly string[] }> {
  const before = await call(...STAMP);
  assert.equal([before.out.length, before.notices], [36, []]);
  assert.equal(await call(...STAMP), before);
  damage();
  const after = await call(...STAMP);
  assert.is(after.out.length, 36);
  assert.equal(await call(...STAMP), { out: after.out, notices: [] });
  return { isKept: after.out === before.out, notices: after.notices };
}

const DAMAGE: readonly (readonly [string, (path: string) => void])[] = [
  ["empty", (path) => truncateSync(path)],
  ["cut", (path) => truncateSync(path, statSync(path).size - 1)],
  ["full of zeros", (path) => writeFileSync(path, Buffer.alloc(statSync(path).size))],
  ["not what was written", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/[0-9a-f](?=")/g, "0"))],
  [
    "folders",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
];

for (const [what, damage] of DAMAGE) {
  damaged(`work, and say it once, when all results are ${what}`, async () => {
    const { isKept, notices } = await callsAfter(() => results().forEach(damage));
    assert.equal([isKept, notices.length], [false, 1]);
    assert.match(notices[0] ?? "", new RegExp(`^${store}/results/\\S+\\.json$`));
  });
}

damaged("work without a word when results are of an older form, and when there are none", async () => {
  const older = await callsAfter(() => {
    for (const path of results()) writeFileSync(path, readFileSync(path, "utf8").replace(/^.*\n/, ""));
  });
  assert.equal(older, { isKept: false, notices: [] });
  const none = await callsAfter(() => rmSync(join(store, "results"), { recursive: true }));
  assert.equal(none, { isKept: false, notices: [] });
});

damaged("work when layers are gone or no folders", async () => {
  const { notices } = await callsAfter(() => {
    for (const id of readdirSync(join(store, "layers"))) {
      rmSync(join(store, "layers", id), { recursive: true });
      if (id < "8") writeFileSync(join(store, "layers", id), "");
    }
  });
  assert.equal(notices, []);
});

damaged("work with a key of another length, and with another key", async () => {
  const key = join(store, "id-key");
  assert.equal(await callsAfter(() => truncateSync(key, 31)), { isKept: false, notices: [key] });
  assert.equal(await callsAfter(() => truncateSync(key)), { isKept: false, notices: [key] });
  assert.equal(await callsAfter(() => writeFileSync(key, Buffer.alloc(32, 7))), { isKept: false, notices: [] });
  const asFolder = await callsAfter(() => {
    rmSync(key);
    mkdirSync(key);
  });
  assert.equal(asFolder, { isKept: false, notices: [key] });
});

damaged("work when a folder stands where the start remembers that namespaces work", async () => {
  const stamp = join(store, "namespaces");
  const { isKept } = await callsAfter(() => {
    rmSync(stamp);
    mkdirSync(stamp);
  });
  assert.ok(isKept);
  assert.ok(statSync(stamp).isFile());
});

damaged.run();
