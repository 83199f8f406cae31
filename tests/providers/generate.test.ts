import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const SLIPWAY = resolve(import.meta.dirname, "../../slipway");

const WANTED = [".github/rulesets/slipway.json", ".github/workflows/slipway.yml", ".gitlab-ci.yml", "Jenkinsfile"];

const FOREIGN = "exists already, and Slipway did not write it [foreign-file]";

/** A repository that names three providers, and whose files are not written yet. */
class Place {
  readonly top = mkdtempSync(join(tmpdir(), "slipway-generate-"));

  constructor(folder = ".") {
    this.write(join(folder, "package.json"), '{ "name": "shop", "scripts": { "test": "node --test" } }\n');
    this.write(join(folder, "slipway.yaml"), "providers: [github, gitlab, jenkins]\n");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.top, path)), { recursive: true });
    writeFileSync(join(this.top, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.top, path), "utf8");
  }

  async git(...args: readonly string[]): Promise<string> {
    const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
    return (await execa("git", [...who, ...args], { cwd: this.top })).stdout;
  }

  async commit(): Promise<void> {
    await this.git("init", "--quiet", "--initial-branch=main");
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message=Begin");
  }

  async slipway(args: readonly string[], folder = "."): Promise<{ code: number | undefined; output: string }> {
    const { exitCode, all } = await execa(SLIPWAY, args, {
      cwd: join(this.top, folder),
      all: true,
      reject: false,
      timeout: 300_000,
    });
    return { code: exitCode, output: all };
  }

  /** What git sees of what was written, of all files each. */
  async changed(): Promise<string[]> {
    return (await this.git("status", "--porcelain", "--untracked-files=all"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(3));
  }
}

const places: Place[] = [];

async function begin(prepare: (place: Place) => void = () => undefined, folder?: string): Promise<Place> {
  const place = new Place(folder);
  places.push(place);
  prepare(place);
  await place.commit();
  return place;
}

const GENERATE = ["generate", "-y", "workflows"];

const generate = suite("generate, in repositories as people have them");

generate.after(() => {
  for (const { top } of places) rmSync(top, { recursive: true, force: true });
});

generate("writes the files of each provider once, and then nothing", async () => {
  const place = await begin();
  const first = await place.slipway(GENERATE);
  assert.is(first.code, 0, first.output);
  assert.equal(await place.changed(), WANTED);
  const second = await place.slipway(GENERATE);
  assert.is(second.code, 0, second.output);
  assert.match(second.output, "no changes to apply");
});

generate("takes line ends of Windows as they are, and takes away a byte order mark", async () => {
  const place = await begin();
  await place.slipway(GENERATE);
  const [yaml, ruleset] = [".gitlab-ci.yml", ".github/rulesets/slipway.json"].map((path) => place.read(path));
  place.write(".gitlab-ci.yml", (yaml ?? "").replaceAll("\n", "\r\n"));
  place.write(".github/rulesets/slipway.json", `\uFEFF${ruleset}`);
  await place.commit();
  const told = await place.slipway(["call", "workflows-current"]);
  assert.is(told.code, 1, told.output);
  assert.match(told.output, "1 file is not as slipway.yaml has it [workflows-differ]");
  const ended = await place.slipway(GENERATE);
  assert.is(ended.code, 0, ended.output);
  assert.equal(await place.changed(), [".github/rulesets/slipway.json"]);
  assert.is(place.read(".github/rulesets/slipway.json"), ruleset);
});

/** What may lie where a file would be written, with what it is called then. */
const inTheWay: Readonly<Record<string, readonly [prepare: (place: Place) => void, path: string]>> = {
  "a file of a person": [(place) => place.write(".gitlab-ci.yml", "mine: {}\n"), ".gitlab-ci.yml"],
  "a link to a file of a person": [
    (place) => {
      place.write("of/mine.yml", "mine: {}\n");
      symlinkSync("of/mine.yml", join(place.top, ".gitlab-ci.yml"));
    },
    ".gitlab-ci.yml",
  ],
  "a link out of the repository": [
    (place) => symlinkSync(`${place.top}.outside`, join(place.top, "Jenkinsfile")),
    "Jenkinsfile",
  ],
  "an empty folder": [(place) => mkdirSync(join(place.top, "Jenkinsfile")), "Jenkinsfile"],
  "a folder with files": [(place) => place.write("Jenkinsfile/main.groovy", "node {}\n"), "Jenkinsfile"],
  "a file in the place of a folder": [(place) => place.write(".github", "mine\n"), ".github"],
  "a link in the place of a folder": [
    (place) => {
      place.write("of/workflows/mine.yml", "mine: {}\n");
      symlinkSync("of", join(place.top, ".github"));
    },
    ".github",
  ],
};

for (const [what, [prepare, path]] of Object.entries(inTheWay)) {
  generate(`refuses to write over ${what}, and writes nothing else either`, async () => {
    const place = await begin(prepare);
    const before = lstatSync(join(place.top, path));
    const ended = await place.slipway(GENERATE);
    assert.is(ended.code, 1, ended.output);
    assert.match(ended.output, `${path} ${FOREIGN}`);
    assert.equal(await place.changed(), []);
    const after = lstatSync(join(place.top, path));
    assert.equal([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  });
}

generate("refuses settings below the top, where no system looks for files, and doctor says so", async () => {
  const place = await begin(undefined, "app");
  const told = "at the top of the repository alone, but slipway.yaml is in its folder app";
  for (const words of [GENERATE, ["call", "workflows-current"], ["call", "doctor"]]) {
    const ended = await place.slipway(words, "app");
    assert.is(ended.code, 1, ended.output);
    assert.match(ended.output, told);
    assert.match(ended.output, "move slipway.yaml to the top, with paths from there; or remove providers");
  }
  assert.equal(await place.changed(), []);
});

generate.run();
