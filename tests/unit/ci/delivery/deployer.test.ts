/** What carries a verb out says and reads, in front of a cluster whose time is in the test's hand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KubectlAnswer } from "../../../../ci/src/cluster/kubectl.ts";
import { runVerb } from "../../../../ci/src/delivery/deployer.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, POLICY, RING, ROLLBACK, releaseOf } from "../rollout/fixtures.ts";
import { ModelCluster } from "../rollout/model-cluster.ts";
import type { Behaviour } from "../rollout/model-pods.ts";
import { ModelKubectl } from "./model-kubectl.ts";

const deployer = suite("a deployer");
let number = 0;

async function carryOut(kubectl: ModelKubectl, cluster: ModelCluster, request: Request) {
  const said: { readonly atMs: number; readonly line: string }[] = [];
  const began = cluster.nowMs;
  number += 1;
  const ending = await runVerb({
    kubectl,
    ring: RING,
    namespace: RING,
    policy: { ...POLICY, gate: { ...POLICY.gate, minRequests: 1000 } },
    request,
    runId: `run-${number}`,
    actor: "tester",
    paths: {},
    now: () => cluster.nowMs,
    sleep: async (ms) => cluster.tick(ms),
    say: (line) => said.push({ atMs: cluster.nowMs - began, line: line.replaceAll(/-(blue|green)-\d+/g, "-$1-N") }),
  });
  return { ...ending, said, tookMs: cluster.nowMs - began };
}

async function ring(...numbers: readonly number[]): Promise<ModelCluster> {
  const cluster = new ModelCluster();
  for (const one of numbers) await carryOut(new ModelKubectl(cluster), cluster, deployOf(releaseOf(one)));
  // The pods of the colour that was scaled down go.
  for (let ticks = 0; ticks < 5; ticks += 1) cluster.tick();
  return cluster;
}

function reasonOf({ step }: Awaited<ReturnType<typeof carryOut>>): string {
  return (step.kind === "done" ? step.report : step.message).replaceAll(/-(blue|green)-\d+/g, "-$1-N");
}

const reasons: [Behaviour | "quota", RegExp][] = [
  ["quota", /FailedCreate: pods "ingest-green-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4/],
  ["fits-nowhere", /ingest-green-N Unschedulable: 0\/1 nodes fit/],
  ["lacks-secret", /ingest-green-N CreateContainerConfigError: back-off/],
  ["lacks-volume", /ingest-green-N FailedMount: MountVolume.SetUp failed for volume "keys" : secret "keys" not found/],
  ["init-crashes", /ingest-green-N CrashLoopBackOff: init container migrate: back-off/],
];

for (const [reason, words] of reasons) {
  deployer(
    `tells within seconds why pods do not come up, and gives up long before its deadline: ${reason}`,
    async () => {
      const cluster = await ring(1);
      const release = releaseOf(2);
      if (reason === "quota") cluster.quota = 4;
      else cluster.behaviours.set(release.services["ingest"]?.digest ?? "", reason);
      const result = await carryOut(new ModelKubectl(cluster), cluster, deployOf(release));
      const told = result.said.find(({ line }) => line.startsWith("waiting (pods)") && words.test(line));
      assert.ok(told !== undefined && told.atMs < 10_000, JSON.stringify(result.said, null, 1));
      assert.is(result.step.kind === "done" && result.step.outcome, "failed");
      assert.match(reasonOf(result), /the candidate cannot come up/);
      assert.ok(result.tookMs < 50_000, String(result.tookMs));
    },
  );
}

const FORBIDDEN: KubectlAnswer = {
  exitCode: 1,
  stdout: "",
  stderr:
    'Error from server (Forbidden): events is forbidden: User "dep" cannot list resource "events" in API group ""',
};

deployer("that may not read events says so once, with the server's words, and goes on", async () => {
  const cluster = await ring(1);
  const release = releaseOf(2);
  cluster.behaviours.set(release.services["ingest"]?.digest ?? "", "lacks-volume");
  const kubectl = new ModelKubectl(cluster, ([verb, what]) =>
    verb === "get" && what === "events" ? FORBIDDEN : undefined,
  );
  const result = await carryOut(kubectl, cluster, deployOf(release));
  assert.equal(
    result.said.filter(({ line }) => line.includes("events")).map(({ line }) => line),
    [`events could not be read, and may say why: ${FORBIDDEN.stderr}`],
  );
  assert.match(
    reasonOf(result),
    /not done within 60 seconds:\n {4}Deployment ingest-green: 0 of 2 .*ContainerCreating/,
  );
  const good = new ModelKubectl(cluster, ([verb, what]) =>
    verb === "get" && what === "events" ? FORBIDDEN : undefined,
  );
  assert.is((await carryOut(good, cluster, deployOf(releaseOf(3)))).step.kind, "done");
});

deployer("reads neither events nor ReplicaSets while nothing is missing", async () => {
  const cluster = await ring(1);
  const kubectl = new ModelKubectl(cluster);
  await carryOut(kubectl, cluster, deployOf(releaseOf(1)));
  assert.equal(
    kubectl.calls.filter((call) => /events|replicasets/.test(call)),
    [],
  );
});

deployer("whose letting go of the ring got no answer still tells what it came to", async () => {
  const silence = { exitCode: 1, stdout: "", stderr: "Unable to connect to the server: EOF" };
  for (const request of [deployOf(releaseOf(3)), ROLLBACK]) {
    const cluster = await ring(1, 2);
    for (const service of ["ingest", "processor"])
      cluster.behaviours.set(releaseOf(1).services[service]?.digest ?? "", "never-ready");
    const kubectl = new ModelKubectl(cluster);
    let lost = 0;
    kubectl.lose = (_, stdin) => {
      if (!stdin.includes("/spec/holderIdentity")) return undefined;
      lost += 1;
      // Whatever comes after that is nothing to this run.
      cluster.behaviours.clear();
      cluster.tick(90_000);
      for (let ticks = 0; ticks < 5; ticks += 1) cluster.tick();
      return silence;
    };
    const result = await carryOut(kubectl, cluster, request);
    assert.is(lost, 1);
    if (request.verb === "deploy") assert.is(result.step.kind === "done" && result.step.outcome, "live");
    else assert.match(reasonOf(result), /^ring canary cannot go back to .*\n(.*\n)* {4}not done within 60 seconds\n/);
  }
});

deployer("shows the pods of the release that failed, and not of one that only made room", async () => {
  const cluster = await ring(1);
  const stuck = releaseOf(2);
  cluster.behaviours.set(stuck.services["ingest"]?.digest ?? "", "never-ready");
  // A deploy that is killed while its candidate comes up.
  const kubectl = new ModelKubectl(cluster);
  let looks = 0;
  const killed = carryOut(
    Object.assign(new ModelKubectl(cluster), {
      run: (args: readonly string[], stdin?: string) => {
        looks += 1;
        if (looks > 60) throw new Error("killed");
        return kubectl.run(args, stdin);
      },
    }),
    cluster,
    deployOf(stuck),
  );
  await killed.then(
    () => assert.unreachable("it was killed"),
    (error: Error) => assert.is(error.message, "killed"),
  );
  const next = await carryOut(new ModelKubectl(cluster), cluster, deployOf(releaseOf(3)));
  assert.is(next.step.kind === "done" && next.step.outcome, "live");
  assert.is(next.diagnosis, undefined);
});

deployer("asks once without the Secrets, and from then on for all in one call", async () => {
  const cluster = await ring(1, 2);
  const kubectl = new ModelKubectl(cluster);
  await carryOut(kubectl, cluster, ROLLBACK);
  const looks = kubectl.calls.filter((call) => call.startsWith("get deployments.apps,"));
  assert.ok(looks.length > 4, String(looks.length));
  assert.equal(
    looks.map((call) => call.includes(",Secret ")),
    looks.map((_, index) => index > 0),
  );
});

deployer.run();
