import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";

/** Brings the schemas that GitHub's forms, Renovate and editors are held to, as they were published. */
const CHECKER = "check-jsonschema==0.39.0";

const files = suite("files of the repository, read by the schemas of their programs");
const folder = mkdtempSync(join(tmpdir(), "repository-files-"));

files.before(async () => {
  await execa("python3", ["-m", "pip", "install", "--quiet", "--target", join(folder, "python"), CHECKER]);
});

files.after(() => rmSync(folder, { recursive: true, force: true }));

async function judge(schema: string, path: string): Promise<{ readonly exitCode: number; readonly said: string }> {
  const words = ["-m", "check_jsonschema", "--builtin-schema", `vendor.${schema}`, path];
  const ended = await execa("python3", words, {
    env: { PYTHONPATH: join(folder, "python") },
    reject: false,
    all: true,
  });
  return { exitCode: ended.exitCode ?? -1, said: ended.all };
}

/** Each with a mistake that has to be found. */
const CASES: readonly (readonly [schema: string, path: string, right: string, wrong: string])[] = [
  ["github-issue-forms", ".github/ISSUE_TEMPLATE/bug.yml", "type: textarea", "type: textara"],
  ["github-issue-forms", ".github/ISSUE_TEMPLATE/idea.yml", "description: What", "descriptoin: What"],
  ["github-issue-config", ".github/ISSUE_TEMPLATE/config.yml", "blank_issues_enabled: true", "blank_issues_enabled: 1"],
  ["renovate", ".github/renovate.json", '"customType": "regex"', '"customType": "regexp"'],
];

for (const [schema, path, right, wrong] of CASES) {
  files(`hold for ${path}, and a mistake in it would be seen`, async () => {
    const good = await judge(schema, path);
    assert.is(good.exitCode, 0, good.said);
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes(right));
    const broken = join(folder, basename(path));
    writeFileSync(broken, text.replace(right, wrong));
    assert.is((await judge(schema, broken)).exitCode, 1);
  });
}

files("build the container of developers, with the programs that the engine and the tests start", async () => {
  const names = [
    "crun",
    "tini-static",
    "busybox",
    "newuidmap",
    "pasta",
    "mmdebstrap",
    "skopeo",
    "buildah",
    "zsh",
    "fish",
  ];
  const script = `for one in ${names.join(" ")}; do command -v $one >/dev/null || echo $one; done; node --version`;
  const words = ["core", "host", "directory", "--path=.devcontainer", "docker-build", "with-exec"];
  const ran = await runSlipway(".", [...words, `--args=sh,-c,"${script}"`, "stdout"], { limitMs: 540_000 });
  assert.is(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`^v${readFileSync(".nvmrc", "utf8").trim()}\\.`));
});

files.run();
