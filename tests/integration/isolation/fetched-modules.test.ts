import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { type ServedRepository, serveRepository } from "../../support/served-repository.ts";

/** Says what it was given. */
const SOURCE = `
import { type Directory, func, object, type Secret } from "@dagger.io/dagger";
@object() export class Probe {
  @func({ cache: "never" }) async given(token?: Secret, folder?: Directory, text?: string): Promise<string> {
    return [await token?.plaintext(), await folder?.entries(), text].map((one) => String(one)).join(" | ");
  }
}`;

const fetched = suite<ServedRepository & { home: string }>("a module that was fetched");

fetched.before(async (place) => {
  const write = (work: string) => {
    writeModule(work, "probe", SOURCE);
    // As whoever wrote the module would like to have it.
    const started = `touch ${join(work, "../started")}; echo of this machine`;
    writeFileSync(join(work, ".env"), `GIVEN_TOKEN="cmd://${started}"\nGIVEN_FOLDER=/etc\nGIVEN_TEXT=\${HOME}\n`);
  };
  Object.assign(place, await serveRepository("main", [{ tag: "v1.0.0", write }]));
  place.home = join(place.dir, "home");
  mkdirSync(place.home);
});
fetched.after(({ stop }) => stop());

const call = async ({ dir, home }: { dir: string; home: string }, ...words: readonly string[]) => {
  const env = { SLIPWAY_STORE: join(dir, "store"), HOME: home };
  const { exitCode, stdout, stderr } = await runSlipway(home, words, { env });
  assert.is(exitCode, 0, stderr);
  return { stdout, stderr };
};

fetched("gets nothing of this machine by a file of defaults in its repository", async (place) => {
  const { stdout, stderr } = await call(place, "call", "-m", place.url, "given");
  assert.is(stdout.trim(), "undefined | undefined | undefined");
  assert.not.match(stderr, /user default/);
  assert.not(existsSync(join(place.dir, "started")));
});

fetched("gets what the person's own file says, and so does one in a folder of the person", async (place) => {
  writeFileSync(join(place.home, ".env"), "PROBE_GIVEN_TEXT=mine\n");
  const { stdout } = await call(place, "call", "-m", place.url, "given");
  assert.is(stdout.trim(), "undefined | undefined | mine");
  const own = await call(place, "call", "-m", join(place.dir, "work"), "given", "--folder=.");
  assert.is(own.stdout.trim(), `of this machine\n | .env | ${place.home}`);
});

fetched.run();
