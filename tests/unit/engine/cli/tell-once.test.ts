import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellOnce } from "../../../../engine/src/cli/tell-once.ts";

const once = suite("a line about this machine");

once("is said by the first command with a store, and again when it is another one", () => {
  const store = mkdtempSync(join(tmpdir(), "slipway-told-"));
  const said: string[] = [];
  for (const line of ["one", "one", "other", "other"]) tellOnce(store, line, (text) => said.push(text));
  assert.equal(said, ["one", "other"]);
  rmSync(store, { recursive: true });
});

once("is said all the same where nothing can be noted", () => {
  const said: string[] = [];
  for (const line of ["one", "one"]) tellOnce("/proc/none", line, (text) => said.push(text));
  assert.equal(said, ["one", "one"]);
});

once.run();
