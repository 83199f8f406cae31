import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import type { ProviderName } from "../../../../ci/src/config/provider-schema.ts";
import { filesOf } from "../../../support/pipeline-settings.ts";

const textsOf = (provider: ProviderName, settings: string) =>
  filesOf(provider, settings)
    .map(({ text }) => text)
    .join("\n");

/** The line that says where the store of a job is, as a shell takes it. */
function lineOf(provider: ProviderName): string {
  const line = /^[\s'-]*?(\[ .*export SLIPWAY_STORE=.*?)'?$/m.exec(textsOf(provider, "{ engine: embedded }"))?.[1];
  assert.ok(line, provider);
  return line;
}

/** What the store of a job in /tmp is after that line, on a machine with these variables. */
async function storeOn(provider: ProviderName, env: Readonly<Record<string, string>>): Promise<string> {
  const line = `set -e\n${lineOf(provider)}\nprintenv SLIPWAY_STORE || echo of the user`;
  return (await execa("sh", ["-c", line], { cwd: "/tmp", env, extendEnv: false })).stdout;
}

const store = suite("the store of a job in a container");

for (const provider of ["concourse", "woodpecker", "drone", "tekton"] as const) {
  store(`is on the volume of the job's folder, unless the machine names one (${provider})`, async () => {
    assert.is(await storeOn(provider, {}), "/tmp.slipway");
    assert.is(await storeOn(provider, { SLIPWAY_STORE: "/cache" }), "/cache");
  });
}

store("is on that volume in GitLab too, and stays that of the user where the machine stays", async () => {
  const container = { CI_DISPOSABLE_ENVIRONMENT: "true" };
  assert.is(await storeOn("gitlab", container), "/tmp.slipway");
  assert.is(await storeOn("gitlab", { ...container, SLIPWAY_STORE: "/cache" }), "/cache");
  assert.is(await storeOn("gitlab", {}), "of the user");
});

store("is a volume of its own in Drone, beside the folder of the source", () => {
  const pipelines = parseAllDocuments(textsOf("drone", "{ engine: embedded }")).map((one) => one.toJS());
  assert.is(pipelines.length, 3);
  for (const { volumes, steps } of pipelines) {
    assert.equal(volumes, [{ name: "store", temp: {} }]);
    for (const step of steps) assert.equal(step.volumes, [{ name: "store", path: "/drone/src.slipway" }]);
  }
});

store("is nothing that a job of Dagger's engine asks for", () => {
  for (const provider of ["gitlab", "concourse", "woodpecker", "drone", "tekton"] as const)
    assert.not.match(textsOf(provider, "{ engine: dagger }"), /SLIPWAY_STORE|src\.slipway/);
});

store.run();
