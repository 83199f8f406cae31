import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDocument } from "yaml";
import { images } from "../../ci/src/tool-images.ts";
import { installPackage, removePackage } from "../e2e/packed.ts";
import { completeShop } from "../e2e/shop.ts";
import { Stranger } from "../e2e/stranger.ts";
import { startBroker } from "./broker.ts";
import { accessTo, callSlipway, tellCall } from "./call-slipway.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import type { CommandResult } from "./command.ts";
import { giveKafkaImage } from "./kafka-image.ts";
import { waitUntil } from "./wait.ts";

// Somebody else's repository of three languages, with a worker, by the packed package and with nothing but what init has
// written, into two rings of a real Kubernetes: by the accounts that init wrote, once an administrator has applied them.
const monorepo = suite("a stranger's monorepo on its way through the rings");

const rings = ["canary", "production"] as const;
type Ring = (typeof rings)[number];

const CALL_LIMIT_MS = 600_000;
const ARRIVES_WITHIN_MS = 60_000;

let cluster: Cluster;
let stranger: Stranger;
const tokens: Record<string, string> = {};

monorepo.before(async () => {
  cluster = await startCluster({ half: "node" });
  await giveKafkaImage(cluster);
  stranger = await Stranger.begin("monorepo", await installPackage());
});

monorepo.after(async () => {
  await stranger?.remove();
  if (stranger !== undefined) removePackage(stranger.installed);
  await cluster?.close();
});

async function tryCall(args: readonly string[], token: string): Promise<CommandResult> {
  const options = { folder: stranger.dir, program: stranger.program, limitMs: CALL_LIMIT_MS, token };
  const result = await callSlipway(cluster, args, options);
  console.log(tellCall(args, result, stranger.dir));
  return result;
}

async function call(args: readonly string[], token = ""): Promise<string> {
  const result = await tryCall(args, token);
  if (result.exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${result.exitCode}\n${result.stderr}`);
  return result.stdout;
}

const access = () => accessTo(cluster, join(stranger.dir, ".git/ca.crt"));

/** A verb by the account of a ring. */
async function deliver(ring: Ring, ...args: string[]): Promise<string> {
  return await call([...access(), ...args], tokens[ring]);
}

/** A worker of before takes messages until its pod has ended, for which no deploy waits. */
async function waitForWorkers(ring: Ring, colour: string): Promise<void> {
  const colours = "--output=jsonpath={.items[*].metadata.labels.slipway\\.dev/colour}";
  await waitUntil(`only ${colour} pods of pricing are in ${ring}`, ARRIVES_WITHIN_MS, async () => {
    const label = "--selector=app.kubernetes.io/name=pricing";
    const seen = await cluster.readKubectl([`--namespace=${ring}`, "get", "pods", label, colours]);
    return seen.split(" ").every((one) => one === colour) ? undefined : seen;
  });
}

/** A verb by an administrator who has not done what init said. @returns the error */
async function deliverTooEarly(...args: string[]): Promise<string> {
  const result = await tryCall([...access(), ...args], cluster.token);
  assert.is.not(result.exitCode, 0, result.stdout);
  return result.stderr.slice(result.stderr.indexOf("Error: "));
}

/** Sends an order to a ring, and waits for its price, which comes through Kafka and all three services. */
async function order(ring: Ring, id: string, item: string, count: number): Promise<number> {
  const get = ["--namespace", ring, "get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"];
  const url = `http://${await cluster.readKubectl(get)}:8080/orders`;
  const curl = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await cluster.exec(["curl", "--silent", "--show-error", ...args]);
    return `${exitCode === 0 ? "" : `curl ended with ${exitCode}: `}${stdout}${stderr}`;
  };
  assert.equal(JSON.parse(await curl("--data", JSON.stringify({ id, item, count }), url)), { id });
  let cents: unknown;
  await waitUntil(`order ${id} has a price in ${ring}`, ARRIVES_WITHIN_MS, async () => {
    const answer = await curl(`${url}/${id}`);
    cents = /"cents":(\d+)/.exec(answer)?.[1];
    return cents === undefined ? answer : undefined;
  });
  return Number(cents);
}

async function release(): Promise<string> {
  const file = join(stranger.dir, ".git/release.json");
  await call(["release", "--registry", `${cluster.registry}/shop`, "export", "--path", file]);
  return file;
}

monorepo("gets its manifests from init, which hold all rules", async () => {
  const first = await stranger.slipway("init");
  assert.is(first.code, 0, first.progress);
  completeShop(stranger);
  const document = parseDocument(stranger.read("slipway.yaml"));
  for (const ring of rings) document.setIn(["rings", ring, "bakeSeconds"], 15);
  document.setIn(["rings", "canary", "patienceSeconds"], 5);
  stranger.write("slipway.yaml", String(document));
  // What web is told of ledger has to get into them.
  stranger.forget("manifests");
  const second = await stranger.slipway("init");
  assert.is(second.code, 0, second.progress);
  assert.match(stranger.read("manifests/base/web.yaml"), /name: LEDGER_URL\n +value: http:\/\/ledger:8081/);
  await stranger.commit("Use Slipway");
  writeFileSync(join(stranger.dir, ".git/ca.crt"), cluster.ca);
  assert.match(await call(["manifests"]), /rules hold/);
});

monorepo("sends its images to a registry", async () => {
  const published = await call(["publish", "--registry", `${cluster.registry}/shop`]);
  for (const service of ["ledger", "pricing", "web"])
    assert.match(published, new RegExp(`${cluster.registry}/shop/\\S*${service}@sha256:`));
});

monorepo("is told to make the namespace of a ring when it is not there", async () => {
  assert.match(
    await deliverTooEarly("deploy", "--ring", "canary", "--release", await release()),
    /namespaces "canary" not found \[cluster-refused\]\n +where: namespace canary\n +to do: create the ring's namespace first, with the account for its deploys: kubectl apply -f manifests\/setup\/rings\.yaml \(slipway init writes the file\)/,
  );
});

monorepo("gets namespaces and accounts of the rings from one file, applied as init says", async () => {
  const { exitCode, stderr } = await cluster.kubectl(["apply", "-f", join(stranger.dir, "manifests/setup/rings.yaml")]);
  assert.is(exitCode, 0, stderr);
  for (const ring of rings) {
    const args = ["--namespace", ring, "create", "token", "deployer", "--duration=1h"];
    tokens[ring] = (await cluster.readKubectl(args)).trim();
  }
});

monorepo("is told which Secret is missing, and how to make it", async () => {
  const result = await tryCall(
    [...access(), "deploy", "--ring", "canary", "--release", await release()],
    tokens["canary"] ?? "",
  );
  assert.is.not(result.exitCode, 0, result.stdout);
  assert.match(result.stderr, /secret "kafka" not found/);
  const command = "kubectl --namespace canary create secret generic kafka --from-literal=KAFKA_BROKERS=…";
  assert.ok(result.stderr.includes(`\n  to do: ${command}, then run the same command again\n`), result.stderr);
});

monorepo("gets into the first ring with its worker, once its Secrets are there", async () => {
  for (const ring of rings) {
    const brokers = await startBroker(cluster, `${ring}-brokers`, images.kafka, ["orders", "prices"]);
    // As init says it.
    const secret = ["create", "secret", "generic", "kafka", `--from-literal=KAFKA_BROKERS=${brokers}`];
    await cluster.readKubectl(["--namespace", ring, ...secret]);
  }
  await deliver("canary", "deploy", "--ring", "canary", "--release", await release());
  assert.is(await order("canary", "a-1", "lamp", 2), 3998);
});

monorepo("is told that the account of one ring may not deploy in another, and what to do", async () => {
  const result = await tryCall(
    [...access(), "promote", "--from", "canary", "--to", "production"],
    tokens["canary"] ?? "",
  );
  assert.is.not(result.exitCode, 0, result.stdout);
  assert.match(
    result.stderr,
    /the cluster did not list the objects of the ring: \d+ complaints \[cluster-unauthorised\]:\n/,
  );
  assert.match(
    result.stderr,
    /User "system:serviceaccount:canary:deployer" cannot list resource "pods" in API group "" in the namespace "production"\n.* {2}where: namespace production\n {2}to do: the account may not do this \(RBAC\): manifests\/setup\/rings\.yaml, /s,
  );
});

monorepo("is promoted into the next ring with the same images", async () => {
  await deliver("production", "promote", "--from", "canary", "--to", "production");
  assert.is(await order("production", "a-2", "chair", 10), 44_550);
  const status = await call([...access(), "status"], cluster.token);
  for (const ring of rings) assert.match(status, new RegExp(`^${ring} +\\S+ +blue .* ok `, "m"));
});

monorepo("hands its worker over to a new release", async () => {
  stranger.edit("services/pricing/pricing/prices.py", '"lamp": 1999', '"lamp": 1499');
  await stranger.commit("Sell lamps for less");
  await deliver("canary", "deploy", "--ring", "canary", "--release", await release());
  await waitForWorkers("canary", "green");
  assert.is(await order("canary", "a-3", "lamp", 1), 1499);
  assert.is(await order("production", "a-4", "lamp", 1), 1999);
});

monorepo("takes a release back by the account of its ring", async () => {
  await deliver("canary", "rollback", "--ring", "canary", "--reason", "lamps are dear again");
  await waitForWorkers("canary", "blue");
  assert.is(await order("canary", "a-5", "lamp", 1), 1999);
});

monorepo.run();
