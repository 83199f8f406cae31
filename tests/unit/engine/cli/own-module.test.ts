import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findWorkspace } from "../../../../engine/src/api/workspace-view.ts";
import { findOwnModule, moduleFor } from "../../../../engine/src/cli/own-module.ts";

const ownModule = suite("Slipway's own module");
let top: string;
let repository: string;

ownModule.before(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "slipway-own-")));
  repository = join(top, "repository");
  mkdirSync(join(repository, ".git"), { recursive: true });
  mkdirSync(join(repository, "deep", "er"), { recursive: true });
});
ownModule.after(() => rmSync(top, { recursive: true, force: true }));

/** What is chosen in the folder, and what is said about it. */
function choose(
  name: string,
  given: { moduleRef?: string; noModule?: boolean; env?: NodeJS.ProcessEnv; dir?: string } = {},
) {
  const said: string[] = [];
  const chosen = moduleFor(
    { name },
    { moduleRef: given.moduleRef, noModule: given.noModule ?? false },
    { searchDir: given.dir ?? join(repository, "deep"), env: given.env ?? {}, tell: (line) => said.push(line) },
  );
  return { chosen, said };
}

for (const name of ["call", "check", "functions", "generate"]) {
  ownModule(`works on a repository without one by ${name}, which says so`, () => {
    const own = findOwnModule();
    assert.equal(choose(name), {
      chosen: own,
      said: [`there is no dagger.json here: Slipway's own module (${own}) works on ${repository}`],
    });
  });
}

for (const name of ["core", "query", "session", "run"]) {
  ownModule(`is not asked by ${name}`, () => assert.equal(choose(name), { chosen: undefined, said: [] }));
}

ownModule("says so before it looks through a whole home folder, or all that a home folder lies in", () => {
  const home = join(top, "home");
  mkdirSync(join(home, "project"), { recursive: true });
  const warned = (dir: string, env: NodeJS.ProcessEnv) => choose("call", { dir, env }).said.join("\n");
  const todo = "\n  to do: run the command in the folder of your project";
  for (const dir of [home, top])
    assert.match(
      warned(dir, { HOME: home }),
      `works on ${dir}, which is no git repository: it looks through the whole of ${dir}${todo}`,
    );
  assert.match(
    warned("/", { HOME: home }),
    `works on /, which is no git repository: it looks through the whole machine${todo}`,
  );
  assert.not.match(warned(join(home, "project"), { HOME: home }), "whole");
  assert.not.match(warned(repository, { HOME: repository }), "whole");
});

ownModule("gives way to a module that is named or excluded, and can be switched off", () => {
  assert.equal(choose("call", { moduleRef: "../other" }), { chosen: "../other", said: [] });
  assert.equal(choose("call", { noModule: true }), { chosen: undefined, said: [] });
  assert.equal(choose("call", { env: { SLIPWAY_OWN_MODULE: "off" } }), { chosen: undefined, said: [] });
});

ownModule("gives way to the module that DAGGER_MODULE names, and that one to -m and -M", () => {
  const env = { DAGGER_MODULE: "./named" };
  assert.equal(choose("call", { env }), { chosen: "./named", said: [] });
  assert.equal(choose("query", { env }), { chosen: "./named", said: [] });
  assert.equal(choose("call", { env, moduleRef: "../other" }), { chosen: "../other", said: [] });
  assert.equal(choose("call", { env, noModule: true }), { chosen: undefined, said: [] });
  assert.is(choose("call", { env: { DAGGER_MODULE: "" } }).chosen, findOwnModule());
});

ownModule("gives way to a dagger.json in the folder or above it", () => {
  const other = join(top, "other");
  mkdirSync(join(other, "below"), { recursive: true });
  writeFileSync(join(other, "dagger.json"), "{}");
  assert.equal(choose("call", { dir: join(other, "below") }), { chosen: undefined, said: [] });
});

ownModule("is found above the engine, through links", () => {
  mkdirSync(join(top, "package", "engine", "dist", "module"), { recursive: true });
  writeFileSync(join(top, "package", "dagger.json"), "{}");
  assert.is(findOwnModule(join(top, "package", "engine", "dist", "module")), join(top, "package"));
  assert.throws(() => findOwnModule(join(repository, "deep")), /^this installation has no module/);
});

ownModule("works on the top of a git repository, and on the folder itself outside of one", () => {
  assert.is(findWorkspace(join(repository, "deep", "er")).root, repository);
  assert.is(findWorkspace(repository).root, repository);
  mkdirSync(join(top, "plain", "folder"), { recursive: true });
  assert.is(findWorkspace(join(top, "plain", "folder")).root, join(top, "plain", "folder"));
});

ownModule.run();
