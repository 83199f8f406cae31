import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startGitDaemon } from "../../support/git-daemon.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { withModule, writeModule } from "../../support/served-module.ts";

const paths = suite("git repositories at default paths");

const dir = mkdtempSync(join(tmpdir(), "slipway-default-paths-"));
const storeDir = join(dir, "store");

paths.after(() => rmSync(dir, { recursive: true, force: true }));

const SOURCE = `import { argument, func, GitRef, GitRepository, object } from "@dagger.io/dagger";
@object() export class Contextual {
  @func() async branches(@argument({ defaultPath: "/" }) repo: GitRepository): Promise<string[]> { return await repo.branches() }
  @func() async head(@argument({ defaultPath: ".git" }) ref: GitRef): Promise<string> { return await ref.commit() }
  @func() async files(@argument({ defaultPath: "." }) ref: GitRef): Promise<string[]> { return await ref.tree({ discardGitDir: true }).entries() }
  @func() async changed(@argument({ defaultPath: "./" }) repo: GitRepository): Promise<string[]> { return await repo.uncommitted().addedPaths() }
  @func() maybe(@argument({ defaultPath: "/" }) repo?: GitRepository): string { return repo ? "there" : "none" }
  @func() wrong(@argument({ defaultPath: "sub" }) repo: GitRepository): string { return String(repo) }
}`;

function git(cwd: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8" }).trim();
}

paths("are that of the module, with its head, its branches and what is not committed", async () => {
  const moduleDir = join(dir, "repository");
  writeModule(moduleDir, "contextual", SOURCE, { "README.md": "read me\n" });
  git(moduleDir, "init", "-q", "-b", "trunk");
  git(moduleDir, "add", ".");
  git(moduleDir, "commit", "-q", "-m", "first");
  git(moduleDir, "branch", "side");
  writeModule(moduleDir, "contextual", SOURCE, { "new.txt": "new\n" });
  await withModule({ storeDir, moduleDir }, async ({ call }) => {
    assert.equal(await call(["branches"]), ["side", "trunk"]);
    assert.is(await call(["head"]), git(moduleDir, "rev-parse", "HEAD"));
    assert.equal(await call(["files"]), ["README.md", "ci/", "dagger.json"]);
    assert.equal(await call(["changed"]), ["new.txt"]);
    assert.is(await call(["maybe"]), "there");
    const error = (await call(["wrong"]).catch((reason: unknown) => reason)) as Error;
    assert.is(
      error.message,
      'default path "sub" of argument "repo": a GitRepository is ".", ".git" or the address of a git repository',
    );
  });
});

paths(
  "of a module that was fetched lead to the repository that it comes from, with its commit as the head",
  async () => {
    const top = join(dir, "served");
    const moduleDir = join(top, "remote");
    writeModule(moduleDir, "contextual", SOURCE, { "README.md": "read me\n" });
    git(moduleDir, "init", "-q", "-b", "trunk");
    git(moduleDir, "add", ".");
    git(moduleDir, "commit", "-q", "-m", "first");
    git(moduleDir, "tag", "v1.0.0");
    const released = git(moduleDir, "rev-parse", "HEAD");
    git(moduleDir, "commit", "-q", "--allow-empty", "-m", "second");
    const daemon = await startGitDaemon(top);
    try {
      const called = (name: string) =>
        runSlipway(dir, ["-m", `${daemon.url}/remote@v1.0.0`, "call", name], { env: { SLIPWAY_STORE: storeDir } });
      const [head, maybe] = await Promise.all(["head", "maybe"].map(called));
      assert.is(head?.stdout, released, head?.stderr);
      assert.is(maybe?.stdout, "there", maybe?.stderr);
    } finally {
      await daemon.stop();
    }
  },
);

paths("are left out where there is none, and where one is required that is told", async () => {
  const moduleDir = join(dir, "plain");
  writeModule(moduleDir, "contextual", SOURCE);
  await withModule({ storeDir, moduleDir }, async ({ call }) => {
    assert.is(await call(["maybe"]), "none");
    const error = (await call(["head"]).catch((reason: unknown) => reason)) as Error;
    assert.is(
      error.message,
      'load contextual git ".git" of argument "ref": the module is not in a git repository here: give the argument yourself',
    );
  });
});

paths.run();
