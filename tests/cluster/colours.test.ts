import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { runVerb } from "../../ci/src/delivery/deployer.ts";
import { observeRing } from "../../ci/src/delivery/ring.ts";
import type { KubeObject } from "../../ci/src/rollout/objects.ts";
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

// What pods read belongs to their release, seen in pods that start again: by an account that may do what
// manifests/setup lets it do, and nothing else. The ring is a namespace of another name, and so are the parts of the service.
const colours = suite("what belongs to a colour, on real pods");

const ring = "early";
const namespace = `colours-${process.pid}`;
/** What the Deployment of the service front is called. */
const DEPLOYMENT = "acme-front";
const folder = mkdtempSync(join(tmpdir(), "colours-"));
const policy = ringPolicySchema.parse({ deadlineSeconds: 60, bakeSeconds: 0, leaseSeconds: 10 });

let cluster: Cluster;
let kubectl: HostKubectl;
let image: PushedImage;
let missing: PushedImage;

colours.before(async () => {
  cluster = await startCluster({ half: "node" });
  await cluster.readKubectl(["create", "namespace", namespace]);
  image = await pushWorkload(cluster, 1);
  missing = { ...image, digest: `sha256:${"1".repeat(64)}` };
  kubectl = await connectAsDeployer(cluster, {
    ring: namespace,
    roles: ["slipway-deployer", "slipway-deployer-secrets"],
    folder,
  });
});

colours.after(async () => {
  await cluster?.kubectl(["delete", "namespace", namespace, "--wait=false"]);
  await cluster?.close();
  rmSync(folder, { recursive: true });
});

/** The service answers with what its pods have read, of a ConfigMap, when they started. */
function manifests(answer: string): KubeObject[] {
  const [deployment, service] = describeWorkload("front");
  if (deployment === undefined || service === undefined) throw new Error("no workload");
  const { template, selector } = deployment["spec"] as {
    template: { metadata: object; spec: { containers: Record<string, unknown>[] } };
    selector: object;
  };
  const [container] = template.spec.containers;
  const env = [{ name: "COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "answer" } } }];
  const volumes = [{ name: "key", projected: { sources: [{ secret: { name: "key" } }] } }];
  const spec = { containers: [{ ...container, name: "app", env }], volumes };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: DEPLOYMENT },
      spec: { selector, template: { ...template, spec } },
    },
    // Found by what it selects.
    { ...service, metadata: { name: "acme" }, spec: { ...(service["spec"] as object), selector: { app: "front" } } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings" },
      data: { answer },
      binaryData: { b: "AAE=" },
    },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: { answer }, immutable: true },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared" }, data: { answer } },
  ];
}

let number = 0;

async function deploy(answer: string, of: PushedImage = image, more: readonly KubeObject[] = []) {
  number += 1;
  const release = releaseWorkload(number, { front: of });
  return await run(
    deployWorkload(number, {
      ring,
      release,
      manifests: [...manifests(answer), ...more],
      deployments: { front: DEPLOYMENT },
    }),
  );
}

async function run(request: Request) {
  const { step } = await runVerb({
    kubectl,
    ring,
    namespace,
    policy,
    request,
    runId: randomUUID(),
    actor: "tester",
    paths: {},
    now: Date.now,
    sleep: async (ms) => await delay(ms),
    say: () => undefined,
    pollMs: 500,
  });
  return step.kind === "done" ? step.outcome : step.message;
}

const inRing = (...args: string[]) => cluster.readKubectl(["--namespace", namespace, ...args]);

/** Ends the pods of the live colour, and says what those answer that came in their place. */
async function answerAfterRestart(): Promise<string> {
  const { head } = await observeRing(kubectl, namespace);
  const colour = head?.record.live?.colours["front"];
  const selector = `--selector=app.kubernetes.io/name=front,slipway.dev/colour=${colour}`;
  await inRing("delete", "pods", selector, "--wait=true");
  await inRing("rollout", "status", `deployment/${DEPLOYMENT}-${colour}`, "--timeout=60s");
  const answers = await inRing(
    "get",
    "pods",
    selector,
    "--output=jsonpath={range .items[*]}{.metadata.name}{'\\n'}{end}",
  );
  const said = new Set<string>();
  for (const pod of answers.trim().split("\n"))
    said.add(await cluster.readKubectl(["get", `--raw=/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy/`]));
  return [...said].map((text) => text.trim()).join(" and ");
}

const namesSchema = z.object({
  items: z.array(z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) })),
});

async function copies(): Promise<string[]> {
  const text = await inRing("get", "configmaps,secrets", "--selector=slipway.dev/record=copy", "--output=json");
  return namesSchema
    .parse(JSON.parse(text))
    .items.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{10}$/, "")}`)
    .sort();
}

const shared = () => inRing("get", "configmap", "shared", "--output=jsonpath={.data.answer}");
const one = ["ConfigMap settings", "Secret key"];

colours(
  "settings of a release that is refused reach no live pod, also not one that starts again, and leave no copy",
  async () => {
    assert.is(await deploy("first"), "live");
    assert.is(await answerAfterRestart(), "first");
    assert.equal(await copies(), one);
    assert.is(await deploy("refused", missing), "failed");
    assert.is(await answerAfterRestart(), "first");
    assert.equal(await copies(), one);
    assert.is(await shared(), "first");
  },
);

colours("settings come with the release that brings them, and go back with it, in pods that start again", async () => {
  assert.is(await deploy("second"), "live");
  assert.is(await answerAfterRestart(), "second");
  assert.is(await shared(), "second");
  assert.equal(await copies(), [...one, ...one].sort());
  assert.is(await run({ verb: "rollback", reason: "test" }), "rolled-back");
  assert.is(await answerAfterRestart(), "first");
  assert.equal(await copies(), one);
});

colours("settings that are the same again are the same copy, and it stays", async () => {
  const before = await inRing("get", "configmaps", "--selector=slipway.dev/record=copy", "--output=name");
  assert.is(await deploy("first"), "live");
  assert.is(await answerAfterRestart(), "first");
  assert.is(await inRing("get", "configmaps", "--selector=slipway.dev/record=copy", "--output=name"), before);
});

const autoscaler: KubeObject = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "front" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: DEPLOYMENT },
    minReplicas: 3,
    maxReplicas: 6,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
  },
};

const replicasOf = (colour: string) =>
  inRing("get", "deployment", `${DEPLOYMENT}-${colour}`, "--output=jsonpath={.spec.replicas}");
const choiceOf = (colour: string) =>
  inRing("get", "hpa", `front-${colour}`, "--output=jsonpath={.spec.behavior.scaleDown.selectPolicy}");

/** Which colour serves, and which does not. */
async function tellColours(): Promise<readonly [live: string, idle: string]> {
  const { head } = await observeRing(kubectl, namespace);
  return head?.record.live?.colours["front"] === "blue" ? ["blue", "green"] : ["green", "blue"];
}

colours(
  "an autoscaled colour may have any number of pods, the next one gets as many, and idle ones stay at none",
  async () => {
    assert.is(await deploy("scaled", image, [autoscaler]), "live");
    const [first] = await tellColours();
    assert.is(await replicasOf(first), "3", "its autoscaler's least, and not the ring's");
    assert.is(await choiceOf(first), "Max", "free to take pods away");
    await inRing("scale", "deployment", `${DEPLOYMENT}-${first}`, "--replicas=5");
    await inRing("rollout", "status", `deployment/${DEPLOYMENT}-${first}`, "--timeout=60s");
    assert.is(await deploy("scaled again", image, [autoscaler]), "live");
    const [live, idle] = await tellColours();
    assert.is(idle, first);
    assert.equal([await replicasOf(live), await replicasOf(idle)], ["5", "0"]);
    assert.equal([await choiceOf(live), await choiceOf(idle)], ["Max", "Disabled"]);
    await waitUntil("Kubernetes says that it leaves the idle colour alone", 60_000, async () => {
      const path = '{.status.conditions[?(@.type=="ScalingActive")].reason}';
      const reason = await inRing("get", "hpa", `front-${idle}`, `--output=jsonpath=${path}`);
      return reason === "ScalingDisabled" ? undefined : reason;
    });
    assert.is(await replicasOf(idle), "0");
    assert.is(await run({ verb: "rollback", reason: "test" }), "rolled-back");
    assert.equal([await replicasOf(idle), await replicasOf(live)], ["5", "0"]);
    assert.is(await choiceOf(idle), "Max");
  },
);

colours("an autoscaler of somebody else beside the release's own is refused before anything is written", async () => {
  const [live] = await tellColours();
  const target = { apiVersion: "apps/v1", kind: "Deployment", name: `${DEPLOYMENT}-${live}` };
  const theirs = {
    ...autoscaler,
    metadata: { name: "theirs" },
    spec: { ...(autoscaler["spec"] as object), scaleTargetRef: target },
  };
  await cluster.readKubectl(["--namespace", namespace, "create", "--filename=-"], { input: JSON.stringify(theirs) });
  assert.is(
    await deploy("refused", image, [autoscaler]),
    `ring ${ring} has autoscalers that Slipway cannot work with [drift]:
    HorizontalPodAutoscaler theirs is about Deployment ${DEPLOYMENT}-${live}, for which the manifests also have one
  where: ring ${ring}
  to do: remove them, and put one HorizontalPodAutoscaler for each service into the manifests: each colour gets its own`,
  );
  await inRing("delete", "hpa", "theirs");
  assert.is(await deploy("without", image), "live");
  const left = await inRing("get", "hpa", "--output=name");
  assert.is(left.trim(), `horizontalpodautoscaler.autoscaling/front-${live}`, "that of the way back alone");
});

colours.run();
