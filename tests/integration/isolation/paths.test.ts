import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withModule, writeModule } from "../../support/served-module.ts";
import { whyNot } from "../module/probe.ts";
import { ATTACKER } from "./path-attacker.ts";

/** How long each kind of access is tried, and how often at most. */
const MS_PER_KIND = 1500;
const TRIES_PER_KIND = 400;

/** What a function may ask the engine to do with a path of its own container, while it swaps a folder on that path. */
const KINDS = [
  "read a directory",
  "read a directory with patterns",
  "read a directory and its ignore files",
  "read a file",
  "read a secret file",
  "find up",
  "read its working directory",
  "write a directory",
  "write a directory and wipe",
  "write a file",
  "write a file into a folder",
  "write a changeset",
  "write an image",
  "read what an address means",
] as const;

const paths = suite("a function that swaps a folder and a link");
const problem = whyNot();
const dir = mkdtempSync(join(tmpdir(), "slipway-swap-"));
const canary = join(dir, "canary");

paths.before(() => {
  writeModule(join(dir, "attacker"), "attacker", ATTACKER);
  for (const folder of ["", "sub", "wiped"]) mkdirSync(join(canary, folder), { recursive: true });
  for (const file of ["f", "sub/f", "wiped/f", ".gitignore"]) writeFileSync(join(canary, file), "of the host");
});
paths.after(() => rmSync(dir, { recursive: true, force: true }));

/** Everything in the folder of the host with its mode, owner and content, to be the same afterwards. */
function tell(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort().map((name) => {
    const { mode, uid, gid, mtimeMs } = statSync(join(folder, name));
    const isFile = statSync(join(folder, name)).isFile();
    return [name, mode, uid, gid, mtimeMs, isFile ? readFileSync(join(folder, name), "utf8") : ""].join(" ");
  });
}

for (const kind of KINDS) {
  paths(`never leaves its container: ${kind}`, async () => {
    if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
    const before = tell(canary);
    const said = await withModule({ storeDir: join(dir, "store"), moduleDir: join(dir, "attacker") }, (command) =>
      command.call(["attack", { kind, canary, ms: MS_PER_KIND, tries: TRIES_PER_KIND }]),
    );
    const { tries, swaps, seen } = JSON.parse(String(said)) as { tries: number; swaps: number; seen: string[] };
    assert.ok(tries > 5, `only ${tries} tries`);
    assert.ok(swaps > tries, `only ${swaps} swaps during ${tries} tries`);
    assert.equal(
      seen.filter((text) => text.includes("of the host") || text.includes("wiped")),
      [],
      `read from the host, with ${tries} tries`,
    );
    assert.equal(tell(canary), before, `the host was changed, with ${tries} tries`);
    return undefined;
  });
}

paths.run();
