import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runVerb } from "../../ci/src/delivery/deployer.ts";
import { observeRing } from "../../ci/src/delivery/ring.ts";
import { type KubeObject, LABEL } from "../../ci/src/rollout/objects.ts";
import { ringPolicySchema } from "../../ci/src/rollout/policy.ts";
import type { Request } from "../../ci/src/rollout/request.ts";
import type { HostKubectl } from "../support/host-kubectl.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { connectAsDeployer } from "./deployer-account.ts";
import { waitUntil } from "./wait.ts";
import {
  deployWorkload,
  describeWorkload,
  type PushedImage,
  pushWorkload,
  releaseWorkload,
} from "./workload-release.ts";

// What keeps pods from being made, placed and started on a real cluster, and pods that have ended and lie in a colour: what a
// deploy and a rollback do about it and say, by an account with the rights of a ring's account.
const obstacles = suite("pods that do not come up");

const ring = `obstacles-${process.pid}`;
const policy = ringPolicySchema.parse({
  deadlineSeconds: 90,
  patienceSeconds: 10,
  bakeSeconds: 0,
  crashLimit: 2,
  gate: { minRequests: 1 },
});
const rollback: Request = { verb: "rollback", reason: "it smells" };
/** Far below the deadline, on a machine that has other things to do. */
const EARLY_MS = 75_000;

let cluster: Cluster;
let kubectl: HostKubectl;
let images: readonly PushedImage[];
let folder: string;
let number = 0;

obstacles.before(async () => {
  cluster = await startCluster({ half: "node" });
  await cluster.readKubectl(["create", "namespace", ring]);
  folder = mkdtempSync(join(tmpdir(), "slipway-obstacles-"));
  kubectl = await connectAsDeployer(cluster, { ring, roles: ["slipway-deployer"], folder });
  images = [await pushWorkload(cluster, 1), await pushWorkload(cluster, 2)];
  await live(await deploy());
});

obstacles.after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

interface Told {
  readonly text: string;
  readonly outcome: string;
  readonly tookMs: number;
  readonly diagnosis: string;
  /** What it said while it waited for pods. */
  readonly waiting: readonly string[];
}

async function run(title: string, request: Request): Promise<Told> {
  const began = Date.now();
  const waiting: string[] = [];
  const { step, diagnosis = "" } = await runVerb({
    kubectl,
    ring,
    namespace: ring,
    policy,
    request,
    runId: randomUUID(),
    actor: "tester",
    paths: {},
    now: Date.now,
    sleep: async (ms) => await delay(ms),
    say: (line) => {
      if (line.startsWith("waiting (pods)")) waiting.push(line);
    },
    pollMs: 1000,
  });
  const text = step.kind === "done" ? step.report : step.message;
  const outcome = step.kind === "done" ? step.outcome : step.code;
  const tookMs = Date.now() - began;
  const shown = [text, ...(diagnosis === "" ? [] : [diagnosis])].join("\n").replaceAll("\n", "\n    ");
  console.log(`  ${title}: ${outcome} after ${(tookMs / 1000).toFixed(0)} s\n    ${shown}`);
  return { text, outcome, tookMs, diagnosis, waiting };
}

type Fields = Record<string, unknown>;

/** Deploys the next release, whose pods have also what `pod` says. */
async function deploy(title = "deploy", pod: Fields = {}): Promise<Told> {
  number += 1;
  const image = images[number % 2] as PushedImage;
  const release = releaseWorkload(number, { front: image });
  const manifests = describeWorkload("front").map((object) =>
    object.kind === "Deployment" ? withPod(object, pod) : object,
  );
  return await run(title, deployWorkload(number, { ring, release, manifests }));
}

/** Volumes are mounted too: the kubelet waits for no others. */
function withPod(deployment: KubeObject, pod: Fields): KubeObject {
  const spec = deployment["spec"] as { template: { spec: Fields & { containers: Fields[] } } };
  const volumes = (pod["volumes"] ?? []) as { name: string }[];
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/volumes/${name}` }));
  const containers = spec.template.spec.containers.map((container) => ({ ...container, volumeMounts }));
  const made = { ...spec.template.spec, containers, ...pod };
  return { ...deployment, spec: { ...spec, template: { ...spec.template, spec: made } } };
}

function live({ outcome, text }: Told): void {
  assert.is(outcome, "live", text);
}

/** Given up early, with the cluster's own words, which were told while there was still hope. */
function refused({ outcome, text, tookMs, waiting }: Told, words: RegExp): void {
  assert.is(outcome, "failed", text);
  assert.match(text, words);
  assert.ok(tookMs < EARLY_MS, `it took ${tookMs} ms`);
  assert.ok(
    waiting.some((line) => words.test(line)),
    waiting.join("\n"),
  );
}

async function setQuota(pods: number): Promise<void> {
  await cluster.readKubectl([`--namespace=${ring}`, "create", "quota", "few", `--hard=pods=${pods}`]);
  // Until it is counted, the API server refuses every pod with other words.
  await waitUntil("the quota is counted", 30_000, async () => {
    const args = ["get", "resourcequota", "few", "--output=jsonpath={.status.used.pods}"];
    return (await cluster.readKubectl([`--namespace=${ring}`, ...args])) === "" ? "not counted" : undefined;
  });
}

async function dropQuota(): Promise<void> {
  await cluster.readKubectl([`--namespace=${ring}`, "delete", "quota", "few"]);
}

async function colourOf(): Promise<string | undefined> {
  const { services } = await observeRing(kubectl, ring);
  return services.get("front")?.selector?.[LABEL.colour];
}

/** Pods of the ring that have not ended. */
async function waitForPods(count: number): Promise<void> {
  await waitUntil(`${count} pods are left`, 60_000, async () => {
    const args = ["get", "pods", "--field-selector=status.phase!=Failed", "--output=name"];
    const names = (await cluster.readKubectl([`--namespace=${ring}`, ...args])).trim().split("\n");
    return names.length === count ? undefined : names.join(" ");
  });
}

obstacles("a quota that is full", async () => {
  await setQuota(3);
  refused(
    await deploy("a quota that has room for one pod"),
    /FailedCreate: pods "front-\w+-\w+-\w+" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3/,
  );
  await dropQuota();
});

obstacles("no node that fits", async () => {
  refused(
    await deploy("a node selector that no node has", { nodeSelector: { disk: "fast" } }),
    /Unschedulable: 0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/,
  );
});

obstacles("an init container that crashes", async () => {
  const migrate = { name: "migrate", image: cluster.workloadImage, imagePullPolicy: "IfNotPresent", args: ["no-such"] };
  const told = await deploy("an init container that crashes", { initContainers: [migrate] });
  refused(told, /init container migrate: /);
  assert.match(told.text, /(CrashLoopBackOff|Error): init container migrate: .*it ended with exit code [1-9]/);
  assert.match(told.diagnosis, /log:\n {4}\S/);
});

obstacles("a volume whose Secret is missing", async () => {
  const volumes = [{ name: "keys", secret: { secretName: "no-such-keys" } }];
  refused(
    await deploy("a volume whose Secret is missing", { volumes }),
    /FailedMount: .*secret "no-such-keys" not found/,
  );
});

obstacles("a rollback into a quota that is full says so, and goes on when there is room", async () => {
  live(await deploy());
  await waitForPods(2);
  const before = await colourOf();
  await setQuota(2);
  const told = await run("a rollback into a full quota", rollback);
  assert.is(told.outcome, "drift");
  assert.match(told.text, /^ring \S+ cannot go back to .*: Deployment front-\w+: FailedCreate: .*exceeded quota: few/);
  assert.is((await observeRing(kubectl, ring)).lease?.holder, "");
  assert.is(await colourOf(), before);
  await dropQuota();
  // The controller's own pause until it tries again grows to minutes.
  assert.is((await run("the same rollback, with room", rollback)).outcome, "rolled-back");
  assert.is.not(await colourOf(), before);
});

obstacles("pods that have ended lie in both colours: a deploy and a rollback pass them by", async () => {
  for (const [index, colour] of ["blue", "green", "blue", "green"].entries()) {
    const name = `ended-${index}`;
    const labels = { [LABEL.service]: "front", [LABEL.colour]: colour };
    const container = { name: "front", image: cluster.workloadImage, imagePullPolicy: "IfNotPresent" };
    // Two end by themselves, two are ended by the kubelet.
    const ends = index < 2 ? { args: ["no-such"] } : { args: ["serve"] };
    const limits = index < 2 ? {} : { activeDeadlineSeconds: 1 };
    const spec = { restartPolicy: "Never", containers: [{ ...container, ...ends }], ...limits };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec };
    await cluster.readKubectl([`--namespace=${ring}`, "apply", "--filename=-"], { input: JSON.stringify(pod) });
    await waitUntil(`${name} has ended`, 60_000, async () => {
      const args = ["get", "pod", name, "--output=jsonpath={.status.phase} {.status.reason}"];
      const phase = await cluster.readKubectl([`--namespace=${ring}`, ...args]);
      return phase.startsWith("Failed") ? undefined : phase;
    });
  }
  const before = await colourOf();
  live(await deploy("a deploy among pods that have ended"));
  assert.is.not(await colourOf(), before);
  const told = await run("a rollback among pods that have ended", rollback);
  assert.is(told.outcome, "rolled-back", told.text);
  assert.is(await colourOf(), before);
});

obstacles.run();
