import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runMain } from "../../../../../engine/src/cli/run-main.ts";
import { type ServedRepository, serveRepository } from "../../../../support/served-repository.ts";
import { writeFiles } from "../../../../support/write-files.ts";
import { fakeConsole } from "../../cli/fake-console.ts";

interface Place extends ServedRepository {
  /** `http://127.0.0.1:1234/mods.git/saw` */
  readonly ref: string;
}

const remote = suite<Place>("a dependency in a git repository");

remote.before(async (place) => {
  const write = (tag: string) => (work: string) =>
    writeFiles(work, {
      "saw/dagger.json": JSON.stringify({ name: "saw", sdk: "typescript" }),
      "saw/tag": tag,
      "saw/deeper/x": "",
    });
  const tags = ["saw/v1.0.0", "saw/v1.1.0"];
  const served = await serveRepository(
    "trunk",
    tags.map((tag) => ({ tag, write: write(tag) })),
  );
  Object.assign(place, served, { ref: `${served.url}/saw` });
});

remote.after(({ stop }) => stop());

const app = ({ dir }: Place): string => join(dir, "app");

remote.before.each((place) => {
  rmSync(app(place), { recursive: true, force: true });
  writeFiles(app(place), { "dagger.json": JSON.stringify({ name: "app", engineVersion: "v0.21.8" }) });
});

/** Runs a command in the module; it has to succeed. */
async function run(place: Place, ...words: string[]): Promise<string> {
  const console = fakeConsole({ cwd: app(place) });
  assert.is(await runMain(words, console), 0, console.err());
  return console.out();
}

const dependencies = (place: Place): unknown =>
  (JSON.parse(readFileSync(join(app(place), "dagger.json"), "utf8")) as { dependencies?: unknown }).dependencies;

remote("is written with the version that was found and its commit, whatever of it was said", async (place) => {
  const { ref, commits } = place;
  const [one, two] = commits;
  for (const [version, written, pin] of [
    ["", "@trunk", two],
    ["@trunk", "@trunk", two],
    ["@v1.0.0", "@saw/v1.0.0", one],
    ["@saw/v1.0.0", "@saw/v1.0.0", one],
    [`@${one}`, `@${one}`, one],
  ] as const) {
    assert.is(await run(place, "install", `${ref}${version}`), 'Installed module dependency "saw"\n');
    assert.equal(dependencies(place), [{ name: "saw", source: `${ref}${written}`, pin }], version);
  }
});

remote("is looked up anew by update: its branch, or another version, by its own name", async (place) => {
  const { ref, commits } = place;
  const [one, two] = commits;
  const old = { name: "blade", source: `${ref}@trunk`, pin: one };
  const write = (...list: object[]) =>
    writeFiles(app(place), { "dagger.json": JSON.stringify({ name: "app", dependencies: list }) });
  for (const [words, after] of [
    [[], { ...old, pin: two }],
    [["blade"], { ...old, pin: two }],
    [[ref], { ...old, pin: two }],
    [["blade@v1.1.0"], { ...old, source: `${ref}@saw/v1.1.0`, pin: two }],
    [[`${ref}@v1.0.0`], { ...old, source: `${ref}@saw/v1.0.0` }],
  ] as const) {
    write(old);
    assert.is(await run(place, "update", ...words), "");
    assert.equal(dependencies(place), [{ ...after, name: "saw" }], words.join(" "));
  }
});

remote("is found by a folder in it, and written by its own", async (place) => {
  const { ref, url, commits } = place;
  await run(place, "install", `${ref}/deeper@saw/v1.1.0`);
  assert.equal(dependencies(place), [{ name: "saw", source: `${ref}@saw/v1.1.0`, pin: commits[1] }]);
  const console = fakeConsole({ cwd: app(place) });
  assert.is(await runMain(["install", url], console), 1);
  assert.match(console.err(), `git module source "${url}" does not contain a dagger config file`);
});

remote("that says nothing but a commit has that as its version when something else changes", async (place) => {
  const { ref, dir, commits } = place;
  writeFiles(dir, { ".git/HEAD": "", "axe/dagger.json": '{"name":"axe"}' });
  const written = { name: "saw", source: ref, pin: commits[0] };
  writeFiles(app(place), { "dagger.json": JSON.stringify({ name: "app", dependencies: [written] }) });
  await run(place, "install", "../axe");
  assert.equal(dependencies(place), [
    { name: "axe", source: "../axe" },
    { ...written, source: `${ref}@${commits[0]}` },
  ]);
});

remote("that is pinned is not asked for when another one changes, and one without a pin gets it", async (place) => {
  const { ref, dir, commits } = place;
  const gone = { name: "gone", source: "http://127.0.0.1:1/x.git/y@v1", pin: "0".repeat(40) };
  writeFiles(dir, { ".git/HEAD": "", "axe/dagger.json": '{"name":"axe"}' });
  writeFiles(app(place), { "dagger.json": JSON.stringify({ name: "app", dependencies: [gone, `${ref}@v1.0.0`] }) });
  await run(place, "install", "../axe");
  assert.equal(dependencies(place), [
    { name: "axe", source: "../axe" },
    gone,
    { name: "saw", source: `${ref}@saw/v1.0.0`, pin: commits[0] },
  ]);
  await run(place, "uninstall", `${ref}@v1.0.0`);
  assert.equal(dependencies(place), [{ name: "axe", source: "../axe" }, gone]);
});

remote("that is not there leaves dagger.json as it was", async (place) => {
  const before = readFileSync(join(app(place), "dagger.json"), "utf8");
  for (const [version, problem] of [
    ["/nope", /the repository has no folder "saw\/nope"/],
    ["@v9.9.9", /does not contain ref "v9\.9\.9"/],
  ] as const) {
    const console = fakeConsole({ cwd: app(place) });
    assert.is(await runMain(["install", `${place.ref}${version}`], console), 1);
    assert.match(console.err(), problem);
  }
  assert.is(readFileSync(join(app(place), "dagger.json"), "utf8"), before);
  assert.is(existsSync(join(app(place), "sdk")), false);
});

remote.run();
