import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { type Cluster, startCluster } from "./cluster.ts";

// What the rollout (ci/src/rollout) takes for granted of Kubernetes, each asked of a real API server.
const api = suite("the API server");

let cluster: Cluster;
let count = 0;
/** Each test has a namespace of its own, so that the suite can run on a cluster that others use. */
let namespace: string;

api.before(async () => {
  cluster = await startCluster({ half: "control-plane" });
});

api.after(async () => {
  await cluster?.close();
});

api.before.each(async () => {
  count += 1;
  namespace = `semantics-${process.pid}-${count}`;
  await cluster.readKubectl(["create", "namespace", namespace]);
});

api.after.each(async () => {
  await cluster.readKubectl(["delete", "namespace", namespace, "--wait=false"]);
});

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
    managedFields: z
      .array(z.looseObject({ manager: z.string(), operation: z.string(), fieldsV1: z.looseObject({}) }))
      .default([]),
  }),
  spec: z.looseObject({}).optional(),
  data: z.record(z.string(), z.string()).optional(),
});

const run = (args: readonly string[], object?: object) =>
  cluster.kubectl(["--namespace", namespace, ...args], object === undefined ? {} : { input: JSON.stringify(object) });

const apply = (manager: string, object: object, ...more: string[]) =>
  run(["apply", "--server-side", `--field-manager=${manager}`, ...more, "-f", "-"], object);

const patch = (manager: string, target: string, operations: readonly object[]) =>
  run(["patch", target, "--type=json", `--field-manager=${manager}`, `--patch=${JSON.stringify(operations)}`]);

async function read(target: string) {
  const { stdout, stderr } = await run(["get", target, "-o", "json", "--show-managed-fields"]);
  if (stdout === "") throw new Error(stderr);
  return objectSchema.parse(JSON.parse(stdout));
}

function expectSuccess({ exitCode, stderr }: { exitCode: number; stderr: string }): void {
  if (exitCode !== 0) throw new Error(stderr);
}

function expectRefusal({ exitCode, stderr }: { exitCode: number; stderr: string }, why: RegExp): void {
  assert.is.not(exitCode, 0);
  assert.match(stderr, why);
}

const ports = [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }];
const service = (spec: object) => ({ apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec });
const selector = (colour: string) => ({ "app.kubernetes.io/name": "web", "slipway.dev/colour": colour });

const deployment = (image: string, spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web-blue" },
  spec: {
    ...spec,
    selector: { matchLabels: selector("blue") },
    template: { metadata: { labels: selector("blue") }, spec: { containers: [{ name: "web", image }] } },
  },
});

api("leaves the selector to slipway-switch when the manifests are applied again", async () => {
  expectSuccess(await apply("slipway", service({ ports })));
  assert.is((await read("service/web")).spec?.["selector"], undefined);
  expectSuccess(
    await patch("slipway-switch", "service/web", [{ op: "add", path: "/spec/selector", value: selector("blue") }]),
  );
  expectSuccess(await apply("slipway", service({ ports: [{ ...ports[0], port: 81 }] })));
  const seen = await read("service/web");
  assert.equal(seen.spec?.["selector"], selector("blue"));
  const owners = seen.metadata.managedFields.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes("f:selector"));
  assert.equal(
    owners.map(({ manager }) => manager),
    ["slipway-switch"],
  );
});

api("refuses a manifest that names the selector, unless it is forced", async () => {
  expectSuccess(await apply("slipway", service({ ports })));
  expectSuccess(
    await patch("slipway-switch", "service/web", [{ op: "add", path: "/spec/selector", value: selector("green") }]),
  );
  const stealing = service({ ports, selector: selector("blue") });
  expectRefusal(await apply("slipway", stealing), /conflict with "slipway-switch".*\.spec\.selector/s);
  assert.equal((await read("service/web")).spec?.["selector"], selector("green"));
  expectSuccess(await apply("slipway", stealing, "--force-conflicts"));
  assert.equal((await read("service/web")).spec?.["selector"], selector("blue"));
});

api("leaves the number of pods to slipway-scale when a colour is applied by force", async () => {
  const create = ["create", "--field-manager=slipway-scale", "-f", "-"];
  expectSuccess(await run(create, deployment("web:1", { replicas: 0 })));
  expectSuccess(await apply("slipway", deployment("web:2"), "--force-conflicts"));
  expectSuccess(
    await patch("slipway-scale", "deployment/web-blue", [{ op: "replace", path: "/spec/replicas", value: 3 }]),
  );
  expectSuccess(await apply("slipway", deployment("web:3"), "--force-conflicts"));
  assert.is((await read("deployment/web-blue")).spec?.["replicas"], 3);
});

api("changes nothing, not even the version, when the same manifest is applied twice", async () => {
  expectSuccess(await apply("slipway", deployment("web:1")));
  const first = await read("deployment/web-blue");
  expectSuccess(await apply("slipway", deployment("web:1")));
  const generation = (await read("deployment/web-blue")).metadata["generation"];
  assert.is(generation, first.metadata["generation"]);
});

api("switches a selector only from the colour and the epoch that were seen", async () => {
  expectSuccess(await apply("slipway", service({ ports })));
  const epochPath = "/metadata/annotations/slipway.dev~1epoch";
  const seen = await read("service/web");
  const claim = [
    { op: "test", path: "/metadata/resourceVersion", value: seen.metadata.resourceVersion },
    { op: "add", path: "/metadata/annotations", value: { "slipway.dev/epoch": "1" } },
    { op: "add", path: "/spec/selector", value: selector("blue") },
  ];
  expectSuccess(await patch("slipway-switch", "service/web", claim));
  const switchTo = (from: string, to: string, epoch: string) => [
    { op: "test", path: epochPath, value: epoch },
    { op: "test", path: "/spec/selector", value: selector(from) },
    { op: "replace", path: "/spec/selector", value: selector(to) },
  ];
  expectSuccess(await patch("slipway-switch", "service/web", switchTo("blue", "green", "1")));
  const late = await patch("slipway-switch", "service/web", switchTo("blue", "green", "1"));
  expectRefusal(late, /the server rejected our request due to an error in our request|testing value .* failed|422/);
  const fenced = await patch("slipway-switch", "service/web", switchTo("green", "blue", "0"));
  expectRefusal(fenced, /the server rejected our request due to an error in our request|testing value .* failed|422/);
  assert.equal((await read("service/web")).spec?.["selector"], selector("green"));
});

api("answers a patch whose test fails with 422 Invalid", async () => {
  expectSuccess(await apply("slipway", service({ ports, selector: selector("blue") })));
  const operations = [{ op: "test", path: "/spec/selector", value: selector("green") }];
  const { stderr } = await run([
    "patch",
    "service/web",
    "--type=json",
    `--patch=${JSON.stringify(operations)}`,
    "-v=6",
  ]);
  assert.match(stderr, /422 Unprocessable Entity/);
});

api("lets only one of two create the same event", async () => {
  const event = (by: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "slipway-evt-000001" },
    immutable: true,
    data: { by },
  });
  const results = await Promise.all(["one", "two"].map((by) => run(["create", "-f", "-"], event(by))));
  assert.equal(results.map(({ exitCode }) => exitCode).sort(), [0, 1]);
  const loser = results.find(({ exitCode }) => exitCode !== 0);
  assert.match(loser?.stderr ?? "", /AlreadyExists/);
});

api("refuses every change of an immutable ConfigMap", async () => {
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "event" },
    immutable: true,
    data: { a: "1" },
  };
  expectSuccess(await run(["create", "-f", "-"], object));
  const change = [{ op: "replace", path: "/data/a", value: "2" }];
  expectRefusal(await patch("slipway", "configmap/event", change), /immutable/);
  const thaw = [{ op: "replace", path: "/immutable", value: false }];
  expectRefusal(await patch("slipway", "configmap/event", thaw), /immutable/);
  assert.equal((await read("configmap/event")).data, { a: "1" });
});

api("keeps the transitions of a Lease as they are written, and refuses the slower of two takers", async () => {
  const time = "2026-01-01T00:00:00.000000Z";
  const spec = (holderIdentity: string, leaseTransitions: number) => ({
    holderIdentity,
    leaseTransitions,
    leaseDurationSeconds: 60,
    acquireTime: time,
    renewTime: time,
  });
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "slipway-deploy" } };
  expectSuccess(await run(["create", "-f", "-"], { ...lease, spec: spec("first", 1) }));
  const { resourceVersion } = (await read("lease/slipway-deploy")).metadata;
  const take = (holder: string) => [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: "/spec", value: spec(holder, 2) },
  ];
  const takers = await Promise.all(
    ["second", "third"].map((holder) => patch("slipway", "lease/slipway-deploy", take(holder))),
  );
  assert.is(takers.filter(({ exitCode }) => exitCode === 0).length, 1);
  const holder = takers[0]?.exitCode === 0 ? "second" : "third";
  assert.equal((await read("lease/slipway-deploy")).spec, spec(holder, 2));
});

api("refuses a server-side apply and a patch of an older version of an object", async () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "slipway-head" }, data: { head: "1" } };
  expectSuccess(await apply("slipway", object));
  const { resourceVersion } = (await read("configmap/slipway-head")).metadata;
  const next = (head: string, at: string) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: at },
    data: { head },
  });
  expectSuccess(await apply("slipway", next("2", resourceVersion)));
  expectRefusal(await apply("slipway", next("3", resourceVersion)), /Conflict|the object has been modified/);
  expectRefusal(await apply("slipway", next("3", resourceVersion), "--force-conflicts"), /Conflict|has been modified/);
  const stale = [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: "/data/head", value: "3" },
  ];
  assert.is.not((await patch("slipway", "configmap/slipway-head", stale)).exitCode, 0);
  assert.equal((await read("configmap/slipway-head")).data, { head: "2" });
});

api(
  "creates an object by an apply even when it names a version: only create and test notice that it was deleted",
  async () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gone", resourceVersion: "1" } };
    expectSuccess(await apply("slipway", object));
    expectRefusal(await run(["create", "-f", "-"], { ...object, metadata: { name: "gone" } }), /AlreadyExists/);
    const operations = [{ op: "test", path: "/metadata/resourceVersion", value: "1" }];
    expectRefusal(await patch("slipway", "configmap/never-made", operations), /NotFound/);
  },
);

api("does not let the selector of a Deployment change", async () => {
  expectSuccess(await apply("slipway", deployment("web:1")));
  const changed = [{ op: "replace", path: "/spec/selector/matchLabels", value: selector("green") }];
  expectRefusal(await patch("slipway", "deployment/web-blue", changed), /immutable|selector. does not match/);
});

api.run();
