import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sortManifests } from "../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../ci/src/rollout/objects.ts";
import { nameRelease, type Release } from "../../ci/src/rollout/release.ts";
import type { DeployRequest } from "../../ci/src/rollout/request.ts";
import { commitOf } from "../unit/ci/rollout/fixtures.ts";
import type { Cluster } from "./cluster.ts";
import { readCommand } from "./command.ts";
import { packImage } from "./pack-image.ts";
import { locateTools } from "./tools.ts";

/** An image in the cluster's registry, by digest. */
export interface PushedImage {
  readonly name: string;
  readonly digest: string;
}

/**
 * Pushes the suites' own image (workload/main.go) once more, with a file that makes it another one.
 *
 * @param cmd arguments of the program, `serve` without
 */
export async function pushWorkload(
  cluster: Cluster,
  number: number,
  cmd: readonly string[] = ["serve"],
): Promise<PushedImage> {
  const folder = mkdtempSync(join(tmpdir(), "workload-"));
  try {
    const [layers, root, archive] = [join(folder, "layers"), join(folder, "root"), join(folder, "image.tar")];
    for (const made of [layers, root]) mkdirSync(made);
    await readCommand(["tar", "-C", layers, "-xf", locateTools().workloadImage]);
    await unpackLayer(layers, root);
    writeFileSync(join(root, "number"), `${number}\n`);
    await packImage(
      { rootDir: root, name: `workload:${number}`, entrypoint: ["/workload"], cmd, user: "65532" },
      archive,
    );
    const name = `${cluster.registry}/workload`;
    const digestFile = join(folder, "digest");
    const copy = ["skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"];
    const target = `docker://${name}:${number}`;
    const done = await cluster.exec([...copy, `--digestfile=${digestFile}`, `oci-archive:${archive}`, target]);
    if (done.exitCode !== 0) throw new Error(done.stderr);
    return { name, digest: readFileSync(digestFile, "utf8").trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a ring needs of one service of that image. It answers with its colour, and lets requests end before it does. */
export function describeWorkload(name: string): KubeObject[] {
  const colour = { fieldRef: { fieldPath: "metadata.labels['slipway.dev/colour']" } };
  const container = {
    name,
    image: name,
    env: [{ name: "COLOUR", valueFrom: colour }],
    ports: [{ name: "http", containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 1 },
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
  };
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: { selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "NodePort", ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
  ];
}

/** Unpacks the program of the suites' own image into a folder. */
export async function unpackWorkload(archive: string, target: string): Promise<void> {
  const layout = mkdtempSync(join(tmpdir(), "workload-"));
  try {
    await readCommand(["tar", "-C", layout, "-xf", archive]);
    await unpackLayer(layout, target);
  } finally {
    rmSync(layout, { recursive: true, force: true });
  }
}

/** Takes the one layer out of an OCI layout. */
async function unpackLayer(layout: string, root: string): Promise<void> {
  const read = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  const manifest = JSON.parse(readFileSync(read(index.manifests[0].digest), "utf8"));
  await readCommand(["tar", "-C", root, "-xf", read(manifest.layers[0].digest)]);
}

/** The release of commit `number`. */
export function releaseWorkload(number: number, services: Release["services"]): Release {
  return nameRelease({
    commit: commitOf(number),
    commitTime: new Date(Date.UTC(2025, 0, 1, 0, number)).toISOString(),
    author: "ada@example.org",
    services,
  });
}

/** A deploy of the release of commit `number`, which contains all commits below. */
export function deployWorkload(
  number: number,
  {
    ring,
    release,
    manifests,
    deployments = {},
  }: {
    readonly ring: string;
    readonly release: Release;
    readonly manifests: KubeObject[];
    readonly deployments?: Readonly<Record<string, string>>;
  },
): DeployRequest {
  return {
    verb: "deploy",
    release,
    manifests: sortManifests(manifests, release, ring, deployments),
    ancestors: Array.from({ length: number - 1 }, (_, index) => commitOf(index + 1)),
    approvals: [],
    reason: "test",
  };
}
