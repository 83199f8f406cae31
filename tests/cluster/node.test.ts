import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Load, startLoad, tellLoad } from "./load-report.ts";
import { waitUntil } from "./wait.ts";

// What a switch of colours and what a plain restart do to requests under way, on a real kubelet and kube-proxy.
const node = suite("a node");

const ratePerS = Number(process.env["SLIPWAY_TEST_RATE"] || 400);
const switches = Number(process.env["SLIPWAY_TEST_SWITCHES"] || 10);
const namespace = `node-${process.pid}`;

let cluster: Cluster;

node.before(async () => {
  const startedAt = Date.now();
  cluster = await startCluster({ half: "node" });
  console.log(`cluster ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  await cluster.readKubectl(["create", "namespace", namespace]);
});

node.after(async () => {
  await cluster.kubectl(["delete", "namespace", namespace, "--wait=false"]);
  await cluster.close();
});

const kubectl = (...args: string[]) => cluster.readKubectl(["--namespace", namespace, ...args]);

const apply = (...items: object[]) =>
  cluster.readKubectl(["--namespace", namespace, "apply", "--server-side", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });

const labels = (name: string, colour: string) => ({ app: name, colour });

/** A Deployment as people write it who have heard of readiness; `drains` adds what a blue/green switch relies on. */
function deployment(name: string, colour: string, { drains }: { readonly drains: boolean }) {
  const env = [{ name: "COLOUR", value: colour }, ...(drains ? [] : [{ name: "ABRUPT", value: "yes" }])];
  const container = {
    name: "server",
    image: cluster.workloadImage,
    imagePullPolicy: "IfNotPresent",
    args: ["serve"],
    env,
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, periodSeconds: 1 },
    ...(drains ? { lifecycle: { preStop: { sleep: { seconds: 3 } } } } : {}),
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `${name}-${colour}` },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels(name, colour) },
      template: { metadata: { labels: labels(name, colour) }, spec: { containers: [container] } },
    },
  };
}

const service = (name: string, colour: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { type: "NodePort", selector: labels(name, colour), ports: [{ port: 80, targetPort: 8080 }] },
});

const serviceSchema = z.object({ spec: z.object({ ports: z.array(z.object({ nodePort: z.number() })).length(1) }) });

async function addressOf(name: string): Promise<string> {
  const { ports } = serviceSchema.parse(JSON.parse(await kubectl("get", "service", name, "-o", "json"))).spec;
  return `http://${cluster.nodePortHost}:${ports[0]?.nodePort}/`;
}

async function ask(url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((t) => process.stdout.write(t.trim()))`;
  const { stdout, stderr } = await cluster.exec(["node", "-e", script], { limitMs: 10_000 });
  return stdout || `no answer: ${stderr.trim().split("\n").at(-1)}`;
}

const awaitAnswer = (url: string, wanted: string) =>
  waitUntil(`${url} answers ${wanted}`, 30_000, async () => {
    const said = await ask(url);
    return said === wanted ? undefined : said;
  });

async function awaitAvailable(...names: string[]): Promise<void> {
  for (const name of names) await kubectl("rollout", "status", `deployment/${name}`, "--timeout=120s");
}

node("brings a Deployment up and answers at a NodePort and by its name", async () => {
  await apply(deployment("plain", "blue", { drains: true }), service("plain", "blue"));
  await awaitAvailable("plain-blue");
  await awaitAnswer(await addressOf("plain"), "blue");
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "asks" },
    spec: {
      restartPolicy: "Never",
      containers: [
        { name: "asks", image: cluster.workloadImage, imagePullPolicy: "IfNotPresent", args: ["get", "http://plain/"] },
      ],
    },
  };
  await apply(pod);
  await kubectl("wait", "pod/asks", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s");
  assert.is((await kubectl("logs", "asks")).trim(), "blue");
});

/** Moves the Service by the one patch that a deploy makes. Returns when it had been made, as time of day in ms. */
async function switchTo(name: string, from: string, to: string): Promise<number> {
  const operations = [
    { op: "test", path: "/spec/selector", value: labels(name, from) },
    { op: "replace", path: "/spec/selector", value: labels(name, to) },
  ];
  await kubectl("patch", "service", name, "--type=json", `--patch=${JSON.stringify(operations)}`);
  return performance.timeOrigin + performance.now();
}

/** Waits until every answer on new connections comes from `colour`; returns when the first of them came. */
async function awaitColour(load: Load, colour: string): Promise<number> {
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

function tellTimes(what: string, timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((left, right) => left - right);
  const rank = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${what}: p50 ${rank(0.5)} ms, p99 ${rank(0.99)} ms over ${sorted.length}`;
}

node("loses no request while a Service is switched there and back, and the old colour is scaled down", async () => {
  const colours = ["blue", "green"] as const;
  await apply(...colours.map((colour) => deployment("web", colour, { drains: true })), service("web", "blue"));
  await awaitAvailable("web-blue", "web-green");
  const url = await addressOf("web");
  await awaitAnswer(url, "blue");
  const load = startLoad(cluster, { url, ratePerS });
  await awaitColour(load, "blue");
  const timesMs: number[] = [];
  for (let index = 0; index < switches; index += 1) {
    const [from, to] = index % 2 === 0 ? colours : (["green", "blue"] as const);
    const askedAt = performance.timeOrigin + performance.now();
    await switchTo("web", from, to);
    timesMs.push((await awaitColour(load, to)) - askedAt);
  }
  const [live, idle] = switches % 2 === 0 ? colours : (["green", "blue"] as const);
  await kubectl("scale", `deployment/web-${idle}`, "--replicas=0");
  await kubectl("wait", "pod", "-l", `app=web,colour=${idle}`, "--for=delete", "--timeout=60s");
  await awaitColour(load, live);
  const report = await load.stop();
  console.log(`  switches and scale-down: ${tellLoad(report)}`);
  console.log(`  ${tellTimes("decision to the first answer of the other colour", timesMs)}`);
  assert.is(report.failed, 0);
  assert.is(report.answered, report.sent);
});

node("sees in a plain rollout restart what the same load loses", async () => {
  await apply(deployment("restarted", "blue", { drains: false }), service("restarted", "blue"));
  await awaitAvailable("restarted-blue");
  const url = await addressOf("restarted");
  await awaitAnswer(url, "blue");
  const load = startLoad(cluster, { url, ratePerS });
  await awaitColour(load, "blue");
  for (let index = 0; index < 3; index += 1) {
    await kubectl("rollout", "restart", "deployment/restarted-blue");
    await awaitAvailable("restarted-blue");
  }
  await kubectl("wait", "pod", "-l", "app=restarted", "--for=condition=Ready", "--timeout=60s");
  const report = await load.stop();
  console.log(`  plain rollout restart: ${tellLoad(report)}`);
  // Were this 0, a 0 of the switch would say nothing.
  assert.ok(report.failed > 0);
});

node.run();
