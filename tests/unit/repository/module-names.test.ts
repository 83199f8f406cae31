import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USUAL_GITIGNORE } from "./usual-gitignore.ts";

/** Those of the paths that git would not take in, with the line of .gitignore that says so. */
function listHidden(paths: readonly string[], gitignore: readonly string[]): string[] {
  const repository = mkdtempSync(join(tmpdir(), "slipway-names-"));
  try {
    execFileSync("git", ["init", "--quiet", repository]);
    writeFileSync(join(repository, ".gitignore"), `${gitignore.join("\n")}\n`);
    const asked = { cwd: repository, input: paths.join("\0"), encoding: "utf8" } as const;
    const { stdout, status, stderr } = spawnSync(
      "git",
      ["check-ignore", "--verbose", "--no-index", "-z", "--stdin"],
      asked,
    );
    if (status !== 0 && status !== 1) throw new Error(`git ended with ${status}: ${stderr}`);
    const words = stdout.split("\0");
    return Array.from(
      { length: Math.floor(words.length / 4) },
      (_, at) => `${words[at * 4 + 3]}: ${words[at * 4 + 2]}`,
    );
  } finally {
    rmSync(repository, { recursive: true });
  }
}

function listModule(): string[] {
  return readdirSync("ci", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !/^ci\/(sdk|node_modules)\//.test(path));
}

const names = suite("the names of the module's files");

for (const [title, gitignore] of Object.entries(USUAL_GITIGNORE)) {
  names(`are not hidden where ci/ is copied to by the usual .gitignore of ${title}`, () => {
    const paths = listModule();
    assert.ok(paths.length > 100, `only ${paths.length} files in ci/`);
    assert.equal(listHidden(paths, gitignore), []);
  });
}

names("would be noticed: the folder of builds was hidden by most of them", () => {
  const hidden = Object.entries(USUAL_GITIGNORE)
    .filter(([, gitignore]) => listHidden(["ci/src/build/publish.ts"], gitignore).length > 0)
    .map(([title]) => title);
  assert.equal(hidden, ["Node", "Python", "Java"]);
});

names.run();
