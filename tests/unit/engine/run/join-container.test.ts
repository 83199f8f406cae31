import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyNotes } from "../../../../engine/src/run/join-container.ts";
import { errorCode } from "../../../../engine/src/store/paths.ts";

/** Makes a folder with a file, and removes it, until it is killed, or alone. */
const COMES_AND_GOES = `
const { mkdirSync, rmSync, writeFileSync } = require("node:fs");
for (const starter = process.ppid; process.ppid === starter; ) {
  mkdirSync(process.argv[1], { recursive: true });
  writeFileSync(process.argv[1] + "/status", "{}");
  rmSync(process.argv[1], { recursive: true, force: true });
}`;

const joining = suite<{ folder: string }>("what the runtime knows of a container that is joined");

joining.before.each((state) => {
  state.folder = mkdtempSync(join(tmpdir(), "slipway-join-"));
});

joining.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

joining("is copied, or found to be gone, while the container ends", async ({ folder }) => {
  const notes = join(folder, "notes");
  const remover = spawn(process.execPath, ["-e", COMES_AND_GOES, notes], { stdio: "inherit" });
  let gone = 0;
  let copied = 0;
  try {
    for (let round = 0; round < 100_000 && (gone < 5_000 || copied === 0); round++) {
      const copy = join(folder, `${round}`);
      try {
        await copyNotes(notes, copy);
        copied++;
      } catch (error) {
        assert.is(errorCode(error), "ENOENT");
        gone++;
      }
    }
  } finally {
    remover.kill("SIGKILL");
    await once(remover, "exit");
  }
  assert.ok(gone >= 5_000 && copied > 0, `found to be gone ${gone} times, copied ${copied} times`);
});

joining("keeps its folders and files", async ({ folder }) => {
  mkdirSync(join(folder, "notes/inner"), { recursive: true });
  await copyNotes(join(folder, "notes"), join(folder, "copy"));
  assert.ok(existsSync(join(folder, "copy/inner")));
});

joining.run();
