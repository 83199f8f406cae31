/** Services whose Deployment, Service and container have other names than the service. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlipwayError } from "../../../../ci/src/account.ts";
import { entries, fields } from "../../../../ci/src/input/fields.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { podSpecOf } from "../../../../ci/src/rollout/own-images.ts";
import type { Release } from "../../../../ci/src/rollout/release.ts";
import type { DeployRequest, Request } from "../../../../ci/src/rollout/request.ts";
import { AUTOSCALER, deployOf, type Manners, manifestObjects, POLICY, RING, ROLLBACK, releaseOf } from "./fixtures.ts";
import { eventsOf, headOf, type Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type World, worldAt } from "./model-deployer.ts";
import { collectStops, expectDone, tellStop, withPlace } from "./scenarios.ts";

const DEPLOYMENTS = { ingest: "acme-ingest-api" };

/** The watcher of rings looks for services by their own names. */
const BLIND = { watch: () => undefined, copy: () => BLIND } as unknown as Watcher;

/** The ring's manifests, in which ingest is Deployment acme-ingest-api with container app, behind Service acme-ingest. */
function renamedObjects(release: Release): KubeObject[] {
  return manifestObjects(release).map((object) => {
    if (object.metadata.name !== "ingest") return object;
    const text = JSON.stringify(object)
      .replace(
        '"metadata":{"name":"ingest"}',
        `"metadata":{"name":"${object.kind === "Deployment" ? "acme-ingest-api" : "acme-ingest"}"}`,
      )
      .replace('{"name":"ingest","image"', '{"name":"app","image"');
    return JSON.parse(text) as KubeObject;
  });
}

function renamedDeployOf(release: Release, more: readonly KubeObject[] = []): DeployRequest {
  return deployOf(release, {
    manifests: sortManifests([...renamedObjects(release), ...more], release, RING, DEPLOYMENTS),
  });
}

let number = 0;
function run(world: World, request: Request): Ended {
  number += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `names-${number}`, policy: POLICY }));
}

function ringWith(numbers: readonly number[], manners: ReadonlyMap<string, Manners> = new Map()): World {
  const world: World = { cluster: new ModelCluster(), watcher: BLIND, manners };
  for (const one of numbers) expectDone(run(world, renamedDeployOf(releaseOf(one))), "live");
  world.cluster.writes = [];
  return world;
}

/** What serves, who selects it and how many pods each Deployment has. */
function stateOf({ cluster }: World): unknown {
  const live = headOf(cluster)?.live;
  const specs = (kind: string) =>
    cluster.list(kind).map(({ metadata, spec }) => [metadata.name, spec as Record<string, unknown>] as const);
  return {
    live: live?.release.commit,
    names: live?.names,
    pods: specs("Deployment")
      .map(([name, { replicas }]) => `${name} ${replicas}`)
      .sort(),
    selectors: specs("Service")
      .map(([name, { selector }]) => `${name} ${JSON.stringify(selector)}`)
      .sort(),
  };
}

const names = suite("a service whose parts have other names");

names("gets its colours under the name of its Deployment, and its own Services under that of its Service", () => {
  const world = ringWith([1]);
  assert.equal(stateOf(world), {
    live: releaseOf(1).commit,
    names: { ingest: { deployment: "acme-ingest-api", service: "acme-ingest", container: "app" } },
    pods: ["acme-ingest-api-blue 2", "processor-blue 2"],
    selectors: [
      'acme-ingest {"app.kubernetes.io/name":"ingest","slipway.dev/colour":"blue"}',
      'acme-ingest-blue {"app.kubernetes.io/name":"ingest","slipway.dev/colour":"blue"}',
      'acme-ingest-green {"app.kubernetes.io/name":"ingest","slipway.dev/colour":"green"}',
      'processor {"app.kubernetes.io/name":"processor","slipway.dev/colour":"blue"}',
      'processor-blue {"app.kubernetes.io/name":"processor","slipway.dev/colour":"blue"}',
      'processor-green {"app.kubernetes.io/name":"processor","slipway.dev/colour":"green"}',
    ],
  });
  const made = world.cluster.get("Deployment", "acme-ingest-api-blue");
  const containers = entries(podSpecOf(made)["containers"]).map(fields);
  assert.equal(
    containers.map(({ name, image, env }) => [
      name,
      String(image).split(":")[1],
      entries(env).map((one) => fields(one)["name"]),
    ]),
    [
      [
        "app",
        releaseOf(1).services["ingest"]?.digest.slice(7),
        ["A", "SLIPWAY_RING", "SLIPWAY_COLOUR", "SLIPWAY_RELEASE"],
      ],
    ],
  );
  assert.is(run(world, renamedDeployOf(releaseOf(1))).kind, "done");
  assert.equal(world.cluster.writes, []);
});

names("moves to the next release and back, and says the names that the cluster has", () => {
  const world = ringWith([1, 2]);
  const before = stateOf(world);
  expectDone(run(world, renamedDeployOf(releaseOf(3))), "live");
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.equal(stateOf(world), before);
  assert.equal(
    eventsOf(world.cluster)
      .map(({ kind }) => kind)
      .slice(-2),
    ["committed", "rolled-back"],
  );
  assert.ok(world.cluster.writes.includes("switch Service acme-ingest to green"));
  assert.ok(world.cluster.writes.includes("scale Deployment acme-ingest-api-blue to 2"));
});

names("is judged by its own container, and named in the report as the cluster names it", () => {
  const world = ringWith([1]);
  const release = releaseOf(2);
  world.cluster.behaviours.set(release.services["ingest"]?.digest ?? "", "never-ready");
  const ended = run(world, renamedDeployOf(release));
  assert.match(
    ended.kind === "done" ? ended.report : "",
    /Deployment acme-ingest-api-green: 0 of 2 pods available, 2 updated, 2 in all/,
  );
});

for (const bake of [undefined, "fails"] as const)
  names(
    `comes to the same end wherever the deployer is killed${bake === undefined ? "" : ", also when it fails"}`,
    () => {
      const release = releaseOf(2);
      const world = ringWith([1], new Map([[release.id, bake === undefined ? {} : { bake }]]));
      const { ended, stops } = collectStops(world, new ModelDeployer(renamedDeployOf(release), { id: "first" }));
      expectDone(ended, bake === undefined ? "live" : "failed");
      const expected = stateOf(world);
      assert.ok(stops.length > 40, String(stops.length));
      for (const stop of stops)
        withPlace(tellStop(stop), () => {
          const after = worldAt(stop, world.manners);
          run(after, renamedDeployOf(release));
          assert.equal(stateOf(after), expected);
          after.cluster.writes = [];
          if (bake === undefined) {
            run(after, renamedDeployOf(release));
            assert.equal(after.cluster.writes, []);
          }
        });
    },
  );

names("has its autoscaler found by the name of its Deployment", () => {
  const spec = { ...(AUTOSCALER["spec"] as object), scaleTargetRef: { kind: "Deployment", name: "acme-ingest-api" } };
  const world = ringWith([]);
  expectDone(run(world, renamedDeployOf(releaseOf(1), [{ ...AUTOSCALER, spec }])), "live");
  const [made] = world.cluster.list("HorizontalPodAutoscaler");
  assert.is(made?.metadata.name, "ingest-blue");
  assert.match(JSON.stringify(made), /"scaleTargetRef":\{[^}]*"name":"acme-ingest-api-blue"/);
});

/** The autoscaler of ingest, for its Deployment of the other name. */
const SCALED: KubeObject = {
  ...AUTOSCALER,
  spec: { ...fields(AUTOSCALER["spec"]), scaleTargetRef: { kind: "Deployment", name: "acme-ingest-api" } },
};

names("comes up with as many pods as serve, where its autoscaler decides", () => {
  const world = ringWith([]);
  expectDone(run(world, renamedDeployOf(releaseOf(1), [SCALED])), "live");
  world.cluster.meddle("Deployment", "acme-ingest-api-blue", ({ spec }) =>
    Object.assign(spec as object, { replicas: 5 }),
  );
  world.cluster.needs.set("ingest", 5);
  for (let ticks = 0; ticks < 8; ticks += 1) world.cluster.tick();
  expectDone(run(world, renamedDeployOf(releaseOf(2), [SCALED])), "live");
  assert.ok(
    world.cluster.writes.includes("scale Deployment acme-ingest-api-green to 5"),
    world.cluster.writes.join("\n"),
  );
});

names("is not released beside an autoscaler of somebody else for its Deployment", () => {
  const world = ringWith([1]);
  const theirs = { ...SCALED, metadata: { name: "theirs" } };
  world.cluster.execute({
    ...{ purpose: "claim", summary: "theirs", call: "create", manager: "slipway" },
    object: JSON.parse(JSON.stringify(theirs).replace("acme-ingest-api", "acme-ingest-api-blue")) as KubeObject,
  });
  const ended = run(world, renamedDeployOf(releaseOf(2), [SCALED]));
  assert.match(
    ended.kind === "blocked" ? ended.message : "",
    /theirs is about Deployment acme-ingest-api-blue, for which the manifests also have one/,
  );
});

names("has its live Service lead to the ports of the colour that it is switched to", () => {
  const world = ringWith([1]);
  const release = releaseOf(2);
  const objects = renamedObjects(release).map((one) =>
    one.metadata.name === "acme-ingest"
      ? { ...one, spec: { selector: { app: "ingest" }, ports: [{ port: 9090 }] } }
      : one,
  );
  const manifests = sortManifests(objects, release, RING, DEPLOYMENTS);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(release, { manifests }), { id: "first" }));
  const switched = stops.find(
    ({ when, summary }) => when === "after" && summary === "switch Service acme-ingest to green",
  );
  assert.equal(fields(switched?.cluster.get("Service", "acme-ingest")?.["spec"])["ports"], [{ port: 9090 }]);
});

names("is claimed under its own names by the one who takes over", () => {
  const world = ringWith([1]);
  const { stops } = collectStops(world, new ModelDeployer(renamedDeployOf(releaseOf(2)), { id: "first" }));
  const claims = new Set<string>();
  for (const stop of stops) {
    const after = worldAt(stop, world.manners);
    after.cluster.writes = [];
    run(after, renamedDeployOf(releaseOf(2)));
    for (const write of after.cluster.writes)
      if (write.includes("ingest") && /^claim [SD]e/.test(write)) claims.add(write);
  }
  assert.equal([...claims].sort(), [
    "claim Deployment acme-ingest-api-blue",
    "claim Deployment acme-ingest-api-green",
    "claim Service acme-ingest",
  ]);
});

names("has the Service with an address, and the container that is called like its Deployment", () => {
  const objects = renamedObjects(releaseOf(1)).map((one) =>
    one.metadata.name === "acme-ingest-api"
      ? (JSON.parse(
          JSON.stringify(one)
            .replace('"name":"app"', '"name":"acme-ingest-api"')
            .replace('"containers":[', '"containers":[{"name":"proxy","image":"p"},'),
        ) as KubeObject)
      : one,
  );
  const headless: KubeObject = {
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "each" } },
    spec: { clusterIP: "None", selector: { app: "ingest" } },
  };
  const sorted = sortManifests([headless, ...objects], releaseOf(1), RING, DEPLOYMENTS);
  assert.equal(sorted.names["ingest"], {
    deployment: "acme-ingest-api",
    service: "acme-ingest",
    container: "acme-ingest-api",
  });
});

names("has such a Service and container too when its Deployment is called like it", () => {
  const objects = renamedObjects(releaseOf(1)).map((one) =>
    one.kind === "Deployment" && one.metadata.name === "acme-ingest-api"
      ? { ...one, metadata: { ...one.metadata, name: "ingest" } }
      : one,
  );
  const sorted = sortManifests(objects, releaseOf(1), RING);
  assert.equal(sorted.names["ingest"], { deployment: "ingest", service: "acme-ingest", container: "app" });
});

names("of a worker do not depend on how many Services select its pods", () => {
  const release = releaseOf(1, 2, "worker");
  const service = (name: string): KubeObject => ({
    ...{ apiVersion: "v1", kind: "Service", metadata: { name } },
    spec: { selector: { app: "processor" }, ports: [{ port: 9090 }] },
  });
  const sorted = sortManifests([...manifestObjects(release), service("metrics"), service("debug")], release, RING);
  assert.equal(sorted.names["processor"], { deployment: "processor", service: "processor", container: "processor" });
});

names("cannot be given other names while it is live", () => {
  const world = ringWith([1]);
  const ended = run(world, deployOf(releaseOf(2)));
  assert.is(
    ended.kind === "blocked" && ended.message,
    `services of ring canary have other names than when they were released [drift]:
    Deployment acme-ingest-api of ingest is now ingest
    Service acme-ingest of ingest is now ingest
  where: rings.canary.deployments of slipway.yaml, and the manifests of the ring
  to do: keep the names; for other names, add a ring with another namespace`,
  );
  assert.equal(world.cluster.writes, []);
});

/** What the manifests are like, and why they are refused. */
const unclear: readonly (readonly [string, (objects: KubeObject[]) => KubeObject[], string])[] = [
  [
    "without its Deployment",
    (all) => all.filter(({ metadata }) => metadata.name !== "acme-ingest-api"),
    "expected one Deployment acme-ingest-api, found 0",
  ],
  [
    "with two Services for its pods",
    (all) => [
      ...all,
      ...all
        .filter(({ kind, metadata }) => kind === "Service" && metadata.name === "acme-ingest")
        .map((one) => ({ ...one, metadata: { name: "also" } })),
    ],
    "service ingest has several Services for Deployment acme-ingest-api: acme-ingest, also",
  ],
  [
    "with two containers, neither of which is called like it",
    (all) =>
      all.map((one) =>
        one.metadata.name === "acme-ingest-api"
          ? (JSON.parse(
              JSON.stringify(one).replace('"containers":[', '"containers":[{"name":"proxy","image":"p"},'),
            ) as KubeObject)
          : one,
      ),
    "Deployment acme-ingest-api has no container ingest or acme-ingest-api, but proxy, app",
  ],
  [
    "with a name that its colour would have",
    (all) => [...all, { apiVersion: "v1", kind: "Service", metadata: { name: "acme-ingest-green" }, spec: {} }],
    "acme-ingest-green is a name that Slipway itself uses",
  ],
];

for (const [name, change, problem] of unclear)
  names(`is refused ${name}`, () => {
    try {
      sortManifests(change(renamedObjects(releaseOf(1))), releaseOf(1), RING, DEPLOYMENTS);
    } catch (error) {
      assert.instance(error, SlipwayError);
      assert.ok((error as Error).message.includes(`\n  ${problem}\n`), (error as Error).message);
      return;
    }
    assert.unreachable("it was not refused");
  });

names("has the Service of its own name, where there is one, whatever others select its pods", () => {
  const objects = renamedObjects(releaseOf(1)).map((one) =>
    one.metadata.name === "acme-ingest" ? { ...one, metadata: { name: "ingest" } } : one,
  );
  const also: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "also" },
    spec: { selector: { app: "ingest" } },
  };
  const sorted = sortManifests([...objects, also], releaseOf(1), RING, DEPLOYMENTS);
  assert.is(sorted.names["ingest"]?.service, "ingest");
});

names("has its Service switched, also where that is called like a worker of the release", () => {
  const release = releaseOf(1, 3, "worker");
  const objects = renamedObjects(release).map((one) =>
    one.metadata.name === "acme-ingest" ? { ...one, metadata: { name: "dashboard" } } : one,
  );
  const { base } = sortManifests(objects, release, RING, DEPLOYMENTS);
  assert.equal(
    base
      .filter(({ kind, metadata }) => kind === "Service" && metadata.name.startsWith("dashboard"))
      .map(({ metadata, spec }) => [metadata.name, fields(fields(spec)["selector"])["app.kubernetes.io/name"]]),
    [
      ["dashboard", undefined],
      ["dashboard-blue", "ingest"],
      ["dashboard-green", "ingest"],
    ],
  );
});

names.run();
