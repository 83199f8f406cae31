import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Kubectl } from "../../ci/src/cluster/kubectl.ts";
import type { Delivery } from "../../ci/src/delivery/delivery.ts";
import { promote } from "../../ci/src/delivery/promote.ts";
import { deploy, plan, rollback, status } from "../../ci/src/delivery/verbs.ts";
import type { KubeObject } from "../../ci/src/rollout/objects.ts";
import type { Release } from "../../ci/src/rollout/release.ts";
import { settingsOf } from "../unit/ci/config/found.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { connectAsDeployer } from "./deployer-account.ts";
import { describeWorkload, type PushedImage, pushWorkload, releaseWorkload } from "./workload-release.ts";

// Workers and jobs on a real cluster, by accounts with the rights of a ring's account and no others.
const workers = suite("a release with workers and jobs");

const canary = `canary-${process.pid}`;
const production = `production-${process.pid}`;
const NOTHING = { approvals: undefined, reason: undefined };

let cluster: Cluster;
let folder: string;
let images: Readonly<Record<"server" | "worker" | "crash" | "migrates" | "fails", PushedImage>>;
let delivery: Delivery;
let manifests: readonly KubeObject[] = [];

workers.before(async () => {
  cluster = await startCluster({ half: "node" });
  folder = mkdtempSync(join(tmpdir(), "slipway-workers-"));
  const accounts = new Map<string, Kubectl>();
  for (const ring of [canary, production]) {
    await cluster.readKubectl(["create", "namespace", ring]);
    const own = mkdtempSync(join(folder, "ring-"));
    accounts.set(ring, await connectAsDeployer(cluster, { ring, roles: ["slipway-deployer"], folder: own }));
  }
  const reader = ["create", "rolebinding", "next-ring", "--clusterrole=slipway-ledger-reader"];
  await cluster.readKubectl([`--namespace=${canary}`, ...reader, `--serviceaccount=${production}:deployer`]);
  images = {
    server: await pushWorkload(cluster, 1),
    worker: await pushWorkload(cluster, 2, ["pause"]),
    crash: await pushWorkload(cluster, 3, ["end", "3", "no broker at kafka:9092"]),
    migrates: await pushWorkload(cluster, 4, ["end", "0", "4 migrations done"]),
    fails: await pushWorkload(cluster, 5, ["end", "1", "relation flights is there already"]),
  };
  delivery = connect(accounts);
});

workers.after(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const ring of [canary, production]) await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

/** The verbs, each ring by its own account. */
function connect(accounts: ReadonlyMap<string, Kubectl>): Delivery {
  const rules =
    "deadlineSeconds: 60, patienceSeconds: 10, bakeSeconds: 2, crashLimit: 1, replicas: 1, gate: { minRequests: 1 }";
  const { rings, services, approvals } = settingsOf(
    {},
    `
product: flights
services: { front: { port: 8080, probe: /readyz, build: { image: registry.example.org/front:1 } } }
rings:
  ${canary}: { ${rules} }
  ${production}: { ${rules}, after: ${canary} }
`,
  );
  let verbOf = canary;
  const kubectl: Kubectl = {
    run: async (args, stdin, limitS) => {
      const account = accounts.get(verbOf);
      if (account === undefined) throw new Error(`no account for ${verbOf}`);
      return await account.run(args, stdin, limitS);
    },
  };
  return {
    settings: { rings, services, approvals, images: {} },
    kubectl,
    referrers: { read: async () => ({ found: [] }) },
    commits: { findAncestors: async (_, candidates) => [...candidates], readFile: async () => undefined },
    render: async (ring) => {
      verbOf = ring;
      return manifests
        .map((object) => JSON.stringify({ ...object, metadata: { ...object.metadata, namespace: ring } }))
        .join("\n---\n");
    },
    now: Date.now,
    sleep: async (ms) => await delay(ms),
    say: (line) => {
      if (!line.startsWith("waiting (bake)")) console.log(`    ${line}`);
    },
    pollMs: 500,
  };
}

const kinds = { front: undefined, consumer: "worker", migrate: "job" } as const;
type Name = keyof typeof kinds;

/** The release of a commit, and its manifests as those of the repository. */
function release(number: number, made: Readonly<Partial<Record<Name, PushedImage>>>): Release {
  const names = Object.keys(made) as Name[];
  manifests = names.flatMap((name): KubeObject[] => {
    if (kinds[name] === undefined) return describeWorkload(name);
    const labels = { app: name };
    const container = { name, image: name };
    if (kinds[name] === "worker") {
      const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
      const spec = { selector: { matchLabels: labels }, minReadySeconds: 1, template };
      return [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec }];
    }
    const podSpec = { restartPolicy: "Never", containers: [container] };
    const spec = { backoffLimit: 0, template: { metadata: { labels }, spec: podSpec } };
    return [{ apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec }];
  });
  const services = names.map((name) => {
    const kind = kinds[name];
    return [name, { ...made[name], ...(kind === undefined ? {} : { kind }) }];
  });
  return releaseWorkload(number, Object.fromEntries(services) as Release["services"]);
}

async function bring(one: Release, ring = canary): Promise<string> {
  const report = await deploy(delivery, ring, JSON.stringify(one), NOTHING);
  console.log(`  ${report.trimEnd().replaceAll("\n", "\n  ")}`);
  return report;
}

async function bringInVain(one: Release): Promise<string> {
  const report = await bring(one).then(
    () => assert.unreachable("it was deployed"),
    (error: Error) => error.message,
  );
  console.log(`  ${String(report).replaceAll("\n", "\n  ")}`);
  return String(report);
}

/** Names of what lies in a ring, of one kind. */
async function list(kind: string, ring = canary): Promise<string[]> {
  const args = ["get", kind, "--output=jsonpath={.items[*].metadata.name}"];
  return (await cluster.readKubectl([`--namespace=${ring}`, ...args]))
    .split(" ")
    .filter((name) => name !== "")
    .sort();
}

async function replicasOf(name: string, ring = canary): Promise<string> {
  return await cluster.readKubectl([
    `--namespace=${ring}`,
    "get",
    "deployment",
    name,
    "--output=jsonpath={.spec.replicas}",
  ]);
}

const jobOf = (one: Release) => `migrate-${one.id.slice(2, 12)}`;
const good = (number: number) =>
  release(number, { front: images.server, consumer: images.worker, migrate: images.migrates });

workers("the job runs before anything of the candidate, and the worker gets no Service", async () => {
  const first = good(1);
  const planned = await plan(delivery, canary, JSON.stringify(first), NOTHING);
  assert.match(
    planned,
    new RegExp(`create Job ${jobOf(first)}, .*\n.*start Job ${jobOf(first)}\n +wait for the job to succeed\n`),
  );
  const count = /: (\d+) writes/.exec(planned)?.[1];
  assert.match(await bring(first), new RegExp(`is live.*\n${count} writes\n$`, "s"));
  assert.match(await bring(first), /\n0 writes\n$/);
  assert.equal(await list("services"), ["front", "front-blue", "front-green"]);
  assert.equal(await list("jobs"), [jobOf(first)]);
  const log = await cluster.readKubectl([`--namespace=${canary}`, "logs", `job/${jobOf(first)}`]);
  assert.is(log.trim(), "4 migrations done");
});

workers("a job that fails refuses the release with its pod's own words, and nothing else has moved", async () => {
  const second = release(2, { front: images.server, consumer: images.worker, migrate: images.fails });
  const said = await bringInVain(second);
  assert.match(
    said,
    new RegExp(
      `Job ${jobOf(second)}: BackoffLimitExceeded: Job has reached the specified backoff limit; migrate-\\S+ ended: .*exit code 1`,
    ),
  );
  assert.match(
    said,
    new RegExp(`pod ${jobOf(second)}-\\w+ .*\n  events:\n(.*\n)+  log:\n    relation flights is there already\n`),
  );
  assert.equal(await list("deployments"), ["consumer-blue", "front-blue"]);
  assert.equal(await list("jobs"), [jobOf(good(1))]);
});

workers("a worker that crashes refuses the release before the switch, with the words of its log", async () => {
  const third = release(3, { front: images.server, consumer: images.crash, migrate: images.migrates });
  const said = await bringInVain(third);
  assert.match(said, /pod consumer-green-\S+: (CrashLoopBackOff|Error): .*exit code 3/);
  assert.match(said, /log:\n {4}no broker at kafka:9092\n/);
  assert.match(await status(delivery), new RegExp(`${canary} +${good(1).id.slice(0, 10)} +blue .* ok `));
  assert.is(await replicasOf("consumer-blue"), "1");
});

workers("a rollback brings the workers of before back, and runs no job", async () => {
  const fourth = good(4);
  await bring(fourth);
  assert.is(await replicasOf("consumer-blue"), "0");
  assert.is(await replicasOf("consumer-green"), "1");
  const before = await list("jobs");
  const said = await rollback(delivery, canary, "it smells");
  assert.match(said, new RegExp(`${good(1).id.slice(0, 10)} .* is live in ring ${canary}; it smells`));
  assert.is(await replicasOf("consumer-blue"), "1");
  assert.is(await replicasOf("consumer-green"), "0");
  assert.equal(await list("jobs"), before);
  // It comes once more, and its job does not.
  assert.not.match(await plan(delivery, canary, JSON.stringify(fourth), NOTHING), /create Job/);
  await bring(fourth);
});

workers("a promotion runs the job of the same release in the next ring", async () => {
  good(4);
  const said = await promote(delivery, { from: canary, to: production }, NOTHING);
  assert.match(said, new RegExp(`${good(4).id.slice(0, 10)} .* is live in ring ${production}`));
  assert.match(said, /\n {2}consumer +\S+@sha256:[0-9a-f]{64} +worker\n/);
  assert.equal(await list("jobs", production), [jobOf(good(4))]);
  assert.is(await replicasOf("consumer-blue", production), "1");
});

workers("a release of workers alone is deployed and taken back like any other", async () => {
  const only = (number: number, image: PushedImage) => release(number, { consumer: image });
  await bring(only(5, images.worker));
  assert.equal(await list("jobs"), []);
  await bring(only(6, images.worker));
  await rollback(delivery, canary, "it smells");
  assert.match(await status(delivery), new RegExp(`${canary} +${only(5, images.worker).id.slice(0, 10)} .* ok `));
});

workers.run();
