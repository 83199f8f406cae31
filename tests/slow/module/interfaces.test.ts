import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { GARDEN, KEEPER, POTS } from "./interface-modules.ts";

const dir = mkdtempSync(join(tmpdir(), "slipway-interfaces-"));

const passed = suite("objects that are passed as interfaces between modules that do not know each other");
const commands = suite("interfaces on the command line");

passed.before(() => {
  writeModule(join(dir, "pots"), "pots", POTS);
  writeModule(join(dir, "garden"), "garden", GARDEN);
  writeModule(dir, "keeper", KEEPER, {}, ["pots", "garden"]);
});
commands.after(() => rmSync(dir, { recursive: true, force: true }));

async function call(...words: readonly string[]) {
  return await runSlipway(dir, ["-s", "call", ...words], { env: { SLIPWAY_STORE: join(dir, "store") } });
}

async function said(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await call(...words);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

const VALUES = ["fern", 2, false, [1, 2], ["fern", "FERN"], "oak", true, [7, 8, 9], 3, "fern", "ash"];

passed("give and take texts, numbers, booleans and lists of them, and nothing", async () => {
  assert.equal(JSON.parse(await said("values")), VALUES);
});

passed("give and take folders and lists of them", async () => {
  assert.is(await said("folders"), "fern,fern,peat,sand,clay");
});

passed("give others of their own kind", async () => assert.is(await said("selves"), "fernlet,fern1,fern2"));

passed("give and take objects that stand for another interface", async () => {
  assert.equal(JSON.parse(await said("others")), [
    0,
    0,
    "bee of fern",
    "a",
    "b",
    "bee of fern",
    "bee of oak",
    "bee of fern",
  ]);
});

passed("stay what they are in the state of an object, its hidden part too", async () => {
  assert.is(await said("fields"), "fern\nmoss\noak\nash\nbee of fern\n");
  assert.is(await said("read-fields"), "fern,fern");
});

passed("stay what they are in objects that are only types", async () => {
  assert.is(await said("bed"), "fern,fern,oak,fern,fern,oak,fern");
});

passed("are refused where they lack a function", async () => {
  const { exitCode, stderr } = await call("wrong");
  assert.is(exitCode, 1);
  assert.match(stderr, `expected "GardenPlant" ID, got Directory! ID`);
});

commands("go on with the functions of the interface, whatever the object is", async () => {
  assert.is(await said("plant", "name"), "fern");
  assert.is(await said("plant-later", "name"), "fern");
  assert.is(await said("plants", "name"), "fern\noak\n");
  assert.is(await said("keep", "kept", "name"), "kept");
  assert.is(await said("shelf", "on", "name"), "shelved");
});

commands("know no other functions of the object", async () => {
  const { exitCode, stderr } = await call("plant", "height");
  assert.is(exitCode, 1);
  assert.match(stderr, `unknown command "height" for "slipway call plant"`);
});

commands("hide a function that needs one, and leave out an argument that may be missing", async () => {
  const { exitCode, stderr } = await call("tell", "--named", "x");
  assert.is(exitCode, 1);
  assert.match(stderr, 'unknown command "tell" for "slipway call"');
  assert.is(await said("maybe-tell"), "nobody");
  const { stdout } = await runSlipway(dir, ["-s", "functions"], { env: { SLIPWAY_STORE: join(dir, "store") } });
  assert.match(stdout, "Skipped 1 function(s) with unsupported types: tell");
});

commands("refuse a result that is no object of the API, and one that lacks a function", async () => {
  const own = await call("own", "name");
  assert.is(own.exitCode, 1);
  assert.match(own.stderr, "unexpected interface value type for conversion from sdk result map[string]interface {}");
  assert.match(own.stderr, "KeeperNamed is an interface, so return an object that dag made");
  const voice = await call("voice", "sound");
  assert.is(voice.exitCode, 1);
  assert.match(voice.stderr, "type PotsFern does not implement interface KeeperVocal");
});

passed.run();
commands.run();
