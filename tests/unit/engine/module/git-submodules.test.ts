import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bringSubmodules } from "../../../../engine/src/module/git-module-submodules.ts";
import { fetchModule } from "../../../../engine/src/module/git-modules.ts";
import { type GitDaemon, startGitDaemon } from "../../../support/git-daemon.ts";
import { setVariables } from "../../../support/with-variables.ts";
import { writeFiles } from "../../../support/write-files.ts";

interface Place {
  dir: string;
  daemon: GitDaemon;
  putBack(): void;
}

const submodules = suite<Place>("submodules of a module's repository");

function git(cwd: string, ...args: string[]): void {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"];
  execFileSync("git", [...who, ...args], { cwd, stdio: "pipe" });
}

function repository(dir: string, name: string, files: Readonly<Record<string, string>>): string {
  const place = join(dir, "served", name);
  writeFiles(place, files);
  git(place, "init", "-q", "-b", "main", ".");
  return place;
}

function commit(place: string): void {
  git(place, "add", ".");
  git(place, "commit", "-q", "-m", "files");
}

submodules.before(async (place) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-submodules-")));
  const inner = repository(dir, "inner.git", { "inner.txt": "inner" });
  commit(inner);
  const middle = repository(dir, "middle.git", { "middle.txt": "middle" });
  git(middle, "submodule", "--quiet", "add", "../inner.git", "deep");
  commit(middle);
  const top = repository(dir, "top.git", { "mod/dagger.json": JSON.stringify({ name: "mod", sdk: "typescript" }) });
  git(top, "submodule", "--quiet", "add", "../middle.git", "mod/lib");
  commit(top);
  const daemon = await startGitDaemon(join(dir, "served"));
  Object.assign(place, { dir, daemon, putBack: setVariables({ SLIPWAY_STORE: join(dir, "store") }) });
});

submodules.after(async ({ dir, daemon, putBack }) => {
  await daemon.stop();
  putBack();
  rmSync(dir, { recursive: true, force: true });
});

submodules("are brought with it, and theirs too", ({ daemon }) => {
  const told: string[] = [];
  const { dir } = fetchModule(`${daemon.url}/top.git/mod`, undefined, (line) => told.push(line));
  assert.is(readFileSync(join(dir, "lib/middle.txt"), "utf8"), "middle");
  assert.is(readFileSync(join(dir, "lib/deep/inner.txt"), "utf8"), "inner");
  assert.not.ok(existsSync(join(dir, "lib/.git")));
  assert.equal(told, []);
});

submodules("are not asked for at an address of this machine by a repository of somewhere else", ({ dir, daemon }) => {
  const work = join(dir, "work");
  git(dir, "clone", "-q", join(dir, "served/top.git"), "work");
  const asked = daemon.asked();
  git(work, "config", "--file", ".gitmodules", "submodule.mod/lib.url", `${daemon.url}/middle.git`);
  const elsewhere = "git://git.example.com/top.git";
  assert.throws(
    () => bringSubmodules(work, elsewhere),
    new RegExp(
      `submodule "mod/lib" of ${elsewhere} leads to ${daemon.url}/middle.git, an address that only this machine`,
    ),
  );
  git(work, "config", "--local", "--remove-section", "submodule.mod/lib");
  git(work, "config", "--file", ".gitmodules", "submodule.mod/lib.url", join(dir, "served/middle.git"));
  assert.throws(() => bringSubmodules(work, elsewhere), /submodule "mod\/lib" of .* is a path of this machine/);
  assert.is(daemon.asked(), asked);
});

submodules.run();
