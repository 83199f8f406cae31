import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, stringify } from "yaml";
import { makeBusyboxRoot } from "../support/busybox-root.ts";
import { type Registry, startRegistry } from "../support/registry.ts";
import { runSlipway } from "../support/run-slipway.ts";
import { runStages } from "./azure-runner.ts";
import { type Context, runWorkflow } from "./github-runner.ts";
import { beginGitlab, runGitlab } from "./gitlab-runner.ts";
import { Scene, scenesOf } from "./scene.ts";

/** Its check takes no part of an image of a language, which would be made for minutes on a new machine. */
const checksIn = (image: string) => `
checks:
  unit: { run: sh unit.sh, image: "${image}", reports: { junit: out/unit.xml } }
`;
const UNIT = `mkdir -p out
echo '<testsuite name="s" tests="1"><testcase name="adds"/></testsuite>' >out/unit.xml
echo "it ran: $(cat /proc/sys/kernel/random/uuid)"
`;

const context: Context = { event: "push", secrets: {}, vars: {}, approved: [] };

const warm = suite("the checks on a new machine");
const prepare = scenesOf(warm);
let dir = "";
let registry: Registry;

warm.before.each(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-warm-"));
  registry = await startRegistry();
  const names = spawnSync("busybox", ["--list"], { encoding: "utf8" }).stdout.trim().split("\n");
  makeBusyboxRoot(
    join(dir, "root"),
    names.filter((name) => name !== "busybox"),
  );
  const words = ["core", "container", "with-rootfs", "--directory=root", "publish", `--address=${image()}`];
  const { exitCode, stderr } = await runSlipway(dir, words, { env: { SLIPWAY_STORE: join(dir, "store") } });
  assert.is(exitCode, 0, stderr);
});

warm.after.each(async () => {
  await registry.stop();
  rmSync(dir, { recursive: true, force: true });
});

const image = () => `${registry.address}/tiny:1`;

async function begin(provider: "azure" | "github" | "gitlab"): Promise<Scene> {
  const scene = await prepare(Scene.real(provider));
  scene.write("slipway.yaml", checksIn(image()));
  scene.write("unit.sh", UNIT);
  await scene.commit("Check in another image");
  return scene;
}

/** What a check printed that ran, another text each time; none for one that did not run. */
const ranIn = (output = "") => /it ran: [0-9a-f-]{36}/.exec(output)?.[0];

/** How the job ended that makes the checks, among those of a provider. */
type Ended = ReadonlyMap<string, { readonly code: number | undefined; readonly output: string }>;

/** The same file run once more by a provider: for another event or branch, on another machine. */
function checksOf<T extends string>(run: (about: T, store: string) => Promise<Ended>) {
  return async (about: T, machine: string): Promise<string> => {
    const test = (await run(about, join(dir, machine))).get("test");
    assert.is(test?.code, 0, test?.output);
    return test?.output ?? "";
  };
}

/** What a new machine says that has what the protected branch saved, and makes nothing again. */
function isWarm(output: string): void {
  assert.match(output, /^Unpacked .*: \d+ layers, \d+ results, 1 image, /m);
  assert.is(ranIn(output), undefined, output);
  assert.not.match(output, /^Packed/m);
}

warm("begin with what the protected branch has saved, and make nothing again (GitHub)", async () => {
  const scene = await begin("github");
  const { jobs } = parse(scene.read(".github/workflows/slipway.yml"));
  const file = stringify({ jobs: { test: jobs.test } });
  const run = checksOf((event: Context["event"], store) => runWorkflow(scene, file, { ...context, event, store }));
  const first = await run("push", "one");
  assert.ok(ranIn(first), first);
  assert.match(first, /^Packed .*: \d+ layers, \d+ results/m);
  await registry.stop();
  isWarm(await run("pull_request", "two"));
});

warm(
  "begin with what the protected branch has saved, and what a pull request saves it does not read (Azure)",
  async () => {
    const scene = await begin("azure");
    const file = scene.read("azure-pipelines.yml").replace(/\n {2}- stage: publish\n[\s\S]*/, "\n");
    const run = checksOf((ref: string, store) => runStages(scene, file, { ref, groups: {}, store }));
    const ofPull = await run("refs/pull/7/merge", "one");
    assert.ok(ranIn(ofPull), ofPull);
    const ofBranch = await run("refs/heads/main", "two");
    assert.ok(ranIn(ofBranch), ofBranch);
    assert.not.match(ofBranch, /^Unpacked/m);
    assert.match(ofBranch, /^Packed .*: \d+ layers, \d+ results/m);
    await registry.stop();
    isWarm(await run("refs/pull/8/merge", "three"));
  },
);

warm("begin with what a job before has packed, and make nothing again (GitLab)", async () => {
  const scene = await beginGitlab(await begin("gitlab"));
  const run = async (machine: string) => {
    const variables = [`SLIPWAY_STORE=${join(dir, machine)}`, "CI_DISPOSABLE_ENVIRONMENT=true"];
    // Without a folder of its own for each job it neither saves nor restores a cache.
    const words = ["--shell-isolation", ...variables.flatMap((one) => ["--variable", one])];
    const { code, output } = await runGitlab(scene, "test", ...words);
    assert.is(code, 0, output);
    return output;
  };
  const first = await run("one");
  assert.ok(ranIn(first), first);
  await registry.stop();
  const second = await run("two");
  assert.match(second, /Unpacked .*: \d+ layers, \d+ results, 1 image, /);
  assert.is(ranIn(second), undefined, second);
});

warm.run();
