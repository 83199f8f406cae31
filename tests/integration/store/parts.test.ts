import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostDirectory } from "../../../engine/src/api/host.ts";
import { openTestSession } from "../../support/test-session.ts";

// What keys are made of: an exec runs again when the key of what is in its container has changed.
const parts = suite("parts of a folder of the host");

const dir = mkdtempSync(join(tmpdir(), "slipway-parts-"));
const folder = join(dir, "folder");

parts.after(() => rmSync(dir, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Keys of a folder `a`, of a file `a/one`, and of a directory that the folder is copied into; each time anew. */
async function readKeys(): Promise<readonly string[]> {
  const open = await openTestSession({ workdir: dir, storeDir: join(dir, "store") });
  try {
    const { graph } = open;
    const whole = hostDirectory(graph, { path: folder });
    const part = graph.object("Directory", { parent: whole, field: "directory", args: { path: "a" } });
    const file = graph.object("File", { parent: whole, field: "file", args: { path: "a/one" } });
    const empty = graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
    const args = { path: "/in", source: part };
    const copied = graph.object("Directory", { parent: empty, field: "withDirectory", args });
    return await Promise.all([part, file, copied].map((object) => object.key()));
  } finally {
    await open.close();
  }
}

parts("are known by their own content, whatever changes beside them", async () => {
  write("a/one", "1");
  write("b/two", "2");
  const before = await readKeys();
  write("b/two", "two");
  assert.equal(await readKeys(), before);
  write("a/one", "one");
  const after = await readKeys();
  for (const [index, key] of after.entries()) assert.is.not(key, before[index]);
  write("a/one", "1");
  assert.equal(await readKeys(), before);
});

parts.run();
