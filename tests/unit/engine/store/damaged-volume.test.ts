import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVolume } from "../../../../engine/src/api/cache-volume.ts";
import { OpenContainers } from "../../../../engine/src/api/open-containers.ts";
import type { Session } from "../../../../engine/src/api/session.ts";
import type { CacheMount } from "../../../../engine/src/api/values.ts";
import { Store } from "../../../../engine/src/store/store.ts";

const volumes = suite("a damaged cache volume");

const dir = mkdtempSync(join(tmpdir(), "slipway-volume-"));
const told: string[] = [];
const store = new Store(join(dir, "store"), join(dir, "store", "scratch"), "test", (path, what) => {
  told.push(`${path.slice(dir.length + 1)}: ${what}`);
});
volumes.after(() => rmSync(dir, { recursive: true, force: true }));

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const mount = { identity: "v", sharing: "LOCKED" } as CacheMount;
const home = join(dir, "store", "volumes", "v");

async function use(): Promise<readonly string[]> {
  const opened = await openVolume({ store, containers: new OpenContainers() } as Session, mount, owner);
  try {
    const found = readdirSync(opened.dir);
    writeFileSync(join(opened.dir, "kept"), "");
    return found;
  } finally {
    await opened.close();
  }
}

volumes("is made again where a file stands in place of one of its folders", async () => {
  assert.equal(await use(), []);
  assert.equal([await use(), told], [["kept"], []]);
  rmSync(join(home, "data"), { recursive: true });
  writeFileSync(join(home, "data"), "");
  assert.equal([await use(), await use()], [[], ["kept"]]);
  rmSync(home, { recursive: true });
  writeFileSync(home, "");
  assert.equal([await use(), await use()], [[], ["kept"]]);
  assert.equal(told, ["store/volumes/v/data: it is not a folder", "store/volumes/v: it is not a folder"]);
});

volumes("is locked as before by a lock file that holds something, or is a folder", async () => {
  writeFileSync(join(home, "lock"), "garbage");
  assert.equal(await use(), ["kept"]);
  assert.is(readFileSync(join(home, "lock"), "utf8"), "garbage");
  rmSync(join(home, "lock"));
  mkdirSync(join(home, "lock"));
  assert.equal(await use(), ["kept"]);
  assert.ok(statSync(join(home, "lock")).isDirectory());
});

volumes.run();
