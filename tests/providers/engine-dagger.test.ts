import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS } from "../../ci/src/config/provider-schema.ts";
import { type DaggerDownload, serveDagger } from "./dagger-download.ts";
import { runChecks as run } from "./run-checks.ts";
import { Scene, scenesOf } from "./scene.ts";

const dagger = suite("files with engine: dagger, run");
const begin = scenesOf(dagger);

let download: DaggerDownload;

dagger.before(async () => {
  download = await serveDagger();
});

dagger.after(() => download.close());

for (const provider of PROVIDERS) {
  dagger(`of ${provider} install the command, and end as checks that pass`, async () => {
    const ended = await run[provider](await begin(Scene.real(provider, download)));
    assert.is(ended.code, 0, ended.output);
    assert.match(ended.output, /\b1 of 1 checks passed in /);
  });

  dagger(`of ${provider} end with the exit code of a check that fails, and tell which test it was`, async () => {
    const scene = await begin(Scene.real(provider, download));
    await scene.plantFailure();
    const ended = await run[provider](scene);
    assert.is(ended.code, 1, ended.output);
    assert.match(ended.output, "sum.test.js:4");
  });
}

dagger("call nothing where another archive comes than the one that is meant", async () => {
  const scene = await begin(Scene.real("buildkite", download));
  scene.write(
    ".buildkite/pipeline.yml",
    scene.read(".buildkite/pipeline.yml").replace(/DAGGER_SHA256=\w{8}/, "DAGGER_SHA256=00000000"),
  );
  const ended = await run.buildkite(scene);
  assert.is(ended.code, 1);
  assert.match(ended.output, "dagger.tar.gz: FAILED");
  assert.not.match(ended.output, "checks passed");
});

dagger.run();
