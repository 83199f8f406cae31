import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Commit, commitScript, nameRevision, nameVersion, parseCommit } from "../../../../ci/src/git/commit.ts";

const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.org",
  GIT_COMMITTER_NAME: "Bob",
  GIT_COMMITTER_EMAIL: "bob@example.org",
  GIT_COMMITTER_DATE: "2026-11-25T15:12:49+01:00",
};

const commit = suite("the commit of an image");

let folder = "";

commit.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "commit-"));
  for (const path of ["services/a/src", "engine"]) mkdirSync(join(folder, path), { recursive: true });
  for (const path of ["services/a/src/main.ts", "services/a/src/app.ts", "package.json", "engine/main.ts"]) {
    writeFileSync(join(folder, path), path);
  }
  run("git", "init", "--quiet", "--initial-branch=main");
  run("git", "add", "--all");
  run("git", "commit", "--quiet", "--message=first");
  // Not handed in: the configuration, the index, and what the images are not made from.
  for (const path of [".git/config", ".git/index", "engine"]) rmSync(join(folder, path), { recursive: true });
});

commit.after.each(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: folder, env, encoding: "utf8" });
}

/** Only the services were handed in, and package.json. */
const isHandedIn = (path: string) => path.startsWith("services/") || path === "package.json";

function read(): Commit {
  const output = join(folder, ".git", "output");
  run("sh", "-c", commitScript, "sh", join(folder, ".git", "ignored"), output);
  return parseCommit(readFileSync(output, "utf8"), isHandedIn);
}

commit("is read from the objects and refs of .git alone", () => {
  const found = read();
  assert.is(found.hash, run("git", "rev-parse", "HEAD").trim());
  assert.is(found.time, "2026-11-25T14:12:49Z");
  assert.is(found.author, "ann@example.org");
  assert.equal(found.changes, []);
});

commit("is read when all refs are packed and no folder of refs was handed in", () => {
  run("git", "pack-refs", "--all");
  rmSync(join(folder, ".git/refs"), { recursive: true });
  assert.equal(read().changes, []);
});

commit("is asked for by name where nothing has been committed yet", () => {
  run("git", "symbolic-ref", "HEAD", "refs/heads/other");
  assert.throws(
    read,
    (error: Error) =>
      error.message ===
      `there is no commit to name the images after: nothing has been committed on this branch yet [no-commit]
  where: .git/HEAD
  to do: git add --all && git commit`,
  );
});

commit("names the files that are changed, new or gone, but not what a build leaves behind", () => {
  writeFileSync(join(folder, "services/a/src/main.ts"), "changed");
  writeFileSync(join(folder, "services/a/src/new.ts"), "new");
  writeFileSync(join(folder, "package.json"), "changed");
  rmSync(join(folder, "services/a/src/app.ts"));
  assert.equal(read().changes, [
    "M package.json",
    "M services/a/src/main.ts",
    "A services/a/src/new.ts",
    "D services/a/src/app.ts",
  ]);
});

commit("does not miss a file that the commit has although it is ignored", () => {
  for (const path of ["services/a/dist", "services/a/.gitignore"]) rmSync(join(folder, path), { force: true });
  run("git", "reset", "--quiet", "--hard");
  mkdirSync(join(folder, "services/a/dist"));
  writeFileSync(join(folder, "services/a/dist/kept.js"), "kept");
  writeFileSync(join(folder, "services/a/.gitignore"), "dist/\n");
  run("git", "add", "--force", "--all");
  run("git", "commit", "--quiet", "--message=second");
  for (const path of ["services/a/dist", "services/a/.gitignore", ".git/index", "engine"])
    rmSync(join(folder, path), { recursive: true });
  assert.equal(read().changes, []);
});

commit("does not take anything else for a commit", () => {
  assert.throws(() => parseCommit("fatal: not a git repository", isHandedIn), /^this is not a commit: fatal/);
});

commit("says in revision and version when the files are not those of the commit", () => {
  const clean: Commit = {
    hash: "6bb0d4da956a33a85c2cc8afdd82b080f09e34af",
    time: "2026-11-25T14:12:49Z",
    author: "a",
    changes: [],
  };
  assert.is(nameRevision(clean), clean.hash);
  assert.is(nameVersion(clean), "20261125141249-6bb0d4da956a");
  const dirty = { ...clean, changes: ["M a"] };
  assert.is(nameRevision(dirty), `${clean.hash}-dirty`);
  assert.is(nameVersion(dirty), "20261125141249-6bb0d4da956a-dirty");
});

commit.run();
