import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HEAD_NAME } from "../../ci/src/rollout/objects.ts";
import type { Release } from "../../ci/src/rollout/release.ts";
import { tellCall } from "./call-slipway.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import type { CommandResult } from "./command.ts";
import { DeliveredRepository } from "./delivered-repository.ts";
import { waitUntil } from "./wait.ts";

// The verbs as a person calls them, by the embedded engine, on a node that runs real pods.
const delivery = suite("delivery through ./slipway call");

const canary = `canary-${process.pid}`;
const production = `production-${process.pid}`;

let cluster: Cluster;
let repository: DeliveredRepository;
const releases: { readonly file: string; readonly release: Release }[] = [];

delivery.before(async () => {
  cluster = await startCluster({ half: "node" });
  for (const ring of [canary, production]) await cluster.readKubectl(["create", "namespace", ring]);
  repository = await DeliveredRepository.make(cluster, { canary, production });
});

delivery.after(async () => {
  repository?.close();
  for (const ring of [canary, production]) await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

async function call(...args: string[]): Promise<string> {
  const result = await repository.call([...repository.access, ...args]);
  tell(args, result);
  if (result.exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${result.exitCode}`);
  return result.stdout;
}

async function callInVain(...args: string[]): Promise<string> {
  const result = await repository.call([...repository.access, ...args]);
  tell(args, result);
  assert.is.not(result.exitCode, 0, result.stdout);
  return result.stderr;
}

function tell(args: readonly string[], result: CommandResult): void {
  console.log(tellCall(args, result, repository.files));
}

async function makeRelease(options: { readonly missing?: boolean } = {}) {
  const made = await repository.release(options);
  releases.push(made);
  return made;
}

const short = (at: number) => releases[at]?.release.id.slice(0, 10) ?? "";

delivery("an unknown ring is answered with the rings", async () => {
  const { file } = await makeRelease();
  const said = await callInVain("plan", "--ring=nowhere", `--release=${file}`);
  assert.ok(said.includes(`there is no ring "nowhere"; the rings are ${canary}, ${production}`), said);
});

delivery("the plan of a first deploy is what the deploy then writes", async () => {
  const file = releases[0]?.file ?? "";
  const planned = await call("plan", `--ring=${canary}`, `--release=${file}`);
  const count = /: (\d+) writes/.exec(planned)?.[1];
  assert.match(
    await call("deploy", `--ring=${canary}`, `--release=${file}`),
    new RegExp(`is live.*\n${count} writes\n`, "s"),
  );
  assert.match(await call("deploy", `--ring=${canary}`, `--release=${file}`), /\n0 writes\n/);
});

delivery(
  "promote brings the same release into the next ring, with the approval of a person, and deploy none that has not proved itself",
  async () => {
    const { file } = await makeRelease();
    const refused = /is not verified in ring canary/;
    assert.match(await callInVain("plan", `--ring=${production}`, `--release=${file}`), refused);
    assert.match(await callInVain("deploy", `--ring=${production}`, `--release=${file}`), refused);
    const promote = ["promote", `--from=${canary}`, `--to=${production}`];
    assert.match(await callInVain(...promote), /is not approved for ring production-\d+: 0 of 1 approvals/);
    const about = [`--ring=${production}`, `--release=${releases[0]?.file}`];
    assert.match(
      await callInVain("approve", ...about, "--approver=eve@example.org"),
      /eve@example.org is not in the list of approvers: bob@example.org/,
    );
    const approvals = await repository.sign(await call("approve", ...about, "--approver=bob@example.org"));
    assert.ok((await call(...promote, `--approvals=${approvals}`)).includes(`${short(0)} (commit`));
    assert.match(await call("history", `--ring=${production}`), /1 .* started .*\(approvals: [0-9a-f]{12}\)/);
  },
);

delivery("a second release takes the other colour", async () => {
  await call("deploy", `--ring=${canary}`, `--release=${releases[1]?.file}`);
  const table = await call("status");
  assert.match(table, new RegExp(`${canary} +${short(1)} +green .* ok +blue with 0 pods, can go back to ${short(0)}`));
  assert.match(table, new RegExp(`${production} +${short(0)} +blue .* ok `));
});

delivery(
  "an image that cannot be pulled: the live colour stays, and the report names pod, events and reason",
  async () => {
    const { file } = await makeRelease({ missing: true });
    const said = await callInVain("deploy", `--ring=${canary}`, `--release=${file}`);
    assert.match(said, /failed.*pod (front|back)-blue-\S+: ImagePullBackOff.*events:.*Failed/s);
    assert.match(await call("status"), new RegExp(`${canary} +${short(1)} +green .* ok `));
  },
);

delivery("rollback goes back to the release before, without a file of this machine", async () => {
  await makeRelease();
  await call("deploy", `--ring=${canary}`, `--release=${releases[3]?.file}`);
  await call("rollback", `--ring=${canary}`, "--reason=it smells");
  assert.match(await call("status"), new RegExp(`${canary} +${short(1)} +green .* ok `));
  const ledger = await call("history", `--ring=${canary}`);
  assert.match(ledger, new RegExp(`rolled-back +${short(3)}.*it smells`));
});

delivery("metrics counts what the ledger of a ring says of its deployments", async () => {
  const table = await call("metrics", `--ring=${canary}`, "--since=1d");
  assert.match(table, /\nchange lead time .*\(median\).* 3 releases\n/);
  assert.match(table, /\nchange fail rate +33 % +1 of 3 deployments\n/);
  assert.match(table, /\nfailed deployment recovery time .*\(median\).* 1 recovery\n/);
  assert.match(table, /\n1 attempt ended before the switch: /);
  const text = await call("metrics", `--ring=${canary}`, "--format=openmetrics");
  assert.match(text, new RegExp(`\nslipway_deployments\\{ring="${canary}",outcome="failed"\\} 1\n`));
  assert.match(await callInVain("metrics", `--ring=${canary}`, "--format=jsno"), /perhaps json was meant/);
});

delivery("a frozen ring takes nothing until somebody thaws it", async () => {
  const about = [`--ring=${canary}`, `--release=${releases[3]?.file}`];
  await call("freeze", `--ring=${canary}`, "--reason=nobody is here to look");
  assert.match(await callInVain("plan", ...about), /frozen/);
  assert.match(await callInVain("deploy", ...about), /nobody is here to look/);
  assert.match(await call("status"), /: FROZEN since .*: nobody is here to look/);
  await call("thaw", `--ring=${canary}`, "--reason=back again");
  assert.match(await call("plan", ...about), /: \d+ writes/);
});

delivery("a deploy that is killed with -9 is brought to its end by the same call", async () => {
  const { file } = await makeRelease();
  const args = ["deploy", `--ring=${canary}`, `--release=${file}`];
  const kill = new AbortController();
  const running = repository.call([...repository.access, ...args], {}, kill.signal);
  await waitUntil("the deploy has begun", 60_000, async () => {
    const head = await cluster.readKubectl([`--namespace=${canary}`, "get", "configmap", HEAD_NAME, "-o", "json"]);
    const { phase } = JSON.parse(JSON.parse(head).data.head) as { readonly phase: string };
    return phase === "STABLE" ? "the ring is at rest" : undefined;
  });
  kill.abort();
  const killed = await running;
  assert.is(killed.exitCode, 137, killed.stderr);
  assert.match(await call("status"), /is (PREPARED|STAGED|SWITCHING|BAKING|COMMITTING) since/);
  assert.match(await call(...args), new RegExp(`^${short(4)} .* is live`));
  assert.match(await call(...args), /\n0 writes\n/);
  assert.match(await call("status"), new RegExp(`${canary} +${short(4)} .* ok `));
});

delivery(
  "a cluster on this machine's loopback is reached as a service, under a name that its certificate has",
  async () => {
    const access = [
      "--cluster=tcp://127.0.0.1:6443",
      "--token=env:TOKEN",
      `--certificate-authority=${repository.files}/ca.crt`,
    ];
    const result = await repository.call([...access, "history", `--ring=${canary}`]);
    tell([...access, "history"], result);
    assert.match(result.stdout, /committed/);
  },
);

delivery("a kubeconfig is taken too, and a wrong token is said to be one", async () => {
  const kubeconfig = ["--cluster=tcp://127.0.0.1:6443", `--kubeconfig=file:${cluster.kubeconfigPath}`];
  const result = await repository.call([...kubeconfig, "status"]);
  tell([...kubeconfig, "status"], result);
  assert.match(result.stdout, new RegExp(short(4)));
  const wrong = await repository.call([...repository.access, "history", `--ring=${canary}`], {
    TOKEN: "wrong-token-1",
  });
  tell(["history", "--token=(a wrong one)"], wrong);
  assert.is.not(wrong.exitCode, 0);
  assert.match(wrong.stderr, /You must be logged in to the server.*to do: check the kubeconfig or the token/s);
  assert.not.match(wrong.stderr, /wrong-token-1/);
});

delivery.run();
