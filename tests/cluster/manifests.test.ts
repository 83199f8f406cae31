import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { releaseDeployment, sortManifests } from "../../ci/src/rollout/manifests.ts";
import { namesIn } from "../../ci/src/rollout/names.ts";
import { COLOURS, type KubeObject } from "../../ci/src/rollout/objects.ts";
import { nameRelease } from "../../ci/src/rollout/release.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { waitUntil } from "./wait.ts";

// Takes the namespaces of the rings for itself, and removes them.
const manifests = suite("the manifests");

const rings = ["canary", "production"];
const release = nameRelease({
  commit: "1".repeat(40),
  commitTime: "2026-01-01T00:00:00Z",
  author: "a@example.org",
  services: Object.fromEntries(
    ["ingest", "processor", "dashboard"].map((name) => [
      name,
      { name: `registry.example.org/${name}`, digest: `sha256:${"a".repeat(64)}` },
    ]),
  ),
});

let cluster: Cluster;

manifests.before(async () => {
  cluster = await startCluster({ half: "control-plane" });
  await cluster.readKubectl(["apply", "--server-side", "-k", "manifests/setup"]);
});

manifests.after(async () => {
  await cluster?.kubectl(["delete", "-k", "manifests/setup", "--wait=false"]);
  await cluster?.close();
});

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

async function readRing(ring: string): Promise<KubeObject[]> {
  const printed = await cluster.readKubectl(["kustomize", `manifests/${ring}`]);
  return parseAllDocuments(printed).map((document) => objectSchema.parse(document.toJS()));
}

/** What a deploy writes into a ring: everything but the services' Deployments, and those in both colours. */
async function readDeploy(ring: string): Promise<{ base: readonly KubeObject[]; deployments: KubeObject[] }> {
  const { base, deployments } = sortManifests(await readRing(ring), release, ring);
  const coloured = Object.entries(deployments).flatMap(([service, template]) =>
    COLOURS.map((colour) =>
      releaseDeployment(template, { ring, service, colour, release, names: namesIn({}, service) }),
    ),
  );
  return { base, deployments: coloured };
}

/** Applies objects as the account of a deploy. Warnings are errors: they tell of pods that are not `restricted`. */
async function applyAsDeployer(ring: string, objects: readonly KubeObject[], ...more: string[]): Promise<string> {
  const as = ["--namespace", ring, `--as=system:serviceaccount:${ring}:deployer`];
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const argv = [...as, "apply", "--server-side", "--field-manager=slipway", ...more, "-f", "-"];
  const { exitCode, stdout, stderr } = await cluster.kubectl(argv, { input });
  if (exitCode !== 0 || stderr !== "") throw new Error(stderr);
  return stdout;
}

for (const ring of rings) {
  manifests(`of ${ring} are what the API server takes, as they are and as a deploy writes them`, async () => {
    await applyAsDeployer(ring, await readRing(ring), "--dry-run=server");
    const { base, deployments } = await readDeploy(ring);
    await applyAsDeployer(ring, [...base, ...deployments], "--dry-run=server");
  });

  manifests(`of ${ring} give a Service without a selector, and one of each colour`, async () => {
    const { base } = await readDeploy(ring);
    const selectors = base
      .filter(({ kind }) => kind === "Service")
      .map(({ metadata, ["spec"]: spec }) => [metadata.name, z.looseObject({}).parse(spec)["selector"]]);
    const expected = ["ingest", "processor", "dashboard"].flatMap((name): [string, object | undefined][] => [
      [name, undefined],
      ...COLOURS.map((colour): [string, object] => [
        `${name}-${colour}`,
        { "app.kubernetes.io/name": name, "slipway.dev/colour": colour },
      ]),
    ]);
    assert.equal(Object.fromEntries(selectors), {
      kafka: { "app.kubernetes.io/name": "kafka" },
      ...Object.fromEntries(expected),
    });
  });
}

manifests("make pods that a restricted namespace admits", async () => {
  const { base, deployments } = await readDeploy("canary");
  await applyAsDeployer("canary", [...base, ...deployments]);
  const wanted = [...deployments.map(({ metadata }) => `Deployment/${metadata.name}`), "StatefulSet/kafka"].sort();
  const workloads = z.object({
    items: z.array(
      z.looseObject({
        kind: z.string(),
        metadata: z.looseObject({ name: z.string() }),
        status: z.object({ replicas: z.number().default(0) }),
      }),
    ),
  });
  await waitUntil("every Deployment and StatefulSet has a pod", 30_000, async () => {
    const list = await cluster.readKubectl(["--namespace=canary", "get", "deployments,statefulsets", "-o", "json"]);
    const made = workloads
      .parse(JSON.parse(list))
      .items.filter(({ status }) => status.replicas > 0)
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const missing = wanted.filter((name) => !made.includes(name));
    if (missing.length === 0) return undefined;
    const events = ["--namespace=canary", "get", "events", "--field-selector=type=Warning", "-o", "name"];
    return `none for ${missing.join(", ")}; warnings: ${(await cluster.readKubectl(events)).trim()}`;
  });
});

manifests("let a deploy do its work in its own ring, and nothing beyond", async () => {
  const may = async (verb: string, what: string, where: string) => {
    const as = "--as=system:serviceaccount:canary:deployer";
    const { stdout } = await cluster.kubectl(["auth", "can-i", verb, what, as, "--namespace", where]);
    return stdout.trim();
  };
  assert.is(await may("patch", "services", "canary"), "yes");
  assert.is(await may("patch", "deployments.apps", "canary"), "yes");
  assert.is(await may("create", "leases.coordination.k8s.io", "canary"), "yes");
  assert.is(await may("get", "pods/log", "canary"), "yes");
  assert.is(await may("patch", "services", "production"), "no");
  assert.is(await may("get", "secrets", "canary"), "no");
  assert.is(await may("delete", "deployments.apps", "canary"), "no");
  assert.is(await may("create", "pods/exec", "canary"), "no");
});

manifests.run();
