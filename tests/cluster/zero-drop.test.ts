import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import type { Kubectl, KubectlAnswer } from "../../ci/src/cluster/kubectl.ts";
import { runVerb } from "../../ci/src/delivery/deployer.ts";
import { observeRing } from "../../ci/src/delivery/ring.ts";
import { LABEL } from "../../ci/src/rollout/objects.ts";
import { type RingPolicy, ringPolicySchema } from "../../ci/src/rollout/policy.ts";
import { listServices, type Release, referTo } from "../../ci/src/rollout/release.ts";
import type { Request } from "../../ci/src/rollout/request.ts";
import { DyingKubectl, HostKubectl, isWrite, KilledError } from "../support/host-kubectl.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Load, type LoadReport, type Loss, startLoad, tellLoad, tellLoss } from "./load-report.ts";
import { waitUntil } from "./wait.ts";
import {
  deployWorkload,
  describeWorkload,
  type PushedImage,
  pushWorkload,
  releaseWorkload,
} from "./workload-release.ts";

// Whole deploys and rollbacks on a real kubelet and kube-proxy, the deployer killed at each of its writes, and a load
// through the live Service all the while; beside it what the same load loses in a plain restart.
const zeroDrop = suite("requests under way");

const ratePerS = Number(process.env["SLIPWAY_TEST_RATE"] || 250);
const wantedRequests = Number(process.env["SLIPWAY_TEST_REQUESTS"] || 100_000);
const ring = `zero-drop-${process.pid}`;
const services = ["back", "front"];
const policy = ringPolicySchema.parse({
  deadlineSeconds: 60,
  bakeSeconds: 0,
  leaseSeconds: 10,
  gate: { minRequests: 1 },
});
/** Stays at the switch, so that somebody else can go back from there. */
const longBake = { ...policy, bakeSeconds: 3_600 };
const leaseMs = policy.leaseSeconds * 1000;

let cluster: Cluster;
let kubectl: Kubectl;
let images: readonly PushedImage[];
let load: Load;
let number = 0;
/** Every new process begins after the lease of the one before is over: time in which nothing happens is left out. */
let skippedMs = 0;
/** When the live Service of `front` was told to select the other colour, and which. */
let switched: { readonly atMs: number; readonly to: string } | undefined;

/** Every write, by whichever process, and when it was asked for. */
const writes: { readonly atMs: number; readonly what: string }[] = [];

/** Time of day in ms, with fractions, as the load tells it. */
const nowMs = () => performance.timeOrigin + performance.now();

zeroDrop.before(async () => {
  cluster = await startCluster({ half: "node" });
  await cluster.readKubectl(["create", "namespace", ring]);
  images = [await pushWorkload(cluster, 1), await pushWorkload(cluster, 2)];
  kubectl = new SwitchWatcher(new HostKubectl(cluster));
  await deploy(makeRelease());
  load = startLoad(cluster, { url: await addressOf("front"), ratePerS });
  await awaitColour("blue");
});

zeroDrop.after(async () => {
  load?.close();
  await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

const operationSchema = z.object({ op: z.string(), path: z.string(), value: z.unknown() });
const selectorSchema = z.object({ [LABEL.colour]: z.string() });

/** Notes each write, and when the switch of `front` is asked for. */
class SwitchWatcher implements Kubectl {
  readonly #inner: Kubectl;

  constructor(inner: Kubectl) {
    this.#inner = inner;
  }

  run(args: readonly string[], stdin?: string, limitS?: number): Promise<KubectlAnswer> {
    if (isWrite(args)) writes.push({ atMs: nowMs(), what: `${args.join(" ")} ${stdin ?? ""}` });
    if (args[0] === "patch" && args[1] === "services/front" && stdin !== undefined) {
      const operations = z.array(operationSchema).parse(JSON.parse(stdin));
      const selector = operations.find(({ op, path }) => op === "replace" && path === "/spec/selector")?.value;
      if (selector !== undefined) switched = { atMs: nowMs(), to: selectorSchema.parse(selector)[LABEL.colour] };
    }
    return this.#inner.run(args, stdin, limitS);
  }
}

/** The next one; two images take turns. */
function makeRelease(): Release {
  number += 1;
  const image = images[number % 2] as PushedImage;
  return releaseWorkload(number, Object.fromEntries(services.map((name) => [name, image])));
}

interface RunOptions {
  readonly by?: Kubectl;
  readonly rules?: RingPolicy;
  readonly say?: (line: string) => void;
}

async function run(request: Request, { by = kubectl, rules = policy, say = () => undefined }: RunOptions = {}) {
  return await runVerb({
    kubectl: by,
    ring,
    namespace: ring,
    policy: rules,
    request,
    runId: randomUUID(),
    actor: "tester",
    paths: {},
    now: () => Date.now() + skippedMs,
    sleep: async (ms) => await delay(ms),
    say,
    pollMs: 500,
  });
}

function deployOf(release: Release): Request {
  return deployWorkload(number, { ring, release, manifests: services.flatMap(describeWorkload) });
}

async function deploy(release: Release): Promise<readonly string[]> {
  const { step, writes } = await run(deployOf(release));
  assert.is(step.kind === "done" && step.outcome, "live", JSON.stringify(step));
  return writes;
}

/** Runs a verb by a process that dies at one of its writes. @returns where it died; `undefined` when it lived on. */
async function dieIn(request: Request, write: number, when: "before" | "after"): Promise<string | undefined> {
  const by = new DyingKubectl(kubectl, write, when);
  const error = await run(request, { by }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (by.diedAt === undefined) {
    if (error !== undefined) throw error;
    return undefined;
  }
  assert.instance(error, KilledError);
  skippedMs += leaseMs;
  return by.diedAt;
}

/** Deploys until the release has the traffic and has to prove itself, and leaves it there. */
async function deployUntilBake(release: Release): Promise<void> {
  const say = (line: string) => {
    if (line.startsWith("waiting (bake)")) throw new KilledError("killed");
  };
  const error = await run(deployOf(release), { rules: longBake, say }).then(
    (ending) => ending,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, KilledError, JSON.stringify(error));
}

const portSchema = z.object({ spec: z.object({ ports: z.array(z.object({ nodePort: z.number() })).length(1) }) });

async function addressOf(service: string): Promise<string> {
  const text = await cluster.readKubectl(["--namespace", ring, "get", "service", service, "-o", "json"]);
  return `http://${cluster.nodePortHost}:${portSchema.parse(JSON.parse(text)).spec.ports[0]?.nodePort}/`;
}

/** Waits until every answer on new connections comes from `colour`; returns when the first of them came. */
async function awaitColour(colour: string): Promise<number> {
  let first: number | undefined;
  await waitUntil(`new connections reach ${colour} only`, 20_000, async () => {
    const { answers } = await load.report();
    first ??= answers[colour]?.firstOnNewMs ?? undefined;
    const others = Object.entries(answers).filter(([text, { onNew }]) => text !== colour && onNew > 0);
    if (others.length > 0) return `also ${others.map(([text, { onNew }]) => `${onNew} from ${text}`).join(", ")}`;
    return (answers[colour]?.onNew ?? 0) > 0 ? undefined : "no answers";
  });
  return first ?? Number.NaN;
}

/** The losses of a load, and what was written in the 20 s before each. */
function explainLosses(report: LoadReport): string {
  const writtenBefore = ({ sentMs }: Loss) =>
    writes
      .filter(({ atMs }) => atMs > sentMs - 20_000 && atMs < sentMs + 1_000)
      .map(({ atMs, what }) => `    ${(atMs - sentMs).toFixed(0)} ms: ${what.slice(0, 200)}`);
  return report.losses.flatMap((loss) => [tellLoss(loss), ...writtenBefore(loss)]).join("\n");
}

/** From the patch of the last deploy to the first answer of the colour that it switched to, in ms. */
async function measureSwitch(): Promise<number> {
  if (switched === undefined) throw new Error("nothing was switched");
  return (await awaitColour(switched.to)) - switched.atMs;
}

function tellTimes(what: string, timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((left, right) => left - right);
  const rank = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${what}: p50 ${rank(0.5)} ms, p99 ${rank(0.99)} ms over ${sorted.length}`;
}

/** What must be the same after every way to the end: which colour is left to chance of how many releases went before. */
async function readEnd(release: Release): Promise<object> {
  const seen = await observeRing(kubectl, ring);
  const head = seen.head?.record;
  const colour = head?.live?.colours["front"];
  const ofRelease = seen.ledger.filter((event) => event.release.id === release.id).map(({ kind }) => kind);
  return {
    phase: head?.phase,
    live: head?.live?.release.id,
    verified: head?.live?.verified,
    events: ofRelease,
    gaps: seen.ledger.filter(({ seq }, index) => seq !== index + 1).length,
    // Who was killed right before letting go keeps the lease until it is over; for that alone nobody writes again.
    held: seen.lease !== null && seen.lease.holder !== "" && seen.lease.renewedAtMs + leaseMs > Date.now() + skippedMs,
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
    selectors: listServices(release).map((name) => `${name} true`),
    deployments: listServices(release).flatMap((name) => [`${name} idle 0`, `${name} live 2 true`]),
  };
}

zeroDrop(
  "are answered while the deployer is killed at any of its writes, which changes nothing at the end",
  async () => {
    // Makes the other colour, so that each later deploy has the same writes.
    await deploy(makeRelease());
    let kills = 0;
    const timesMs: number[] = [];
    for (let write = 1, reached = true; reached; write += 1) {
      for (const when of ["before", "after"] as const) {
        const release = makeRelease();
        switched = undefined;
        const diedAt = await dieIn(deployOf(release), write, when);
        reached = diedAt !== undefined;
        if (reached) {
          kills += 1;
          await deploy(release);
        }
        assert.equal(await readEnd(release), expected(release), `killed ${when} write ${write} (${diedAt})`);
        assert.equal(await deploy(release), [], `second run after ${when} write ${write}`);
        timesMs.push(await measureSwitch());
      }
    }
    const report = await load.report();
    console.log(`    killed ${kills} times, each time the same end, and then 0 writes; so far ${tellLoad(report)}`);
    console.log(`    ${tellTimes("switch, from the patch to the first answer of the other colour", timesMs)}`);
    assert.ok(kills >= 38, String(kills));
    assert.is(report.failed, 0, explainLosses(report));
  },
);

zeroDrop("are answered while somebody else takes a release back that has just got the traffic", async () => {
  const timesMs: number[] = [];
  let report: LoadReport;
  do {
    const live = (await observeRing(kubectl, ring)).head?.record.live?.colours["front"] ?? "";
    await deployUntilBake(makeRelease());
    await awaitColour(live === "blue" ? "green" : "blue");
    const askedAt = nowMs();
    const { step } = await run({ verb: "rollback", reason: "test" }, { rules: longBake });
    assert.is(step.kind === "done" && step.outcome, "rolled-back", JSON.stringify(step));
    timesMs.push((await awaitColour(live)) - askedAt);
    report = await load.report();
  } while (report.sent < wantedRequests || timesMs.length < 10);
  console.log(
    `    ${tellTimes("switch-back, from the call of rollback to the first answer of the old colour", timesMs)}`,
  );
  report = await load.stop();
  console.log(`    deploys, kills, switches, rollbacks and scale-downs: ${tellLoad(report)}`);
  assert.is(report.failed, 0, explainLosses(report));
  assert.is(report.answered, report.sent);
});

zeroDrop("are lost in a plain rollout restart, under the same load", async () => {
  const name = "restarted";
  // As people write it who have heard of readiness: no preStop, and a server that knows nothing of SIGTERM.
  const container = {
    name,
    image: cluster.workloadImage,
    args: ["serve"],
    env: [
      { name: "COLOUR", value: "plain" },
      { name: "ABRUPT", value: "yes" },
    ],
    readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, periodSeconds: 1 },
  };
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const items = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "NodePort", selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  const inRing = (...args: string[]) => cluster.readKubectl(["--namespace", ring, ...args]);
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.readKubectl(["--namespace", ring, "apply", "--server-side", "-f", "-"], { input });
  await inRing("rollout", "status", `deployment/${name}`, "--timeout=120s");
  load = startLoad(cluster, { url: await addressOf(name), ratePerS, onceAnswered: true });
  await awaitColour("plain");
  for (let index = 0; index < 3; index += 1) {
    await inRing("rollout", "restart", `deployment/${name}`);
    await inRing("rollout", "status", `deployment/${name}`, "--timeout=120s");
  }
  const report = await load.stop();
  console.log(`    three plain restarts: ${tellLoad(report)}`);
  // Were this 0, a 0 of the deploys would say nothing.
  assert.ok(report.failed > 0);
});

zeroDrop.run();
