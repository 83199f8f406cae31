import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import type { Kubectl } from "../../ci/src/cluster/kubectl.ts";
import type { Delivery } from "../../ci/src/delivery/delivery.ts";
import { promote } from "../../ci/src/delivery/promote.ts";
import { observeRing } from "../../ci/src/delivery/ring.ts";
import { deploy, plan, rollback, status } from "../../ci/src/delivery/verbs.ts";
import type { KubeObject } from "../../ci/src/rollout/objects.ts";
import { type Release, referTo } from "../../ci/src/rollout/release.ts";
import { DyingKubectl, KilledError } from "../support/host-kubectl.ts";
import { settingsOf } from "../unit/ci/config/found.ts";
import { isThorough } from "../unit/ci/rollout/thorough.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { connectAsDeployer } from "./deployer-account.ts";
import { type Load, startLoad, tellLoad, tellLoss } from "./load-report.ts";
import { waitUntil } from "./wait.ts";
import { type PushedImage, pushWorkload, releaseWorkload } from "./workload-release.ts";

// Rings that kubectl has made, with names of their own, taken as they are: by accounts with the rights of
// a ring's account and no others, and under load.
const rolling = suite("a ring that kubectl has made, changed in place");

const ratePerS = Number(process.env["SLIPWAY_TEST_RATE"] || 100);
const early = `rolling-${process.pid}`;
const late = `rolling-late-${process.pid}`;
const DEPLOYMENT = "acme-front";
const SERVICE = "acme";
const LEASE_SECONDS = 10;
const NOTHING = { approvals: undefined, reason: undefined };

let cluster: Cluster;
const folder = mkdtempSync(join(tmpdir(), "slipway-rolling-"));
let images: readonly PushedImage[];
let crashing: PushedImage;
let load: Load | undefined;
/** Losses that a test before has told. */
let told = 0;
const accounts = new Map<string, Kubectl>();
/** The ring whose verb is under way. */
let ringOf = early;
let number = 0;
/** Every new process begins after the lease of the one before is over: time in which nothing happens is left out. */
let skippedMs = 0;

rolling.before(async () => {
  cluster = await startCluster({ half: "node" });
  for (const ring of [early, late]) {
    await cluster.readKubectl(["create", "namespace", ring]);
    const own = mkdtempSync(join(folder, "ring-"));
    accounts.set(ring, await connectAsDeployer(cluster, { ring, roles: ["slipway-deployer"], folder: own }));
  }
  const reader = ["create", "rolebinding", "next-ring", "--clusterrole=slipway-ledger-reader"];
  await inRing(early, ...reader, `--serviceaccount=${late}:deployer`);
  images = [await pushWorkload(cluster, 1), await pushWorkload(cluster, 2)];
  crashing = await pushWorkload(cluster, 3, ["end", "3", "no settings at /etc/acme"]);
  await applyAsPerson(early);
  load = startLoad(cluster, { url: await addressOf(SERVICE), ratePerS, onceAnswered: true });
  await awaitAnswers("found");
});

rolling.after(async () => {
  load?.close();
  rmSync(folder, { recursive: true, force: true });
  for (const ring of [early, late]) await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

const inRing = (ring: string, ...args: string[]) => cluster.readKubectl(["--namespace", ring, ...args]);

/** What a person has written, before and since Slipway came: an image by its tag, and nothing of Slipway's. */
function handwritten(
  answer: unknown,
  image: string,
  of: { readonly level: string; readonly spec?: object; readonly args?: readonly string[] },
) {
  const labels = { app: "front" };
  const container = {
    name: "app",
    image,
    ...(of.args === undefined ? {} : { args: of.args }),
    env: [{ name: "COLOUR", ...(answer as object) }],
    ports: [{ name: "http", containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 1 },
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
  };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const ports = [{ name: "http", port: 80, targetPort: "http" }];
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 } };
  const objects: KubeObject[] = [
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: DEPLOYMENT } },
      spec: { replicas: 2, selector: { matchLabels: labels }, strategy, template, ...of.spec },
    },
    {
      ...{
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: SERVICE, annotations: { "example.org/level": of.level } },
      },
      spec: { type: "NodePort", selector: labels, ports },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared" }, data: { level: of.level } },
  ];
  return objects;
}

/** Old as rings are: no history of revisions, and fields that the repository no longer has. */
async function applyAsPerson(ring: string): Promise<void> {
  const old = { revisionHistoryLimit: 0, minReadySeconds: 1, progressDeadlineSeconds: 500 };
  const items = handwritten({ value: "found" }, cluster.workloadImage, { level: "old", spec: old, args: ["serve"] });
  await applyItems(ring, items);
  await inRing(ring, "rollout", "status", `deployment/${DEPLOYMENT}`, "--timeout=180s");
}

async function applyItems(ring: string, items: readonly object[], ...more: string[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.readKubectl(["--namespace", ring, "apply", ...more, "--filename=-"], { input });
}

/** The manifests of the repository, whose pods answer with their release. */
function manifestsOf(ring: string): string {
  const answer = { valueFrom: { fieldRef: { fieldPath: "metadata.labels['slipway.dev/release']" } } };
  return handwritten(answer, "front", { level: "new" })
    .map((object) => JSON.stringify({ ...object, metadata: { ...object.metadata, namespace: ring } }))
    .join("\n---\n");
}

function delivery(change: Partial<Delivery> = {}): Delivery {
  const rules = `strategy: rolling, deployments: { front: ${DEPLOYMENT} }, replicas: 2, leaseSeconds: ${LEASE_SECONDS}, deadlineSeconds: 240, patienceSeconds: 10, bakeSeconds: 0, crashLimit: 1, gate: { minRequests: 1 }`;
  const { rings, services, approvals } = settingsOf(
    {},
    `
product: acme
services: { front: { port: 8080, probe: /readyz, build: { image: registry.example.org/front:1 } } }
rings:
  ${early}: { ${rules} }
  ${late}: { ${rules}, after: ${early} }
`,
  );
  return {
    settings: { rings, services, approvals, images: {} },
    kubectl: { run: async (args, stdin, limitS) => await accountOf(ringOf).run(args, stdin, limitS) },
    referrers: { read: async () => ({ found: [] }) },
    commits: { findAncestors: async (_, candidates) => [...candidates], readFile: async () => undefined },
    render: async (ring) => {
      ringOf = ring;
      return manifestsOf(ring);
    },
    now: () => Date.now() + skippedMs,
    sleep: async (ms) => await delay(ms),
    say: () => undefined,
    pollMs: 500,
    ...change,
  };
}

function accountOf(ring: string): Kubectl {
  const account = accounts.get(ring);
  if (account === undefined) throw new Error(`no account for ${ring}`);
  return account;
}

/** The next one; two images take turns. */
function makeRelease(front: PushedImage | undefined = images[number % 2]): Release {
  number += 1;
  return releaseWorkload(number, { front: front as PushedImage });
}

const bring = async (one: Release, change: Partial<Delivery> = {}) =>
  await deploy(delivery(change), early, JSON.stringify(one), NOTHING);

async function bringInVain(one: Release): Promise<string> {
  const said = await bring(one).then(
    () => assert.unreachable("it was deployed"),
    (error: Error) => error.message,
  );
  return String(said);
}

const deploymentSchema = z.object({
  metadata: z.object({ uid: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.record(z.string(), z.unknown()),
});

async function readDeployment(ring = early) {
  return deploymentSchema.parse(JSON.parse(await inRing(ring, "get", "deployment", DEPLOYMENT, "--output=json")));
}

/** All of its specification, byte for byte. */
const specOf = async () => JSON.stringify((await readDeployment()).spec);

const portSchema = z.object({ spec: z.object({ ports: z.array(z.object({ nodePort: z.number() })).length(1) }) });

async function addressOf(service: string): Promise<string> {
  const text = await inRing(early, "get", "service", service, "--output=json");
  return `http://${cluster.nodePortHost}:${portSchema.parse(JSON.parse(text)).spec.ports[0]?.nodePort}/`;
}

/** It is there as soon as the ring is. */
function theLoad(): Load {
  if (load === undefined) throw new Error("no load has been started");
  return load;
}

/** Waits until every answer on new connections is `text`. */
async function awaitAnswers(text: string): Promise<void> {
  await waitUntil(`new connections reach ${text} only`, 20_000, async () => {
    const { answers } = await theLoad().report();
    const others = Object.entries(answers).filter(([other, { onNew }]) => other !== text && onNew > 0);
    if (others.length > 0) return `also ${others.map(([other, { onNew }]) => `${onNew} from ${other}`).join(", ")}`;
    return (answers[text]?.onNew ?? 0) > 0 ? undefined : "no answers";
  });
}

/** Of the requests since the last time. */
async function noneFailed(): Promise<void> {
  const report = await theLoad().report();
  console.log(`    so far ${tellLoad(report)}`);
  const failed = report.failed - told;
  told = report.failed;
  assert.is(failed, 0, report.losses.map(tellLoss).join("\n"));
}

/** What must be the same after every way to the end. */
async function readEnd(release: Release): Promise<object> {
  const seen = await observeRing(accountOf(early), early);
  const head = seen.head?.record;
  return {
    phase: head?.phase,
    live: head?.live?.release.id,
    verified: head?.live?.verified,
    events: seen.ledger.filter((event) => event.release.id === release.id).map(({ kind }) => kind),
    gaps: seen.ledger.filter(({ seq }, index) => seq !== index + 1).length,
    deployments: [...seen.uncoloured.values()].map(
      ({ name, replicas, image }) => `${name} ${replicas} ${image === referTo(release, "front")}`,
    ),
    kept: [...seen.earlier.keys()].length,
  };
}

const expected = (release: Release) => ({
  phase: "STABLE",
  live: release.id,
  verified: true,
  events: ["started", "switched", "committed"],
  gaps: 0,
  deployments: [`${DEPLOYMENT} 2 true`],
  kept: 1,
});

let foundSpec = "";

rolling("is adopted by its first deploy, as it is", async () => {
  const before = await readDeployment();
  foundSpec = JSON.stringify(before.spec);
  const first = makeRelease();
  const planned = await plan(delivery(), early, JSON.stringify(first), NOTHING);
  console.log(`  ${planned.trimEnd().replaceAll("\n", "\n  ")}`);
  assert.match(planned, `keep what Deployment ${DEPLOYMENT} is, and take it over from kubectl-client-side-apply\n`);
  const count = /: (\d+) writes/.exec(planned)?.[1];
  assert.match(await bring(first), new RegExp(`is live.*\n${count} writes\n$`, "s"));
  await awaitAnswers(first.id);
  assert.equal(await readEnd(first), expected(first));
  assert.match(await bring(first), /\n0 writes\n$/);
  const { metadata, spec } = await readDeployment();
  assert.is(metadata.uid, before.metadata.uid);
  assert.equal(spec["selector"], { matchLabels: { app: "front" } });
  // Not in the repository's manifest: Kubernetes' own again.
  assert.is(spec["minReadySeconds"], undefined);
  assert.is(spec["progressDeadlineSeconds"], 600);
  assert.is(spec["revisionHistoryLimit"], 10);
  const level = "jsonpath={.metadata.annotations.example\\.org/level} {.data.level}";
  assert.is((await inRing(early, "get", "service", SERVICE, `--output=${level}`)).trim(), "new");
  assert.is((await inRing(early, "get", "configmap", "shared", `--output=${level}`)).trim(), "new");
  assert.match(await status(delivery()), new RegExp(`${early} +${first.id.slice(0, 10)} +in place .* ok `));
  await noneFailed();
});

rolling("goes back to what was found, byte for byte, and then nothing of Slipway's is live", async () => {
  assert.match(await rollback(delivery(), early, "it smells"), /nothing is live in ring \S+; it smells\n/);
  await awaitAnswers("found");
  assert.is(await specOf(), foundSpec);
  await noneFailed();
});

rolling("keeps how many pods somebody has asked for, in a release and in a rollback", async () => {
  const first = makeRelease();
  await bring(first);
  const before = await readDeployment();
  await inRing(early, "scale", `deployment/${DEPLOYMENT}`, "--replicas=3");
  const release = makeRelease();
  await bring(release);
  assert.is((await readDeployment()).spec["replicas"], 3);
  await awaitAnswers(release.id);
  await rollback(delivery(), early, "it smells");
  await awaitAnswers(first.id);
  assert.equal((await readDeployment()).spec, { ...before.spec, replicas: 3 });
  await inRing(early, "scale", `deployment/${DEPLOYMENT}`, "--replicas=2");
  await noneFailed();
});

rolling("goes back by itself from a release whose pods crash, which ends as failed", async () => {
  const before = await specOf();
  const said = await bringInVain(makeRelease(crashing));
  console.log(`  ${said.replaceAll("\n", "\n  ")}`);
  assert.match(said, /failed in ring \S+; the traffic is back where it was/);
  assert.match(said, new RegExp(`pod ${DEPLOYMENT}-\\S+: (CrashLoopBackOff|Error): .*exit code 3`));
  assert.match(said, /log:\n {4}no settings at \/etc\/acme\n/);
  assert.is(await specOf(), before);
  const { head, earlier } = await observeRing(accountOf(early), early);
  assert.is(head?.record.phase, "STABLE");
  assert.is(earlier.size, 0);
  await noneFailed();
});

rolling("goes back by itself from a release whose image is not there", async () => {
  const before = await specOf();
  const nowhere = { ...(images[0] as PushedImage), digest: `sha256:${"1".repeat(64)}` };
  const said = await bringInVain(makeRelease(nowhere));
  assert.match(said, /failed in ring \S+; the traffic is back where it was/);
  assert.match(said, new RegExp(`pod ${DEPLOYMENT}-\\S+: (ErrImagePull|ImagePullBackOff): `));
  assert.is(await specOf(), before);
  await noneFailed();
});

rolling("is not taken from Helm or Argo CD, who would change it back", async () => {
  const items = handwritten({ value: "found" }, cluster.workloadImage, { level: "old" });
  const [deployment, service] = items as [KubeObject, KubeObject];
  await applyItems(late, [deployment], "--server-side", "--field-manager=helm");
  await applyItems(late, [service], "--server-side", "--field-manager=argocd-controller");
  const shown = "jsonpath={range .items[*]}{.kind} {.metadata.name} {.spec} {.data}{'\\n'}{end}";
  const read = async () => await inRing(late, "get", "deployments,services,configmaps", `--output=${shown}`);
  const before = await read();
  await bring(makeRelease());
  const said = await promote(delivery(), { from: early, to: late }, NOTHING).then(
    () => assert.unreachable("it was promoted"),
    (error: Error) => error.message,
  );
  assert.match(
    String(said),
    new RegExp(
      `^ring ${late} has objects that another tool manages and would change back \\[drift\\]:\n    Deployment ${DEPLOYMENT}: Helm\n    Service ${SERVICE}: Argo CD\n`,
    ),
  );
  assert.is(await read(), before);
  for (const kind of ["deployment", "service"])
    await inRing(late, "delete", kind, kind === "deployment" ? DEPLOYMENT : SERVICE, "--wait=true");
});

rolling("gets what another such ring has verified, of the same digests", async () => {
  const release = makeRelease();
  await bring(release);
  await applyAsPerson(late);
  const said = await promote(delivery(), { from: early, to: late }, NOTHING);
  assert.match(said, new RegExp(`${release.id.slice(0, 10)} .* is live in ring ${late}`));
  const seen = await observeRing(accountOf(late), late);
  assert.equal(
    [...seen.uncoloured.values()].map(({ image }) => image),
    [referTo(release, "front")],
  );
  assert.match(await promote(delivery(), { from: early, to: late }, NOTHING), /\n0 writes\n$/);
  await noneFailed();
});

rolling("comes to the same end wherever the deployer is killed, and then writes nothing", async () => {
  const chosen = new Set(["2 after", "4 after", "5 after", "6 before", "6 after", "7 after", "9 before", "11 after"]);
  let kills = 0;
  for (let write = 1, reached = true; reached; write += 1) {
    for (const when of ["before", "after"] as const) {
      if (!isThorough && write < 13 && !chosen.has(`${write} ${when}`)) continue;
      const release = makeRelease();
      const by = new DyingKubectl(accountOf(early), write, when);
      const error = await bring(release, { kubectl: by }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      reached = by.diedAt !== undefined;
      const where = `killed ${when} write ${write} (${by.diedAt})`;
      if (reached) {
        assert.instance(error, KilledError);
        kills += 1;
        skippedMs += LEASE_SECONDS * 1000;
        await bring(release);
      } else if (error !== undefined) throw error;
      assert.equal(await readEnd(release), expected(release), where);
      assert.match(await bring(release), /\n0 writes\n$/, where);
      await awaitAnswers(release.id);
    }
  }
  console.log(`    killed ${kills} times, each time the same end, and then 0 writes`);
  assert.ok(kills >= 8, String(kills));
  await noneFailed();
});

rolling.run();
