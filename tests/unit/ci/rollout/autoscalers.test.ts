/** Services whose number of pods an autoscaler decides. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { listWrites, planVerb } from "../../../../ci/src/rollout/plan.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { type Fields, specOf, withSpec } from "./autoscaler-fields.ts";
import {
  AUTOSCALER,
  autoscaledDeployOf,
  deployOf,
  type Manners,
  manifestObjects,
  POLICY,
  RING,
  ROLLBACK,
  releaseOf,
} from "./fixtures.ts";
import { Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { expectDone } from "./scenarios.ts";

const scaling = suite("a ring with autoscalers");

let runs = 0;

function run(world: World, request: Request) {
  runs += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `run-${runs}` }));
}

/** A ring with release 1, whose ingest needs `pods`. */
function ringThatNeeds(pods: number, manners: Manners = {}): World {
  const cluster = new ModelCluster();
  cluster.needs.set("ingest", pods);
  const world: World = {
    cluster,
    watcher: new Watcher(POLICY),
    manners: new Map([[releaseOf(2).id, manners]]),
  };
  expectDone(run(world, autoscaledDeployOf(releaseOf(1))), "live");
  settle(world);
  return world;
}

function settle({ cluster }: World): void {
  for (let ticks = 0; ticks < 8; ticks += 1) cluster.tick();
  cluster.writes = [];
}

const podsOf = ({ cluster }: World, name: string) => specOf(cluster.get("Deployment", name))["replicas"];

scaling("takes any number within the bounds, and the candidate comes up with as many as serve", () => {
  const world = ringThatNeeds(5);
  assert.is(podsOf(world, "ingest-blue"), 5);
  expectDone(run(world, autoscaledDeployOf(releaseOf(2))), "live");
  const { writes } = world.cluster;
  assert.ok(writes.includes("scale Deployment ingest-green to 5"), writes.join("\n"));
  assert.ok(writes.includes("scale Deployment processor-green to 2"));
  assert.equal(
    writes.filter((write) => write.includes("HorizontalPodAutoscaler")),
    [
      "apply HorizontalPodAutoscaler ingest-green, which removes no pods yet",
      "let HorizontalPodAutoscaler ingest-blue remove no pods",
      "let HorizontalPodAutoscaler ingest-green remove pods again",
    ],
  );
  settle(world);
  assert.equal([podsOf(world, "ingest-green"), podsOf(world, "ingest-blue")], [5, 0]);
  const choiceOf = (name: string) => {
    const behaviour = specOf(world.cluster.get("HorizontalPodAutoscaler", name))["behavior"];
    return (behaviour as { scaleDown: { selectPolicy: string } }).scaleDown.selectPolicy;
  };
  assert.equal([choiceOf("ingest-green"), choiceOf("ingest-blue")], ["Max", "Disabled"]);
  assert.equal(run(world, autoscaledDeployOf(releaseOf(2))).kind, "done");
  assert.equal(world.cluster.writes, [], "a second run writes nothing");
});

scaling("leaves the number of pods to the autoscaler, which is its owner from then on", () => {
  const world = ringThatNeeds(5);
  const owners = () => world.cluster.ownersOf("Deployment", "ingest-blue", ["spec", "replicas"].join("\u0000"));
  assert.equal(owners(), ["autoscaler/Update"]);
  expectDone(run(world, autoscaledDeployOf(releaseOf(2))), "live");
  assert.equal(owners(), ["slipway-scale/Update"]);
});

scaling("gives a candidate no more than its own autoscaler lets it have", () => {
  const world = ringThatNeeds(6);
  const manifests = sortManifests([...manifestObjects(releaseOf(2)), withSpec({ maxReplicas: 4 })], releaseOf(2), RING);
  const request = deployOf(releaseOf(2), { manifests });
  const plan = planVerb(world.cluster.items(), new ModelDeployer(request).input(world.cluster));
  assert.ok(listWrites(plan).includes("scale Deployment ingest-green to 4"), listWrites(plan).join("\n"));
});

scaling("lets the autoscaler take pods away when the release serves, and only then", () => {
  const world = ringThatNeeds(5);
  expectDone(run(world, autoscaledDeployOf(releaseOf(2))), "live");
  world.cluster.needs.set("ingest", 1);
  settle(world);
  assert.is(podsOf(world, "ingest-green"), 2);
});

scaling("writes an autoscaler only in the version that was read, and holds one anew that was let go", () => {
  const world = ringThatNeeds(5, { bake: "fails" });
  const plan = planVerb(
    world.cluster.items(),
    new ModelDeployer(autoscaledDeployOf(releaseOf(2))).input(world.cluster),
  );
  const patches = plan.lines.flatMap((line) =>
    line.kind === "write" && (line.action.purpose === "hold-pods" || line.action.purpose === "release-pods")
      ? [line.action.call === "patch" ? line.action.patch[0] : undefined]
      : [],
  );
  assert.equal(
    patches.map((first) => [first?.op, first?.path]),
    Array(2).fill(["test", "/metadata/resourceVersion"]),
  );
  expectDone(run(world, autoscaledDeployOf(releaseOf(2))), "failed");
  world.cluster.writes = [];
  expectDone(run(world, autoscaledDeployOf(releaseOf(3))), "live");
  assert.ok(world.cluster.writes.includes("apply HorizontalPodAutoscaler ingest-green, which removes no pods yet"));
});

scaling("goes back to as many pods as there were, at once and after the end", () => {
  const failing = ringThatNeeds(5, { bake: "fails" });
  expectDone(run(failing, autoscaledDeployOf(releaseOf(2))), "failed");
  settle(failing);
  assert.equal([podsOf(failing, "ingest-blue"), podsOf(failing, "ingest-green")], [5, 0]);
  const later = ringThatNeeds(5);
  expectDone(run(later, autoscaledDeployOf(releaseOf(2))), "live");
  expectDone(run(later, ROLLBACK), "rolled-back");
  assert.ok(later.cluster.writes.includes("scale Deployment ingest-blue to 5"));
  later.cluster.needs.set("ingest", 1);
  settle(later);
  assert.equal([podsOf(later, "ingest-blue"), podsOf(later, "ingest-green")], [2, 0]);
});

scaling("loses the autoscaler with the release that has none any more", () => {
  const world = ringThatNeeds(2);
  for (const number of [2, 3]) expectDone(run(world, deployOf(releaseOf(number))), "live");
  assert.ok(world.cluster.writes.includes("delete HorizontalPodAutoscaler ingest-blue"));
  assert.is(world.cluster.get("HorizontalPodAutoscaler", "ingest-blue"), undefined);
  assert.is(podsOf(world, "ingest-blue"), 2);
});

scaling("follows what serves when that grows while the candidate comes up, within the same plan", () => {
  const world = ringThatNeeds(3);
  const request = autoscaledDeployOf(releaseOf(2));
  const started = new ModelDeployer(request, { id: "planner" });
  const plan = planVerb(world.cluster.items(), started.input(world.cluster));
  runs += 1;
  const deployer = new ModelDeployer(request, { id: `run-${runs}`, plan });
  const ended = runDeployer(world, deployer, ({ when, summary }) => {
    if (when === "after" && summary.startsWith("scale Deployment processor-green"))
      world.cluster.needs.set("ingest", 6);
  });
  expectDone(ended, "live");
  assert.ok(world.cluster.writes.includes("scale Deployment ingest-green to 3"));
  assert.ok(world.cluster.writes.includes("scale Deployment ingest-green to 6"), world.cluster.writes.join("\n"));
});

scaling("that somebody scaled up by hand is no reason to refuse a release", () => {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
  expectDone(run(world, deployOf(releaseOf(1))), "live");
  const byHand = (name: string) =>
    world.cluster.meddle("Deployment", name, (object) => {
      (object["spec"] as Fields)["replicas"] = 5;
    });
  byHand("ingest-blue");
  runs += 1;
  const ended = runDeployer(
    world,
    new ModelDeployer(deployOf(releaseOf(2)), { id: `run-${runs}` }),
    ({ when, summary }) => {
      if (when === "after" && summary.startsWith("record: switched")) byHand("ingest-green");
    },
  );
  expectDone(ended, "live");
  assert.is(podsOf(world, "ingest-green"), 5);
});

function foreign(name: string, spec: Fields = {}, metadata: Fields = {}): KubeObject {
  return {
    ...AUTOSCALER,
    metadata: { name, ...metadata },
    spec: { ...specOf(AUTOSCALER), scaleTargetRef: { kind: "Deployment", name: "ingest-green" }, ...spec },
  };
}

function ringWith(...objects: KubeObject[]): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
  expectDone(run(world, deployOf(releaseOf(1))), "live");
  for (const object of objects)
    world.cluster.execute({ purpose: "create-copy", summary: "", call: "create", manager: "slipway", object });
  world.cluster.writes = [];
  return world;
}

scaling("takes an autoscaler of somebody else for a colour at its word, and leaves it alone", () => {
  const world = ringWith(foreign("theirs", { minReplicas: 3, maxReplicas: 4 }));
  const before = JSON.stringify(world.cluster.get("HorizontalPodAutoscaler", "theirs"));
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.is(podsOf(world, "ingest-green"), 3);
  assert.is(JSON.stringify(world.cluster.get("HorizontalPodAutoscaler", "theirs")), before);
});

const ADVICE = `
  where: ring canary
  to do: remove them, and put one HorizontalPodAutoscaler for each service into the manifests: each colour gets its own`;

const RIVALS: readonly (readonly [string, readonly KubeObject[], Request, readonly string[]])[] = [
  [
    "beside the manifests' own",
    [foreign("theirs")],
    autoscaledDeployOf(releaseOf(2)),
    ["HorizontalPodAutoscaler theirs is about Deployment ingest-green, for which the manifests also have one"],
  ],
  [
    "two for one colour",
    [foreign("a"), foreign("b")],
    deployOf(releaseOf(2)),
    [
      "HorizontalPodAutoscaler a is about Deployment ingest-green, and it is not the only one",
      "HorizontalPodAutoscaler b is about Deployment ingest-green, and it is not the only one",
    ],
  ],
  [
    "KEDA's",
    [foreign("keda-hpa-queue", {}, { ownerReferences: [{ kind: "ScaledObject", name: "queue" }] })],
    deployOf(releaseOf(2)),
    [
      "HorizontalPodAutoscaler keda-hpa-queue (made by ScaledObject queue) is about Deployment ingest-green: it would start pods of an idle colour again",
    ],
  ],
  [
    "from 0 on",
    [foreign("theirs", { minReplicas: 0 })],
    deployOf(releaseOf(2)),
    [
      "HorizontalPodAutoscaler theirs is about Deployment ingest-green with minReplicas 0: it would start pods of an idle colour again",
    ],
  ],
  [
    "under the name of the colour's own",
    [foreign("ingest-green", { scaleTargetRef: { kind: "Deployment", name: "elsewhere" } })],
    autoscaledDeployOf(releaseOf(2)),
    ["HorizontalPodAutoscaler ingest-green is not Slipway's, but has the name that it gives"],
  ],
];

for (const [name, objects, request, problems] of RIVALS) {
  scaling(`refuses autoscalers of others before anything is written: ${name}`, () => {
    const world = ringWith(...objects);
    const ended = run(world, request);
    assert.is(
      ended.kind === "blocked" && ended.message,
      `ring canary has autoscalers that Slipway cannot work with [drift]:\n    ${problems.join("\n    ")}${ADVICE}`,
    );
    assert.equal(world.cluster.writes, []);
  });
}
scaling.run();
