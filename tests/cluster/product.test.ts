import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { colourDeployment, sortManifests } from "../../ci/src/rollout/manifests.ts";
import { type KubeObject, selectorOf } from "../../ci/src/rollout/objects.ts";
import { listServices, readRelease } from "../../ci/src/rollout/release.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { giveKafkaImage } from "./kafka-image.ts";
import { startLoad, tellLoad } from "./load-report.ts";
import { waitUntil } from "./wait.ts";

// The product's own images under manifests/: what a read-only root, an ordinary user and a volume do to them.
const product = suite("the product on a node");

const ring = "canary";
let cluster: Cluster;
let addresses: Record<string, string>;

const kubectl = (...args: string[]) => cluster.readKubectl(["--namespace", ring, ...args]);

product.before(async () => {
  cluster = await startCluster({ half: "node" });
  const release = await publishRelease();
  await giveKafkaImage(cluster);
  await cluster.readKubectl(["apply", "--server-side", "-k", "manifests/setup"]);
  const printed = await cluster.readKubectl(["kustomize", `manifests/${ring}`]);
  const objects = parseAllDocuments(printed).map((document) => document.toJS() as KubeObject);
  const { base, deployments } = sortManifests(objects, release, ring);
  const blue = Object.entries(deployments).map(([service, template]) =>
    colourDeployment(template, { ring, service, colour: "blue", release }),
  );
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: [...base, ...blue] });
  await cluster.readKubectl(["--namespace", ring, "apply", "--server-side", "-f", "-"], { input });
  addresses = {};
  for (const service of listServices(release)) {
    const selector = JSON.stringify([{ op: "add", path: "/spec/selector", value: selectorOf(service, "blue") }]);
    await kubectl("patch", "service", service, "--type=json", `--patch=${selector}`);
    const address = await kubectl("get", "service", service, "-o", "jsonpath={.spec.clusterIP}");
    addresses[service] = `http://${address}:8080`;
  }
  await kubectl("scale", "deployment/ingest-blue", "--replicas=2");
});

product.after(async () => {
  await cluster.close();
});

async function publishRelease() {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  try {
    const file = join(folder, "release.json");
    const call = ["./slipway", "call", "release", "--registry", `${cluster.registry}/slipway`];
    const { exitCode, stderr } = await cluster.exec([...call, "export", "--path", file]);
    if (exitCode !== 0) throw new Error(`the product could not be published: ${stderr.slice(-2_000)}`);
    return readRelease(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function awaitUp(): Promise<void> {
  const list = z.object({
    items: z.array(
      z.object({
        metadata: z.object({ name: z.string() }),
        spec: z.object({ replicas: z.number() }),
        status: z.object({ readyReplicas: z.number().default(0) }),
      }),
    ),
  });
  await waitUntil("every pod of the product is ready", 180_000, async () => {
    const { items } = list.parse(JSON.parse(await kubectl("get", "deployments,statefulsets", "-o", "json")));
    const waiting = items.filter(({ spec, status }) => status.readyReplicas < spec.replicas);
    if (waiting.length === 0) return undefined;
    const names = waiting.map(({ metadata }) => metadata.name).join(", ");
    const last = (await kubectl("get", "events", "--field-selector=type=Warning", "-o", "custom-columns=:message"))
      .trimEnd()
      .split("\n")
      .at(-1);
    return `waiting for ${names}; last warning: ${last}`;
  });
}

const answerSchema = z.object({ status: z.number(), body: z.string() });

/** Asks a service in the cluster's network. */
async function ask(service: string, path: string, body?: object) {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const options = { ...init, headers: { "content-type": "application/json" } };
  const script = `fetch(${JSON.stringify(`${addresses[service]}${path}`)}, ${JSON.stringify(options)})
    .then(async (answer) => process.stdout.write(JSON.stringify({ status: answer.status, body: await answer.text() })))`;
  const { exitCode, stdout, stderr } = await cluster.exec(["node", "-e", script], { limitMs: 30_000 });
  return exitCode === 0 ? answerSchema.parse(JSON.parse(stdout)) : { status: 0, body: stderr };
}

/** Sends two readings of a series, three hours apart, and waits until the dashboard shows both windows. */
async function sendAndSee(series: string): Promise<void> {
  const readings = ["2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z"].map((ts, index) => ({ series, ts, value: index }));
  const sent = await ask("ingest", "/v1/events", readings);
  assert.is(sent.status, 202, sent.body);
  await awaitWindows(series);
}

const seriesSchema = z.object({
  series: z.array(z.object({ id: z.string(), windows: z.number(), readings: z.number() })),
});

async function awaitWindows(series: string): Promise<void> {
  await waitUntil(`the dashboard shows ${series}`, 60_000, async () => {
    const { status, body } = await ask("dashboard", "/v1/series");
    if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`;
    const seen = seriesSchema.parse(JSON.parse(body)).series.find(({ id }) => id === series);
    return seen?.windows === 2 && seen.readings === 2 ? undefined : body.slice(0, 200);
  });
}

product("comes up in a restricted namespace, and shows what was sent", async () => {
  await awaitUp();
  await sendAndSee("first");
});

product("keeps its data when the broker's pod is deleted", async () => {
  await kubectl("delete", "pod", "kafka-0");
  await kubectl("wait", "pod/kafka-0", "--for=condition=Ready", "--timeout=120s");
  await awaitUp();
  // The dashboard holds nothing itself: it reads the topics again.
  await kubectl("rollout", "restart", "deployment/dashboard-blue");
  await kubectl("rollout", "status", "deployment/dashboard-blue", "--timeout=120s");
  await awaitWindows("first");
  await sendAndSee("second");
});

product("loses no request when ingest is restarted, because its pods drain", async () => {
  const load = startLoad(cluster, { url: `${addresses["ingest"]}/`, ratePerS: 200 });
  await load.report();
  await kubectl("rollout", "restart", "deployment/ingest-blue");
  await kubectl("rollout", "status", "deployment/ingest-blue", "--timeout=180s");
  await kubectl("wait", "pod", "-l", "app.kubernetes.io/name=ingest", "--for=condition=Ready", "--timeout=90s");
  const report = await load.stop();
  console.log(`  restart of ingest: ${tellLoad(report)}`);
  assert.is(report.failed, 0);
  assert.ok(report.sent > 1_000);
});

product.run();
