import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Release } from "../../ci/src/rollout/release.ts";
import { tellCall } from "./call-slipway.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type EventStream, startEvents, tellEvents } from "./events-report.ts";
import { giveKafkaImage } from "./kafka-image.ts";
import { type Load, startLoad, tellLoad, tellLoss } from "./load-report.ts";
import { ProductRepository } from "./product-repository.ts";
import { waitUntil } from "./wait.ts";

// The product itself, from its commits to two rings and back, by accounts that may do nothing but deliver; requests and
// events go on all the while.
const journey = suite("the product on its way through the rings");

const ratePerS = Number(process.env["SLIPWAY_TEST_RATE"] || 60);
const rings = ["canary", "production"] as const;
type Ring = (typeof rings)[number];

let cluster: Cluster;
let repository: ProductRepository;
const tokens: Record<string, string> = {};
const releases: { readonly file: string; readonly release: Release }[] = [];
const loads = new Map<string, Load>();
let events: EventStream | undefined;

journey.before(async () => {
  cluster = await startCluster({ half: "node" });
  await giveKafkaImage(cluster);
  await cluster.readKubectl(["apply", "--server-side", "-k", "manifests/setup"]);
  for (const ring of rings) {
    const args = ["--namespace", ring, "create", "token", "deployer", "--duration=2h"];
    tokens[ring] = (await cluster.readKubectl(args)).trim();
  }
  const rules = { bakeSeconds: 20, crashLimit: 2, deadlineSeconds: 180 };
  repository = await ProductRepository.clone(cluster, { canary: rules, production: rules });
});

journey.after(async () => {
  events?.close();
  for (const load of loads.values()) load.close();
  repository?.close();
  await cluster?.close();
});

/** Calls a verb with the account of a ring. @returns what a person reads: the report, or the error. */
async function call(ring: Ring, ...args: string[]): Promise<string> {
  const result = await repository.call([...repository.access, ...args], tokens[ring] ?? "");
  console.log(tellCall(args, result, repository.files));
  if (result.exitCode !== 0) throw new Error(`${args[0]} ended with ${result.exitCode}`);
  return result.stdout;
}

async function callInVain(ring: Ring, ...args: string[]): Promise<string> {
  const result = await repository.call([...repository.access, ...args], tokens[ring] ?? "");
  console.log(tellCall(args, result, repository.files));
  assert.is.not(result.exitCode, 0, result.stdout);
  return result.stderr;
}

async function addressOf(ring: Ring, service: string): Promise<string> {
  const args = ["--namespace", ring, "get", "service", service, "-o", "jsonpath={.spec.clusterIP}"];
  return `http://${await cluster.readKubectl(args)}:8080`;
}

async function makeRelease(): Promise<string> {
  const made = await repository.release();
  releases.push(made);
  return made.file;
}

const short = (at: number) => releases[at]?.release.id.slice(0, 10) ?? "";

/** Says how it went so far. No request may have failed. */
async function checkLoads(): Promise<void> {
  for (const [name, load] of loads) {
    const report = await load.report();
    console.log(`  ${name}: ${tellLoad(report)}`);
    assert.is(report.failed, 0, [name, ...report.losses.map(tellLoss)].join("\n"));
  }
}

interface WithManagers {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string; readonly time: string }[] };
}

/** When the processors of a ring's live colour first had partitions, and when the traffic was switched to them. */
async function readHandOver(ring: Ring, colour: string): Promise<{ joinedAt: string; switchedAt: string }> {
  const inRing = (...args: string[]) => cluster.readKubectl(["--namespace", ring, ...args]);
  const service = await inRing("get", "service", "processor", "--show-managed-fields", "-o", "json");
  const { managedFields } = (JSON.parse(service) as WithManagers).metadata;
  const switchedAt = managedFields.find(({ manager }) => manager === "slipway-switch")?.time ?? "never";
  const pods = `app.kubernetes.io/name=processor,slipway.dev/colour=${colour}`;
  const logs = await inRing("logs", "--selector", pods, "--container", "processor", "--tail=-1");
  const joined = logs
    .split("\n")
    .filter((line) => line.includes('"partitions assigned"'))
    .map((line) => (JSON.parse(line) as { readonly time: string }).time);
  return { joinedAt: joined.sort()[0] ?? "never", switchedAt };
}

journey("comes into both rings, by accounts that may do nothing but deliver", async () => {
  const file = await makeRelease();
  await call("canary", "deploy", "--ring=canary", `--release=${file}`);
  await call("production", "promote", "--from=canary", "--to=production");
  for (const [ring, service, path] of [
    ["canary", "ingest", "/"],
    ["production", "ingest", "/"],
    ["production", "dashboard", "/v1/series?limit=1"],
  ] as const) {
    const url = `${await addressOf(ring, service)}${path}`;
    loads.set(`${service} in ${ring}`, startLoad(cluster, { url, ratePerS }));
  }
  events = startEvents(cluster, {
    ingestUrl: await addressOf("production", "ingest"),
    dashboardUrl: await addressOf("production", "dashboard"),
    series: "journey",
  });
});

journey("takes a new release in both rings, under load", async () => {
  await repository.commit("another header", "services/dashboard/src/app.ts", (text) =>
    text.replace('"x-content-type-options"', '"x-journey": "second",\n  "x-content-type-options"'),
  );
  const file = await makeRelease();
  await call("canary", "deploy", "--ring=canary", `--release=${file}`);
  assert.match(
    await call("production", "promote", "--from=canary", "--to=production"),
    /baked 20 s: .*dashboard [\d,]+ requests 0 failed/,
  );
  assert.match(await call("canary", "status"), new RegExp(`canary +${short(1)} +green .* ok `));
  for (const ring of rings) {
    const { joinedAt, switchedAt } = await readHandOver(ring, "green");
    console.log(`  processors in ${ring}: switched at ${switchedAt}, first partitions at ${joinedAt}`);
    // The API server tells whole seconds, without the rest.
    assert.ok(Date.parse(joinedAt) >= Date.parse(switchedAt), "the candidate did not wait for the switch");
  }
  await checkLoads();
});

journey("says which pod of a release crashes, with its last lines, and leaves the live one alone", async () => {
  await repository.commit("a fault that shows at the start", "services/ingest/src/main.ts", (text) =>
    text.replace("await runService(", 'console.error("planted: it ends here");\nprocess.exit(3);\nawait runService('),
  );
  const said = await callInVain("canary", "deploy", "--ring=canary", `--release=${await makeRelease()}`);
  assert.match(said, /pod ingest-blue-\S+ \((CrashLoopBackOff|Error), \d+ restarts\).*log:.*planted: it ends here/s);
  assert.match(await call("canary", "status"), new RegExp(`canary +${short(1)} +green .* ok `));
  await checkLoads();
});

journey("takes the traffic back by itself from a release that answers requests with errors", async () => {
  await repository.commit("without the fault", "services/ingest/src/main.ts", (text) =>
    text.replace('console.error("planted: it ends here");\nprocess.exit(3);\n', ""),
  );
  await repository.commit("a fault that shows under requests", "services/dashboard/src/app.ts", (text) =>
    text.replace(
      'app.get("/v1/series", (c) => {',
      'app.get("/v1/series", (c) => {\n    if (page.html) return c.json({}, 500);',
    ),
  );
  const file = await makeRelease();
  const asking = startLoad(cluster, { url: `${await addressOf("canary", "dashboard")}/v1/series`, ratePerS: 20 });
  try {
    const said = await callInVain("canary", "deploy", "--ring=canary", `--release=${file}`);
    assert.match(said, /dashboard: .* requests failed.*pod dashboard-blue-/s);
    assert.not.match(said, /pod (ingest|processor)-blue-\S+ \(ready\)/);
    assert.match(await call("canary", "status"), new RegExp(`canary +${short(1)} +green .* ok `));
    const before = await asking.report();
    console.log(`  requests for the broken answer: ${tellLoad(before)}`);
    assert.ok(before.failed > 0);
    await waitUntil("the old release answers again", 20_000, async () => {
      const report = await asking.report();
      assert.is(report.failed, before.failed, tellLoad(report));
      return report.answered >= before.answered + 20 ? undefined : tellLoad(report);
    });
  } finally {
    asking.close();
  }
  await checkLoads();
});

journey("goes back in production, and loses neither a request nor an event in all that time", async () => {
  await call("production", "rollback", "--ring=production", "--reason=the end of the test");
  assert.match(await call("production", "status"), new RegExp(`production +${short(0)} +blue .* ok `));
  await call("production", "history", "--ring=production");
  await checkLoads();
  let requests = 0;
  for (const [name, load] of loads) {
    const report = await load.stop();
    console.log(`  ${name}: ${tellLoad(report)}`);
    assert.is(report.failed, 0, name);
    requests += report.sent;
  }
  console.log(`  ${requests} requests in all, 0 failed`);
  const report = await events?.stop();
  if (report === undefined) throw new Error("no events were sent");
  console.log(`  events in production: ${tellEvents(report)}`);
  assert.equal(report.problems, []);
  assert.ok(report.readings > 1_000, String(report.readings));
});

journey("keeps its data when the broker's pod is deleted", async () => {
  const inRing = (...args: string[]) => cluster.readKubectl(["--namespace", "production", ...args]);
  await inRing("delete", "pod", "kafka-0");
  await inRing("wait", "pod/kafka-0", "--for=condition=Ready", "--timeout=120s");
  // The dashboard holds nothing itself: it reads the topics again.
  await inRing("rollout", "restart", "deployment/dashboard-blue");
  await inRing("rollout", "status", "deployment/dashboard-blue", "--timeout=120s");
  const addresses = {
    ingestUrl: await addressOf("production", "ingest"),
    dashboardUrl: await addressOf("production", "dashboard"),
  };
  events = startEvents(cluster, { ...addresses, series: "afterwards" });
  const report = await events.stop();
  console.log(`  events afterwards: ${tellEvents(report)}`);
  assert.equal(report.problems, []);
});

journey.run();
