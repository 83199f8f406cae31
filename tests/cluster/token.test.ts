import { copyFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { DEPLOYER_ROLES } from "../../ci/src/init/deployer-roles.ts";
import { textOf } from "../support/pipeline-settings.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import type { CommandResult } from "./command.ts";
import { DeliveredRepository } from "./delivered-repository.ts";
import { TokenIssuer } from "./token-issuer.ts";
import { waitUntil } from "./wait.ts";

// A job without a kubeconfig: its CI system issues a token, which the API server knows by --authentication-config.
const tokens = suite("tokens of a CI system");

const canary = `canary-${process.pid}`;
const production = `production-${process.pid}`;
const audience = `slipway-${canary}`;
const good = { sub: `project_path:acme/shop:environment:${canary}`, aud: audience, ref: "main", seconds: 600 };

let issuer: TokenIssuer;
let cluster: Cluster;
let repository: DeliveredRepository;

tokens.before(async () => {
  issuer = await TokenIssuer.make(audience);
  cluster = await startCluster({ half: "node", authenticationConfig: issuer.authenticationConfig });
  await issuer.serve(cluster);
  for (const ring of [canary, production]) await cluster.readKubectl(["create", "namespace", ring]);
  repository = await DeliveredRepository.make(cluster, { canary, production });
  writeFileSync(join(repository.folder, "ca.crt"), cluster.ca);
  const { file } = await repository.release();
  copyFileSync(file, join(repository.folder, "release.json"));
  await cluster.readKubectl(["apply", "--server-side", "--filename=-"], { input: DEPLOYER_ROLES });
  const binding = ["create", "rolebinding", "ci", "--clusterrole=slipway-deployer", `--user=ci:${good.sub}`];
  await cluster.readKubectl(["--namespace", canary, ...binding]);
  // The API server fetches the keys of an issuer that it did not reach after a while.
  await waitUntil("the API server knows the issuer", 60_000, async () => {
    const asked = ["--server", cluster.server, "--token", issuer.issue(good), "get", "configmaps", "-n", canary];
    const { exitCode, stderr } = await cluster.exec([
      cluster.kubectlProgram,
      `--certificate-authority=${join(repository.folder, "ca.crt")}`,
      ...asked,
    ]);
    return exitCode === 0 ? undefined : stderr.trim();
  });
});

tokens.after(async () => {
  repository?.close();
  issuer?.close();
  await cluster?.close();
});

/** The script of GitLab's job for the ring, as it is generated, with a token of the run. */
async function deploy(token: string): Promise<CommandResult> {
  const access = `{ server: "${cluster.serverForContainers}", certificateAuthority: ca.crt, audience: ${audience} }`;
  const yaml = `images: { registry: ${cluster.registry}/acme }\nrings: { ${canary}: { cluster: ${access} } }\n`;
  const engine = `{ engine: embedded, command: ${resolve("slipway")} }`;
  const job = parse(textOf("gitlab", engine, { yaml }))[`deploy-${canary}`];
  assert.equal(job.id_tokens, { RING_TOKEN: { aud: audience } });
  return await cluster.exec(["sh", "-ec", job.script.join("\n")], {
    cwd: repository.folder,
    env: { RING_TOKEN: token, NO_COLOR: "1" },
    limitMs: 300_000,
  });
}

tokens("that have run out end the job, which says what to do", async () => {
  const ended = await deploy(issuer.issue({ ...good, seconds: -30 }));
  assert.is.not(ended.exitCode, 0);
  assert.match(ended.stderr, "[cluster-unauthorised]");
  assert.match(
    ended.stderr,
    "they have expired, belong to another cluster, or a clock is wrong; with new ones the same command continues where this one stopped",
  );
});

tokens("for another ring, of another branch or of another job do not let it in", async () => {
  for (const other of [{ aud: `slipway-${production}` }, { ref: "feature" }]) {
    const ended = await deploy(issuer.issue({ ...good, ...other }));
    assert.match(ended.stderr, "[cluster-unauthorised]", JSON.stringify(other));
  }
  const ended = await deploy(issuer.issue({ ...good, sub: `project_path:acme/shop:environment:${production}` }));
  assert.is.not(ended.exitCode, 0);
  assert.match(ended.stderr, /is forbidden: User "ci:project_path:acme\/shop:environment:production-/);
});

tokens("deploy as the generated job does, and stand in no log", async () => {
  const token = issuer.issue(good);
  const ended = await deploy(token);
  assert.is(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, /is live/);
  assert.not.ok(`${ended.stdout}${ended.stderr}`.includes(token.slice(-40)));
});

tokens.run();
