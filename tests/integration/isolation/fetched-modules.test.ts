import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { type ServedRepository, serveRepository } from "../../support/served-repository.ts";

/** A module that says what it was given, and then what else it is told to say. */
const source = (name: string, more: string) => `
import { dag, type Directory, func, object, type Secret } from "@dagger.io/dagger";
@object() export class ${name} {
  @func({ cache: "never" }) async given(token?: Secret, folder?: Directory, text?: string): Promise<string> {
    return [await token?.plaintext(), await folder?.entries(), text].map((one) => String(one)).join(" | ") + ${more};
  }
}`;

const fetched = suite<ServedRepository & { home: string }>("a module that was fetched");

fetched.before(async (place) => {
  const write = (work: string) => {
    // As whoever wrote the modules would like to have it.
    const started = `touch ${join(work, "../started")}; echo of this machine`;
    const lines = `GIVEN_TOKEN="cmd://${started}"\nGIVEN_FOLDER=/etc\nGIVEN_TEXT=\${HOME}\n`;
    const ofBoth = source("Probe", '" / " + await dag.helper().given()');
    writeModule(work, "probe", ofBoth, { ".env": lines }, ["helper"]);
    writeModule(join(work, "helper"), "helper", source("Helper", '""'), { ".env": lines });
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

const VICTIM = '{ "dependencies": { "is-odd": "3.0.1" } }';
const NOTHING = "undefined | undefined | undefined";

fetched(
  "gets nothing of this machine by files of defaults in its repository, nor does a module there that it calls",
  async (place) => {
    const { stdout, stderr } = await call(place, "call", "-m", place.url, "given");
    assert.is(stdout.trim(), `${NOTHING} / ${NOTHING}`);
    assert.not.match(stderr, /user default/);
    assert.not(existsSync(join(place.dir, "started")));
  },
);

fetched("gets what the person's own file says, and so do those in a folder of the person", async (place) => {
  writeFileSync(join(place.home, ".env"), "PROBE_GIVEN_TEXT=mine\nHELPER_GIVEN_TEXT=also\n");
  const { stdout } = await call(place, "call", "-m", place.url, "given");
  assert.is(stdout.trim(), "undefined | undefined | mine / undefined | undefined | also");
  rmSync(join(place.home, ".env"));
  const own = await call(place, "call", "-m", join(place.dir, "work"), "given", "--folder=.");
  const [ofProbe, ofHelper] = own.stdout.split(" / ");
  assert.is(ofProbe, `of this machine\n |  | ${place.home}`);
  assert.match(ofHelper ?? "", /^of this machine\n \| .*hosts.* \| /);
});

fetched(
  "changes nothing of this machine where its package.json is a link, and reads nothing through that",
  async () => {
    const write = (work: string) => {
      const victim = join(work, "../victim.json");
      writeFileSync(victim, VICTIM);
      writeModule(work, "probe", source("Probe", '""'));
      symlinkSync(victim, join(work, "ci/package.json"));
    };
    const { dir, url, stop } = await serveRepository("main", [{ tag: "v1.0.0", write }]);
    const home = join(dir, "home");
    mkdirSync(home);
    try {
      for (const module of [url, join(dir, "work")]) {
        const { stdout, stderr } = await call({ dir, home }, "call", "-m", module, "given");
        assert.is(stdout.trim(), NOTHING);
        assert.not.match(stderr, /is-odd/);
        assert.is(readFileSync(join(dir, "victim.json"), "utf8"), VICTIM);
      }
    } finally {
      await stop();
    }
  },
);

const READER = `
import { argument, type Directory, type File, func, object } from "@dagger.io/dagger";
@object() export class Probe {
  @func({ cache: "never" }) async folder(@argument({ defaultPath: "/out" }) from: Directory): Promise<string> { return (await from.entries()).join(); }
  @func({ cache: "never" }) async file(@argument({ defaultPath: "/out/key" }) from: File): Promise<string> { return await from.contents(); }
  @func({ cache: "never" }) async own(@argument({ defaultPath: "/in" }) from: Directory): Promise<string> { return await from.file("text").contents(); }
}`;

fetched(
  "reads nothing of this machine by links in its repository: its code, its files of defaults and its dependencies",
  async () => {
    const write = (work: string) => {
      const outside = join(work, "../outside");
      writeModule(join(outside, "helper"), "helper", source("Helper", '""'));
      writeFileSync(join(outside, "key"), "of this machine");
      writeModule(work, "probe", READER, { "folder/text": "of the repository" });
      symlinkSync(outside, join(work, "out"));
      symlinkSync("/folder", join(work, "in"));
      writeModule(join(work, "code"), "code", READER);
      rmSync(join(work, "code/ci"), { recursive: true });
      symlinkSync(join(outside, "helper/ci"), join(work, "code/ci"));
      writeModule(join(work, "user"), "user", source("User", '""'), {}, ["helper"]);
      symlinkSync(join(outside, "helper"), join(work, "user/helper"));
    };
    const { dir, url, stop } = await serveRepository("main", [{ tag: "v1.0.0", write }]);
    const env = { SLIPWAY_STORE: join(dir, "store"), HOME: dir };
    try {
      const told = async (module: string, name: string) => {
        const { exitCode, stdout, stderr } = await runSlipway(dir, ["call", "-m", module, name], { env });
        assert.not.match(`${stdout}${stderr}`, /of this machine|helper,key|undefined \|/);
        return exitCode === 0 ? stdout : stderr;
      };
      assert.match(await told(url, "folder"), /no such file or directory/);
      assert.match(await told(url, "file"), /no such file or directory/);
      assert.is((await told(url, "own")).trim(), "of the repository");
      assert.match(await told(`${url}/code`, "given"), /no such file or directory/);
      assert.match(await told(`${url}/user`, "given"), /there is no dagger.json|does not exist/);
    } finally {
      await stop();
    }
  },
);

fetched.run();
