import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGitAddress, tagOf } from "../../../../engine/src/module/git-address.ts";
import { fetchModule } from "../../../../engine/src/module/git-modules.ts";
import { readServedSources } from "../../../../engine/src/module/served-sources.ts";
import { readModuleSource, resolveModuleRef } from "../../../../engine/src/module/source.ts";
import { type ServedRepository, serveRepository } from "../../../support/served-repository.ts";
import { setVariables } from "../../../support/with-variables.ts";

const modules = suite<ServedRepository>("a module in a git repository");

modules.before(async (place) => {
  const write = (text: string) => (work: string) => {
    mkdirSync(join(work, "sub/ci/src"), { recursive: true });
    writeFileSync(join(work, "sub/dagger.json"), JSON.stringify({ name: "sub", sdk: "typescript", source: "ci" }));
    writeFileSync(join(work, "sub/ci/src/index.ts"), text);
    if (!existsSync(join(work, "out"))) symlinkSync("/etc", join(work, "out"));
  };
  const versions = [
    { tag: "sub/v1.0.0", write: write("one") },
    { tag: "latest", write: write("two") },
  ];
  Object.assign(place, await serveRepository("main", versions));
});

modules.after(({ stop }) => stop());

const silent = (): void => {};
const textOf = (dir: string): string => readFileSync(join(dir, "ci/src/index.ts"), "utf8");

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "no problem";
}

modules("is known by every form of its address", () => {
  const cases: readonly (readonly [string, string, string, string | undefined])[] = [
    ["github.com/o/n", "https://github.com/o/n", ".", undefined],
    ["github.com/o/n/a/b@v1.2.3", "https://github.com/o/n", "a/b", "v1.2.3"],
    ["https://github.com/o/n.git/a@main", "https://github.com/o/n.git", "a", "main"],
    ["ssh://github.com/o/n@x/y", "ssh://git@github.com/o/n", ".", "x/y"],
    ["git@github.com:o/n.git/a@v1", "git@github.com:o/n.git", "a", "v1"],
    ["http://localhost:80/deep/er.git/sub", "http://localhost:80/deep/er.git", "sub", undefined],
    ["git.example.com/group/deep/name", "https://git.example.com/group/deep/name", ".", undefined],
  ];
  for (const [ref, cloneUrl, folder, version] of cases) {
    const address = parseGitAddress(ref);
    assert.equal([address.cloneUrl, address.folder, address.version], [cloneUrl, folder, version], ref);
  }
  assert.throws(
    () => parseGitAddress("github.com/o/n/../../x"),
    /git module source subpath points out of root: "..\/..\/x"/,
  );
});

modules("in a folder has the folder's tags before those of the repository", () => {
  const address = parseGitAddress("github.com/o/n/sub@v1.0.0");
  assert.is(tagOf(address, ["v1.0.0", "sub/v1.0.0"]), "sub/v1.0.0");
  assert.is(tagOf(address, ["v1.0.0"]), "v1.0.0");
  assert.is(tagOf(parseGitAddress("github.com/o/n/sub@main"), ["sub/main"]), "main");
});

modules("is fetched at its head, a tag, a branch or a commit", ({ url, commits }) => {
  const [one, two] = commits;
  for (const [version, commit, text] of [
    ["", two, "two"],
    ["@main", two, "two"],
    ["@latest", two, "two"],
    ["@v1.0.0", one, "one"],
    [`@${one}`, one, "one"],
  ] as const) {
    const found = fetchModule(`${url}/sub${version}`, undefined, silent);
    assert.equal([found.commit, textOf(found.dir)], [commit, text], version);
  }
  assert.is(
    problemOf(() => fetchModule(`${url}/sub@nope`, undefined, silent)),
    `repository ${url} does not contain ref "nope"`,
  );
  assert.match(
    problemOf(() => fetchModule(`${url}x.git/sub`, undefined, silent)),
    /^git error: /,
  );
});

modules("counts as used each time, so that a full store does without others first", ({ url }) => {
  const { dir } = fetchModule(`${url}/sub@v1.0.0`, undefined, silent);
  const top = join(dir, "../..");
  utimesSync(top, 1, 1);
  fetchModule(`${url}/sub@v1.0.0`, undefined, silent);
  assert.ok(Date.now() - statSync(top).mtimeMs < 60_000);
});

modules("is found in a repository where git's list of branches and tags has megabytes", ({ url, dir, commits }) => {
  const list = join(dir, "served/mods.git/info/refs");
  const before = readFileSync(list, "utf8");
  const pulls = Array.from({ length: 20_000 }, (_, nth) => `${commits[0]}\trefs/pull/${nth}/head\n`);
  writeFileSync(list, `${before}${pulls.join("")}`);
  const found = fetchModule(`${url}/sub@latest`, undefined, silent);
  writeFileSync(list, before);
  assert.is(textOf(found.dir), "two");
});

modules("sees its own repository and nothing above it, and no folder behind a link out of it", ({ url, dir }) => {
  mkdirSync(join(dir, "store/.git"), { recursive: true });
  const source = readModuleSource(resolveModuleRef(`${url}/sub@v1.0.0`, dir));
  assert.is(join(source.contextDir, "sub"), source.moduleDir);
  assert.is(
    problemOf(() => fetchModule(`${url}/out`, undefined, silent)),
    'git module source subpath points out of root: "out"',
  );
  assert.is(
    problemOf(() => fetchModule(`${url}/nope`, undefined, silent)),
    `module ${url}/nope: the repository has no folder "nope"`,
  );
});

modules("may be a repository's top when the store is reached by a link", ({ url, dir }) => {
  const putBack = setVariables({ SLIPWAY_STORE: join(dir, "linked") });
  symlinkSync(join(dir, "store"), join(dir, "linked"));
  try {
    const { dir: top } = fetchModule(url, undefined, silent);
    assert.is(textOf(join(top, "sub")), "two");
  } finally {
    putBack();
  }
});

modules("with a pin that is here is not asked for again", ({ dir, commits }) => {
  const gone = "http://127.0.0.1:1/mods.git";
  const config = { name: "app", blueprint: { name: "sub", source: `${gone}/sub@main`, pin: commits[0] } };
  const app = join(dir, "app");
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, "dagger.json"), JSON.stringify(config));
  assert.match(
    problemOf(() => readServedSources(app, false)),
    /loading module "http.*: git error: /,
  );
});

modules("of Slipway itself is the installed copy, said once a time, with no network", ({ dir }) => {
  const top = resolve(".");
  for (const ref of [
    "github.com/slipway/slipway",
    "github.com/slipway/slipway@v9.9.9",
    "https://github.com/slipway/slipway.git@main",
    "git@github.com:slipway/slipway",
    "ssh://git@github.com/slipway/slipway@0123456789012345678901234567890123456789",
  ]) {
    const told: string[] = [];
    assert.is(
      resolveModuleRef(ref, dir, (line) => told.push(line)),
      top,
      ref,
    );
    assert.equal(told, [`for ${ref} the installed copy is used: ${top}`]);
  }
  const app = join(dir, "own");
  mkdirSync(app, { recursive: true });
  writeFileSync(
    join(app, "dagger.json"),
    JSON.stringify({ name: "app", blueprint: { source: "github.com/slipway/slipway@v1" } }),
  );
  const told: string[] = [];
  assert.equal(
    readServedSources(app, false, (line) => told.push(line)).modules.map(({ source }) => source.name),
    ["slipway", "app"],
  );
  assert.is(new Set(told).size, 1);
});

modules.run();
