import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";

/** Makes a folder of the host that no attack may change, with one file in it. */
export function makeCanary(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "file"), "of the host");
}

/** @throws AssertionError when the file is another one, is not alone, or has got a link to it */
export function checkCanary(folder: string): void {
  assert.equal(readdirSync(folder), ["file"]);
  assert.is(readFileSync(join(folder, "file"), "utf8"), "of the host");
  assert.is(statSync(join(folder, "file")).nlink, 1);
}
