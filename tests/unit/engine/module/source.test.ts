import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findModuleDir } from "../../../../engine/src/module/module-dir.ts";
import { RUNTIME_NODE_VERSION } from "../../../../engine/src/module/runtime-files.ts";
import { readModuleSource, resolveModuleRef, sourceText } from "../../../../engine/src/module/source.ts";
import { writeFiles } from "../../../support/write-files.ts";

interface Place {
  dir: string;
}

const source = suite<Place>("source of a module");

source.before.each((place) => {
  place.dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-source-")));
});

source.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function config(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    name: "probe",
    engineVersion: "v0.21.8",
    sdk: { source: "typescript" },
    source: "ci",
    ...more,
  });
}

const problem = (message: string) => (error: Error) => error.message === message;

source("is found upwards from a folder, and by a path", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "a/b/file.txt": "", "ci/src/index.ts": "" });
  assert.is(findModuleDir(join(dir, "a/b")), dir);
  assert.is(resolveModuleRef("..", join(dir, "a")), dir);
  assert.is(findModuleDir("/"), undefined);
});

source("is read through links between its own files, and through none that lead out of them", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "package.json": "outside", "ci/src/index.ts": "", "ci/a/lock": "inside" });
  const links = {
    "package.json": "../package.json",
    "yarn.lock": join(dir, "package.json"),
    "bun.lock": "nowhere",
    "pnpm-lock.yaml": "a/../again",
    again: "./a/lock",
    round: "about",
    about: "round",
  };
  for (const [path, link] of Object.entries(links)) symlinkSync(link, join(dir, "ci", path));
  const read = readModuleSource(dir);
  const texts = Object.keys(links).map((path) => sourceText(read, path));
  assert.equal(texts, [undefined, undefined, undefined, "inside", "inside", undefined, undefined]);
});

source("of a folder that is not there, or is no module, is refused", ({ dir }) => {
  assert.throws(() => resolveModuleRef("./nope", dir), /module not found: .*nope does not exist/);
  assert.throws(() => resolveModuleRef(".", dir), /no dagger.json in/);
});

source("is found by the name of a dependency of the caller's module", ({ dir }) => {
  writeFiles(dir, {
    "dagger.json": config({ dependencies: [{ name: "mail", source: "postal" }] }),
    "postal/dagger.json": config(),
  });
  assert.is(resolveModuleRef("mail", dir), join(dir, "postal"));
  writeFiles(dir, { "ci/src/index.ts": "", "postal/ci/src/index.ts": "" });
  assert.is(readModuleSource(dir).dependencies[0]?.name, "mail");
});

const TAKEN = {
  ".git/HEAD": "",
  "m/ci/src/index.ts": "",
  "m/ci/big/a.bin": "",
  "m/ci/big/keep.txt": "",
  "m/ci/b.log": "",
};

for (const [how, said] of [
  ["include takes back", { include: ["extra", "!ci/big", "!**/*.log", "ci/big/keep.txt"] }],
  ["exclude names, as older ones say it", { exclude: ["ci/big", "**/*.log", "", "!ci/big/keep.txt"] }],
] as const) {
  source(`leaves out what ${how}`, ({ dir }) => {
    writeFiles(dir, { ...TAKEN, "m/dagger.json": config(said) });
    const paths = readModuleSource(join(dir, "m")).files.map(({ path }) => path);
    assert.equal(paths, ["big/keep.txt", "src/index.ts"]);
  });
}

source("is refused when it includes what lies above the repository", ({ dir }) => {
  writeFiles(dir, { ...TAKEN, "m/dagger.json": config({ include: ["../../x"] }) });
  assert.throws(() => readModuleSource(join(dir, "m")), problem('include/exclude path "../x" escapes context'));
});

source("leaves out what .gitignore names, above the package too, and what the engine provides", ({ dir }) => {
  writeFiles(dir, {
    ".git/HEAD": "",
    ".gitignore": "*.log\n",
    "dagger.json": config(),
    "ci/.gitignore": "/dist\n",
    "ci/src/index.ts": "",
    "ci/src/noise.log": "",
    "ci/dist/index.js": "",
    "ci/node_modules/x/index.js": "",
    "ci/sdk/core.js": "",
    "ci/src/sdk/part.ts": "",
  });
  const { files, sourcePath, contextDir } = readModuleSource(dir);
  assert.equal(
    files.map((file) => file.path),
    [".gitignore", "src/index.ts", "src/sdk/part.ts"],
  );
  assert.is(sourcePath, "ci");
  assert.is(contextDir, dir);
});

source("has another digest when a file of the package changes, and the same when another file does", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "ci/src/index.ts": "1", "README.md": "a" });
  const before = readModuleSource(dir).digest;
  writeFiles(dir, { "README.md": "b" });
  assert.is(readModuleSource(dir).digest, before);
  writeFiles(dir, { "ci/src/index.ts": "2" });
  assert.is.not(readModuleSource(dir).digest, before);
});

source("has another digest when a dependency changes", ({ dir }) => {
  const postal = JSON.stringify({ name: "postal", sdk: "typescript", source: "." });
  writeFiles(dir, {
    "dagger.json": config({ dependencies: [{ name: "postal", source: "postal" }] }),
    "ci/src/index.ts": "",
  });
  writeFiles(dir, { "postal/dagger.json": postal, "postal/src/index.ts": "1" });
  const before = readModuleSource(dir);
  assert.equal(
    before.dependencies.map((one) => one.config.name),
    ["postal"],
  );
  writeFiles(dir, { "postal/src/index.ts": "2" });
  assert.is.not(readModuleSource(dir).digest, before.digest);
});

source("for Bun is told to run on Node, and for Deno or a runtime that there is not it is refused", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "ci/src/index.ts": "" });
  const toldWith = (files: Readonly<Record<string, string>>): readonly string[] => {
    writeFiles(dir, files);
    const told: string[] = [];
    readModuleSource(dir, { tell: (line) => told.push(line) });
    return told;
  };
  const bun = (because: string) => [
    `module probe is written for Bun (${because}): the embedded engine runs it on Node`,
  ];
  assert.equal(toldWith({}), []);
  assert.equal(toldWith({ "ci/bun.lock": "" }), bun("bun.lock"));
  assert.equal(toldWith({ "ci/package.json": '{"dagger":{"runtime":"node"}}' }), []);
  assert.equal(
    toldWith({ "ci/package.json": '{"dagger":{"runtime":"bun@1.3"}}' }),
    bun("dagger.runtime of package.json"),
  );
  assert.throws(
    () => toldWith({ "ci/package.json": '{"dagger":{"runtime":"deno"}}' }),
    problem('failed to detect module runtime: unsupported runtime "deno"'),
  );
  rmSync(join(dir, "ci/bun.lock"));
  assert.throws(
    () => toldWith({ "ci/package.json": "{}", "ci/deno.json": "{}" }),
    problem(
      `module "probe" is written for Deno (deno.json), and the embedded engine runs modules on Node only: say dagger instead of slipway to use Dagger's own`,
    ),
  );
  assert.equal(toldWith({ "ci/yarn.lock": "" }), []);
});

source("that asks for another Node, or for an image, is told what it runs on", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "ci/src/index.ts": "" });
  const version = RUNTIME_NODE_VERSION;
  const [major = ""] = version.split(".");
  const toldWith = (settings: object): readonly string[] => {
    writeFiles(dir, { "ci/package.json": JSON.stringify({ dagger: settings }) });
    const told: string[] = [];
    readModuleSource(dir, { tell: (line) => told.push(line) });
    return told;
  };
  for (const fitting of [major, version]) assert.equal(toldWith({ runtime: `node@${fitting}` }), []);
  assert.equal(toldWith({ runtime: "node@2" }), [
    `module probe asks for Node 2 (dagger.runtime of package.json): the embedded engine runs it on Node ${version}`,
  ]);
  assert.equal(toldWith({ runtime: "node", baseImage: "node:22.10.0-alpine" }), [
    `module probe asks for the image node:22.10.0-alpine (dagger.baseImage of package.json): the embedded engine runs it on its own Node ${version}, without that image`,
  ]);
});

source("with a dependency of another SDK, or in a repository out of reach, names the dependency", ({ dir }) => {
  writeFiles(dir, {
    "dagger.json": config({ dependencies: [{ name: "snake", source: "snake" }] }),
    "ci/src/index.ts": "",
    "snake/dagger.json": JSON.stringify({ name: "snake", sdk: { source: "python" } }),
  });
  assert.throws(
    () => readModuleSource(dir),
    problem(
      `the embedded engine runs modules of the TypeScript SDK only, and module "snake" is of "python": say dagger instead of slipway to use Dagger's own`,
    ),
  );
  const source = "http://127.0.0.1:1/mods.git/sub@v1";
  writeFiles(dir, { "dagger.json": config({ dependencies: [{ name: "far", source }] }) });
  assert.throws(() => readModuleSource(dir), /^dependency "http.*sub@v1" of module "probe": git error: /);
});

source("that depends on itself, or on what is not there, is refused", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config({ dependencies: ["."] }), "ci/src/index.ts": "" });
  assert.throws(() => readModuleSource(dir), /depend on each other in a circle/);
  writeFiles(dir, { "dagger.json": config({ dependencies: ["nope"] }) });
  assert.throws(() => readModuleSource(dir), problem(`local path "${dir}/nope" does not exist`));
  writeFiles(dir, { "dagger.json": config({ dependencies: ["ci"] }) });
  assert.throws(
    () => readModuleSource(dir),
    problem(`dependency "ci" of module "probe": there is no dagger.json in ${dir}/ci`),
  );
  writeFiles(dir, { "dagger.json": config({ dependencies: ["../other"] }) });
  assert.throws(
    () => readModuleSource(dir),
    problem(`local module dep source path "../other" escapes context "${dir}"`),
  );
  writeFiles(dir, { "dagger.json": config({ dependencies: ["/other"] }) });
  assert.throws(() => readModuleSource(dir), problem('local module dep source path "/other" is absolute'));
});

source("keeps links as links", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config(), "ci/src/index.ts": "" });
  symlinkSync("/etc/passwd", join(dir, "ci/src/link"));
  assert.equal(readModuleSource(dir).files.at(-1), { path: "src/link", mode: 0o777, link: "/etc/passwd" });
});

source("that leaves its repository or is missing is refused", ({ dir }) => {
  writeFiles(dir, { "dagger.json": config({ source: "../.." }) });
  assert.throws(() => readModuleSource(dir), /source path "..\/.." of module "probe" leaves/);
  writeFiles(dir, { "dagger.json": config({ source: "nowhere" }) });
  assert.throws(
    () => readModuleSource(dir),
    /failed to make directory content hashed: stat nowhere: no such file or directory/,
  );
});

source.run();
