/** Which containers run an image of the release. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { releaseDeployment, sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import { namesIn } from "../../../../ci/src/rollout/names.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { listAllContainers, podSpecOf, repositoryOf } from "../../../../ci/src/rollout/own-images.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { RING, releaseOf } from "./fixtures.ts";

const images = suite("the images of a release");

const release = releaseOf(1, 2);
const INGEST = referTo(release, "ingest");
const PROCESSOR = referTo(release, "processor");
const ZEROS = `@sha256:${"0".repeat(64)}`;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly [field: string]: unknown;
}

function workload(kind: string, name: string, podSpec: object): KubeObject {
  return { apiVersion: "apps/v1", kind, metadata: { name }, spec: { template: { metadata: {}, spec: podSpec } } };
}

function ring(podSpec: object, processor = `processor${ZEROS}`, more: readonly KubeObject[] = []): KubeObject[] {
  const service = (name: string) => ({ apiVersion: "v1", kind: "Service", metadata: { name }, spec: {} });
  return [
    service("ingest"),
    service("processor"),
    workload("Deployment", "ingest", podSpec),
    workload("Deployment", "processor", { containers: [{ name: "processor", image: processor }] }),
    ...more,
  ];
}

/** The images that the pods of ingest run, by container. */
function imagesOf(podSpec: object, processor?: string): Record<string, unknown> {
  const { deployments } = sortManifests(ring(podSpec, processor), release, RING);
  const template = deployments["ingest"];
  if (template === undefined) throw new Error("no Deployment");
  const whole = releaseDeployment(template, {
    ring: RING,
    service: "ingest",
    colour: "blue",
    release,
    names: namesIn({}, "ingest"),
  });
  return Object.fromEntries(listAllContainers(podSpecOf(whole)).map(({ name, image }) => [String(name), image]));
}

const CASES: readonly (readonly [string, string, string, string])[] = [
  ["the same placeholder", `ingest${ZEROS}`, `ingest${ZEROS}`, INGEST],
  ["the same name with a tag", `ingest${ZEROS}`, "ingest:1.2", INGEST],
  ["the same name without anything", "ingest", "ingest", INGEST],
  ["the same name in Docker's whole form", "ingest", "docker.io/library/ingest:2", INGEST],
  ["a registry with a port", "registry:5000/acme/app:1", "registry:5000/acme/app:2", INGEST],
  ["the release's own repository", "anything", "registry.example/ingest:1", INGEST],
  ["another service's image", "ingest", `processor${ZEROS}`, PROCESSOR],
  ["another repository of the same last name", "acme/ingest", "other/ingest:1", "other/ingest:1"],
  ["another port of the same registry", "registry:5000/app:1", "registry:5001/app:1", "registry:5001/app:1"],
  ["a stranger's image", "ingest", "envoyproxy/envoy:v1.34.1", "envoyproxy/envoy:v1.34.1"],
];

for (const [name, own, other, expected] of CASES) {
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    images(`in ${list}: ${name}`, () => {
      const service: Container = { name: "ingest", image: own };
      const beside: Container = { name: "beside", image: other };
      const podSpec =
        list === "containers" ? { containers: [beside, service] } : { containers: [service], [list]: [beside] };
      assert.equal(imagesOf(podSpec), { ...imagesOf({ containers: [service] }), beside: expected });
    });
  }
}

images("of a sidecar that starts first, too, and nothing else of it is touched", () => {
  const sidecar = { name: "proxy", image: `ingest${ZEROS}`, restartPolicy: "Always", env: [{ name: "A", value: "b" }] };
  const podSpec = { containers: [{ name: "ingest", image: `ingest${ZEROS}` }], initContainers: [sidecar] };
  const { deployments } = sortManifests(ring(podSpec), release, RING);
  assert.equal(listAllContainers(podSpecOf(deployments["ingest"]))[0], { ...sidecar, image: INGEST });
});

images("go by a service's own name before another service's of the same repository", () => {
  const podSpec = {
    containers: [
      { name: "ingest", image: `app${ZEROS}` },
      { name: "beside", image: `app${ZEROS}` },
    ],
  };
  assert.equal(imagesOf(podSpec, `app${ZEROS}`), { ingest: INGEST, beside: INGEST });
});

images("leave no placeholder in any kind of container, nor in what belongs to no service", () => {
  const lost = (name: string) => ({ name, image: `lost${ZEROS}` });
  const podSpec = {
    containers: [{ name: "ingest", image: "ingest" }, lost("c")],
    initContainers: [lost("a")],
    ephemeralContainers: [lost("d")],
  };
  const job = workload("Job", "migrate", { containers: [{ name: "migrate", image: `ingest${ZEROS}` }] });
  assert.throws(
    () => sortManifests(ring(podSpec, undefined, [job]), release, RING),
    new RegExp(
      [
        "^the manifests do not fit the release \\[bad-manifest\\]:",
        ...["a", "c", "d"].map(
          (name) => `  Deployment ingest: no service of the release has the image of container ${name}: lost${ZEROS}`,
        ),
        `  Job migrate: no service of the release has the image of container migrate: ingest${ZEROS}`,
        "  where: ",
      ].join("\n"),
    ),
  );
});

images("are compared by registry and repository", () => {
  const same: readonly (readonly [string, string])[] = [
    ["a", "docker.io/library/a"],
    ["a:1", "docker.io/library/a"],
    ["docker.io/a", "docker.io/library/a"],
    ["acme/a@sha256:1", "docker.io/acme/a"],
    ["localhost/a:1", "localhost/a"],
    ["r.example:5000/a/b:1@sha256:2", "r.example:5000/a/b"],
    ["[::1]:5000/a:1", "[::1]:5000/a"],
  ];
  for (const [image, repository] of same) assert.is(repositoryOf(image), repository, image);
});

images.run();
