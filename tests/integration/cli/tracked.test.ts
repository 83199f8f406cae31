/** Which files a check gets that git tracks although a .gitignore names them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

const tracked = suite("files that git tracks and a .gitignore names");

let all = "";
tracked.before(() => {
  all = mkdtempSync(join(tmpdir(), "slipway-tracked-"));
});
tracked.after(() => rmSync(all, { recursive: true, force: true }));

const CONFIG = `product: shop
checks: { unit: { run: "find . -type f | LC_ALL=C sort", image: debian:bookworm-slim, reads: ["**"] } }
`;

function git(folder: string, ...args: readonly string[]): void {
  const person = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  execFileSync("git", [...person, "-c", "protocol.file.allow=always", ...args], { cwd: folder, stdio: "ignore" });
}

/** A commit of these files, by force of those that are ignored, and files beside it. */
function repository(files: Readonly<Record<string, string>>, beside: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(all, "r-"));
  writeFiles(folder, files);
  git(folder, "init", "--quiet");
  git(folder, "add", "--force", "--all");
  git(folder, "commit", "--quiet", "--message=all");
  writeFiles(folder, beside);
  return folder;
}

async function unit(folder: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runSlipway(folder, ["call", "unit"]);
  assert.is(exitCode, 0, stderr);
  return stdout.trim().split("\n");
}

tracked("are seen, and what lies untracked beside them is not", async () => {
  const folder = repository(
    {
      "slipway.yaml": CONFIG,
      ".gitignore": "go.sum\n/dist/\n.env*\n*.log\n!kept.log\nod[d].txt\n",
      "go.mod": "module x",
      "svc/go.sum": "tracked",
      "dist/a.js": "tracked",
      "dist/deep/b.js": "tracked",
      ".env.example": "A=1",
      "kept.log": "an exception",
      "odd.txt": "odd",
      "deep/.gitignore": "gen/*\n!gen/kept.txt\n",
      "deep/gen/kept.txt": "an exception",
      "deep/gen/made.txt": "tracked",
      "deep/ünï [1].log": "tracked",
      "gone.log": "tracked, and deleted",
    },
    {
      "go.sum": "untracked",
      "dist/c.js": "untracked",
      ".env": "PASSWORD=1",
      "run.log": "untracked",
      "deep/gen/new.txt": "untracked",
      "deep/ünï 1.log": "untracked",
      "new.txt": "untracked, and not ignored",
    },
  );
  rmSync(join(folder, "gone.log"));
  assert.equal(await unit(folder), [
    "./.env.example",
    "./.gitignore",
    "./deep/.gitignore",
    "./deep/gen/kept.txt",
    "./deep/gen/made.txt",
    "./deep/ünï [1].log",
    "./dist/a.js",
    "./dist/deep/b.js",
    "./go.mod",
    "./kept.log",
    "./new.txt",
    "./odd.txt",
    "./slipway.yaml",
    "./svc/go.sum",
  ]);
});

tracked("are seen from a part of the repository, below the rules of the whole", async () => {
  const folder = repository(
    { ".gitignore": "go.sum\n", "go.sum": "other", "part/slipway.yaml": CONFIG, "part/go.sum": "tracked" },
    { "part/deep/go.sum": "untracked" },
  );
  assert.equal(await unit(join(folder, "part")), ["./go.sum", "./slipway.yaml"]);
});

tracked("are left out where a check does not read them", async () => {
  const config = CONFIG.replace(`reads: ["**"]`, "reads: [src/*.js, src/dist/a.js]");
  const files = { "src/dist/a.js": "", "src/dist/b.js": "", "src/c.js": "", "dist/d.js": "" };
  const folder = repository({ "slipway.yaml": config, ".gitignore": "dist\n", ...files });
  assert.equal(await unit(folder), ["./src/c.js", "./src/dist/a.js"]);
});

tracked("are seen when only this machine ignores them", async () => {
  const folder = repository(
    { "slipway.yaml": CONFIG, "a.txt": "" },
    { ".git/info/exclude": "a.txt\nb.txt\n", "b.txt": "" },
  );
  // Rules that are not the repository's count for nobody else, and so not for Slipway.
  assert.equal(await unit(folder), ["./a.txt", "./b.txt", "./slipway.yaml"]);
});

tracked("are seen in great number, as the folders that they fill", async () => {
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`dist/${at % 3}/${at}.js`, ""]));
  const folder = repository({ "slipway.yaml": CONFIG, ".gitignore": "dist\n", ...many });
  assert.is((await unit(folder)).length, 602);
});

tracked("are unknown without git, and no question then", async () => {
  const folder = mkdtempSync(join(all, "r-"));
  writeFiles(folder, { "slipway.yaml": CONFIG, ".gitignore": "go.sum\n", "go.sum": "" });
  assert.equal(await unit(folder), ["./.gitignore", "./slipway.yaml"]);
});

const BLIND =
  "what git tracks is not known here (.git is that of a work tree or a submodule, or its index is split), so a file that a .gitignore names is not seen, tracked or not: an exception such as !go.sum in that .gitignore shows it";

tracked("are told of where they cannot be known, when a check fails and by doctor", async () => {
  const config = CONFIG.replace(/run: ".*?"/, "run: test -e go.sum");
  const folder = repository({ "slipway.yaml": config, ".gitignore": "go.sum\n", "go.sum": "" });
  assert.is((await runSlipway(folder, ["call", "unit"])).exitCode, 0);
  const tree = `${folder}-tree`;
  git(folder, "worktree", "add", "--quiet", tree);
  for (const [name, code] of [
    ["unit", 1],
    ["test", 1],
    ["reports", 0],
  ] as const) {
    const failed = await runSlipway(tree, ["call", name]);
    assert.is(failed.exitCode, code, failed.stderr);
    assert.ok(failed.stderr.includes(BLIND), failed.stderr);
  }
  const { stdout } = await runSlipway(tree, ["doctor"]);
  assert.ok(stdout.includes(BLIND), stdout);
  writeFiles(tree, { ".gitignore": "go.sum\n!go.sum\n" });
  assert.is((await runSlipway(tree, ["call", "unit"])).exitCode, 0);
});

tracked.run();
