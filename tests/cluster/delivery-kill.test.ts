import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runVerb } from "../../ci/src/cluster/deployer.ts";
import type { Kubectl } from "../../ci/src/cluster/kubectl.ts";
import { observeRing } from "../../ci/src/cluster/rings.ts";
import { sortManifests } from "../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../ci/src/rollout/objects.ts";
import { ringPolicySchema } from "../../ci/src/rollout/policy.ts";
import { type Release, referTo } from "../../ci/src/rollout/release.ts";
import { DyingKubectl, HostKubectl, KilledError } from "../support/host-kubectl.ts";
import { commitOf, releaseOf } from "../unit/rollout/fixtures.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { PretendedKubelet } from "./pretended-kubelet.ts";

// The deployer killed at each of its writes, on a real API server with real controllers. No pod runs: a pretended kubelet
// says that pods are ready, and one server answers for all of them through the API server's real way to Services.
const kill = suite("a deployer that is killed");

const ring = `kill-${process.pid}`;
const policy = ringPolicySchema.parse({
  deadlineSeconds: 60,
  bakeSeconds: 0,
  leaseSeconds: 10,
  gate: { minRequests: 1 },
});

const LEASE_MS = policy.leaseSeconds * 1000;

let cluster: Cluster;
let kubelet: PretendedKubelet;
let answering: ChildProcess;
let number = 0;
/** Every new process begins after the lease of the one before is over: time in which nothing happens is left out. */
let skippedMs = 0;

kill.before(async () => {
  cluster = await startCluster({ half: "control-plane" });
  await cluster.readKubectl(["create", "namespace", ring]);
  kubelet = await PretendedKubelet.start(cluster, ring);
  const server = 'require("http").createServer((_, answer) => answer.end("ok")).listen(8080, "0.0.0.0")';
  const [program = "", ...args] = [...cluster.inNetwork, process.execPath, "-e", server];
  answering = spawn(program, args, { stdio: "ignore" });
});

kill.after(async () => {
  answering.kill();
  await kubelet.close();
  await cluster.close();
});

function describe(release: Release): KubeObject[] {
  return Object.keys(release.services).flatMap((name): KubeObject[] => [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name, image: name, ports: [{ name: "http", containerPort: 8080 }] }] },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
  ]);
}

async function deploy(kubectl: Kubectl, release: Release) {
  const commit = Number.parseInt(release.commit, 16);
  return await runVerb({
    kubectl,
    ring,
    policy,
    runId: randomUUID(),
    actor: "tester",
    paths: {},
    now: () => Date.now() + skippedMs,
    sleep: async (ms) => await delay(ms),
    say: () => undefined,
    pollMs: 50,
    request: {
      verb: "deploy",
      release,
      manifests: sortManifests(describe(release), release, ring),
      ancestors: Array.from({ length: commit }, (_, index) => commitOf(index + 1)),
      approvals: [],
      reason: "test",
      planned: true,
    },
  });
}

/** What must be the same after every way to the end: which colour is left to chance of how many releases went before. */
async function readEnd(release: Release): Promise<object> {
  const seen = await observeRing(new HostKubectl(cluster), ring);
  const head = seen.head?.record;
  const colour = head?.live?.colours["ingest"];
  const ofRelease = seen.ledger.filter((event) => event.release.id === release.id).map(({ kind }) => kind);
  return {
    phase: head?.phase,
    live: head?.live?.release.id,
    verified: head?.live?.verified,
    events: ofRelease,
    gaps: seen.ledger.filter(({ seq }, index) => seq !== index + 1).length,
    // Who was killed right before letting go keeps the lease until it is over; for that alone nobody writes again.
    held: seen.lease !== null && seen.lease.holder !== "" && seen.lease.renewedAtMs + LEASE_MS > Date.now() + skippedMs,
    selectors: [...seen.services].flatMap(([name, { selector }]) =>
      /-(blue|green)$/.test(name) ? [] : [`${name} ${selector?.["slipway.dev/colour"] === colour}`],
    ),
    deployments: [...seen.deployments.values()]
      .map((one) =>
        one.colour === colour
          ? `${one.service} live ${one.replicas} ${one.image === referTo(release, one.service)}`
          : `${one.service} idle ${one.replicas}`,
      )
      .sort(),
  };
}

function expected(release: Release): object {
  return {
    phase: "STABLE",
    live: release.id,
    verified: true,
    events: ["started", "switched", "committed"],
    gaps: 0,
    held: false,
    selectors: ["ingest true", "processor true"],
    deployments: ["ingest idle 0", "ingest live 2 true", "processor idle 0", "processor live 2 true"],
  };
}

kill("at any of its writes, before or after it, leaves what the next process brings to the same end", async () => {
  const kubectl = new HostKubectl(cluster);
  // Two deploys make both colours, so that each later one has the same writes.
  for (let count = 0; count < 2; count += 1) {
    number += 1;
    assert.is((await deploy(kubectl, releaseOf(number))).step.kind, "done");
  }
  assert.equal(await readEnd(releaseOf(number)), expected(releaseOf(number)));
  let kills = 0;
  for (let write = 1; ; write += 1) {
    let reached = true;
    for (const when of ["before", "after"] as const) {
      number += 1;
      const release = releaseOf(number);
      const dying = new DyingKubectl(kubectl, write, when);
      const error = await deploy(dying, release).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      reached = dying.diedAt !== undefined;
      if (reached) {
        assert.instance(error, KilledError);
        kills += 1;
        skippedMs += LEASE_MS;
        const resumed = await deploy(kubectl, release);
        assert.is(resumed.step.kind === "done" && resumed.step.outcome, "live", JSON.stringify(resumed));
      } else if (error !== undefined) throw error;
      assert.equal(await readEnd(release), expected(release), `killed ${when} write ${write} (${dying.diedAt})`);
      assert.equal((await deploy(kubectl, release)).writes, [], `second run after ${when} write ${write}`);
    }
    if (!reached) break;
  }
  console.log(`    killed ${kills} times, each time the same end, and then 0 writes`);
  assert.ok(kills >= 38, String(kills));
});

kill.run();
