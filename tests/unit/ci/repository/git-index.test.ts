/** The index as git itself writes it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listTracked } from "../../../../ci/src/repository/git-index.ts";

const index = suite("the index of git");

const folders: string[] = [];
index.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const NAMES = [
  "a",
  "a-file-of-a-longer-name.txt",
  "dir/b",
  "dir/deep/go.sum",
  `${"x/".repeat(300)}y`,
  "z/ünï 世界 \t.txt",
];

/** A repository with these files added, and a way to call git there. */
function makeRepository(init: readonly string[] = [], names: readonly string[] = NAMES) {
  const folder = mkdtempSync(join(tmpdir(), "index-"));
  folders.push(folder);
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      stdio: ["ignore", "pipe", "ignore"],
    });
  git("init", "--quiet", ...init);
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  git("add", "--all");
  const read = () => listTracked(readFileSync(join(folder, ".git/index")));
  const listed = () => git("ls-files", "-z").split("\0").slice(0, -1);
  return { git, folder, read, listed };
}

for (const version of ["2", "4"]) {
  index(`is read in version ${version}`, () => {
    const { git, read, listed } = makeRepository();
    git("update-index", "--index-version", version);
    assert.equal(read(), listed());
    assert.is(listed().length, NAMES.length);
  });
}

index("is read in version 3, where some files are only meant to be added", () => {
  const { git, read, listed } = makeRepository();
  git("rm", "--cached", "--quiet", "dir/b");
  git("add", "--intent-to-add", "dir/b");
  git("update-index", "--skip-worktree", "a");
  assert.equal(read(), listed());
});

index("is read of a repository whose objects are named by SHA-256", () => {
  const { git, read, listed } = makeRepository(["--object-format=sha256"]);
  assert.equal(read(), listed());
  git("update-index", "--index-version", "4");
  assert.equal(read(), listed());
});

index("is read with the extensions that commits, work and conflicts leave in it", () => {
  const { git, folder, read } = makeRepository();
  git("commit", "--quiet", "--message=one");
  git("checkout", "--quiet", "-b", "other");
  writeFileSync(join(folder, "a"), "other");
  git("commit", "--quiet", "--all", "--message=other");
  git("checkout", "--quiet", "-");
  writeFileSync(join(folder, "a"), "mine");
  git("commit", "--quiet", "--all", "--message=mine");
  git("update-index", "--untracked-cache");
  git("status");
  assert.throws(() => git("merge", "other"));
  assert.equal(read(), NAMES);
});

index("names no submodules, which are folders", () => {
  const { git, read } = makeRepository();
  git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
  assert.equal(read(), NAMES);
});

index("is read when it is large, and when there is nothing in it", () => {
  const many = Array.from({ length: 3000 }, (_, at) => `src/${at % 7}/file-${at}.ts`);
  const { read, listed } = makeRepository([], many);
  assert.equal(read(), listed());
  const { git, read: readEmpty } = makeRepository([], ["a"]);
  git("rm", "--cached", "--quiet", "a");
  assert.equal(readEmpty(), []);
});

index("is unknown when another file completes it", () => {
  const { git, read } = makeRepository();
  git("update-index", "--split-index");
  assert.is(read(), undefined);
});

index("is unknown when it is cut off, or something else", () => {
  const { folder } = makeRepository();
  const whole = readFileSync(join(folder, ".git/index"));
  for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 16)) {
    assert.is(listTracked(whole.subarray(0, length)), undefined, `${length} of ${whole.length} bytes`);
  }
  assert.is(listTracked(Buffer.from("gitdir: ../.git/worktrees/x\n")), undefined);
});

index.run();
