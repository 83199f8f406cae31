/** Releases that bring other settings: who reads what, and when what everybody shares is written. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import type { DeployRequest } from "../../../../ci/src/rollout/request.ts";
import { step } from "../../../../ci/src/rollout/step.ts";
import { deployOf, type Manners, manifestObjects, POLICY, RING, ROLLBACK, releaseOf } from "./fixtures.ts";
import { headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { expectDone } from "./scenarios.ts";
import { listOrphans } from "./watch-reads.ts";

const settings = suite("what a release brings besides images");

let runs = 0;

function run(world: World, request: ConstructorParameters<typeof ModelDeployer>[0]) {
  runs += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `run-${runs}` }));
}

function ringWith(numbers: readonly number[], manners: Record<number, Manners> = {}): World {
  const world: World = {
    cluster: new ModelCluster(),
    watcher: new Watcher(POLICY),
    manners: new Map(Object.entries(manners).map(([number, one]) => [releaseOf(Number(number)).id, one])),
  };
  for (const number of numbers) expectDone(run(world, deployOf(releaseOf(number))), "live");
  world.cluster.writes = [];
  return world;
}

function copiesIn({ cluster }: World): string[] {
  return [...cluster.list("ConfigMap"), ...cluster.list("Secret")]
    .filter(({ metadata }) => metadata.labels?.["slipway.dev/record"] === "copy")
    .map((object) => {
      const { commit } = (object["data"] ?? object["stringData"]) as { commit: string };
      return `${object.metadata.annotations?.["slipway.dev/original"]} of ${Number.parseInt(commit, 16)}`;
    })
    .sort();
}

/** A part of an object, by default its `spec`. */
function specOf({ cluster }: Pick<World, "cluster">, kind: string, name: string, part = "spec") {
  return (cluster.get(kind, name)?.[part] ?? {}) as Record<string, unknown>;
}

/** A deploy whose manifests are changed. */
function changed(number: number, change: (objects: KubeObject[]) => KubeObject[]): DeployRequest {
  const release = releaseOf(number);
  return deployOf(release, { manifests: sortManifests(change(manifestObjects(release)), release, RING) });
}

function withData(kind: string, name: string, data: Record<string, string>) {
  return (objects: KubeObject[]) =>
    objects.map((object) => (object.kind === kind && object.metadata.name === name ? { ...object, data } : object));
}

settings("are kept of what serves and of what can be gone back to, and of nothing else", () => {
  const world = ringWith([1]);
  assert.equal(copiesIn(world), ["key of 1", "settings of 1"]);
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.equal(copiesIn(world), ["key of 1", "key of 2", "settings of 1", "settings of 2"]);
  expectDone(run(world, deployOf(releaseOf(3))), "live");
  assert.equal(copiesIn(world), ["key of 2", "key of 3", "settings of 2", "settings of 3"]);
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.equal(copiesIn(world), ["key of 2", "settings of 2"]);
});

for (const manners of [{ smoke: "fails" }, { probe: "fails" }, { bake: "fails" }] as const) {
  settings(`of a release that is refused (${Object.keys(manners)[0]}) go with it`, () => {
    const world = ringWith([1], { 2: manners });
    const shared = () =>
      JSON.stringify([world.cluster.get("ConfigMap", "broker"), world.cluster.get("StatefulSet", "kafka")]);
    const before = shared();
    expectDone(run(world, deployOf(releaseOf(2))), "failed");
    assert.equal(copiesIn(world), ["key of 1", "settings of 1"]);
    assert.is(shared(), before, "what everybody shares was never written");
  });
}

settings("that two releases have in common are claimed by the second, so that no late deleter takes them", () => {
  const world = ringWith([1], { 2: { bake: "fails" } });
  expectDone(run(world, deployOf(releaseOf(2))), "failed");
  const [settingsOf1 = ""] = world.cluster
    .list("ConfigMap")
    .flatMap(({ metadata }) => (metadata.name.startsWith("settings-") ? [metadata.name] : []));
  const before = world.cluster.get("ConfigMap", settingsOf1);
  // The same content under a newer commit: the release after next reads what the live one reads.
  const again = changed(3, (objects) => [
    ...objects.filter(({ metadata }) => metadata.name !== "settings" && metadata.name !== "key"),
    ...manifestObjects(releaseOf(1)).filter(({ metadata }) => metadata.name === "settings" || metadata.name === "key"),
  ]);
  world.watcher.forgetReads();
  expectDone(run(world, again), "live");
  assert.ok(world.cluster.writes.includes(`claim ConfigMap ${settingsOf1}`), world.cluster.writes.join("\n"));
  const late = {
    purpose: "delete-copy",
    summary: "delete",
    call: "delete",
    manager: "slipway",
    target: { kind: "ConfigMap", name: settingsOf1 },
    resourceVersion: String(before?.metadata["resourceVersion"]),
  } as const;
  assert.is(world.cluster.execute(late), "Conflict");
  assert.ok(world.cluster.get("ConfigMap", settingsOf1) !== undefined);
});

settings("that turn up after a run let go, and did not hear that it had, are left to the next one", () => {
  const world = ringWith([]);
  const deployer = new ModelDeployer(deployOf(releaseOf(1)), { id: "run-that-ends" });
  expectDone(runDeployer(world, deployer), "live");
  const [object] = world.cluster.list("ConfigMap").filter(({ metadata }) => metadata.name.startsWith("settings-"));
  if (object === undefined) throw new Error("there is no copy");
  const late: KubeObject = { ...object, metadata: { ...object.metadata, name: "settings-0123456789" } };
  world.cluster.execute({ purpose: "create-copy", summary: "", call: "create", manager: "slipway", object: late });
  const { ending, ...unaware } = deployer.run;
  assert.is(ending?.kind, "done");
  assert.equal(step({ ...deployer.input(world.cluster), run: unaware }), ending);
  expectDone(run(world, deployOf(releaseOf(1))), "live");
  assert.is(world.cluster.get("ConfigMap", "settings-0123456789"), undefined);
});

settings("are left where Slipway did not make them", () => {
  const world = ringWith([1]);
  const foreign: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings-0123456789", labels: { "slipway.dev/ring": RING } },
    data: { commit: "0" },
  };
  world.cluster.execute({ purpose: "create-copy", summary: "", call: "create", manager: "slipway", object: foreign });
  for (const number of [2, 3]) expectDone(run(world, deployOf(releaseOf(number))), "live");
  assert.ok(world.cluster.get("ConfigMap", "settings-0123456789") !== undefined);
  assert.equal(listOrphans(world.cluster, headOf(world.cluster)), []);
});

settings("are refused before anything is written where somebody else has taken their name", () => {
  const world = ringWith([1]);
  const request = deployOf(releaseOf(2));
  const [copy] = request.manifests.copies["ingest"] ?? [];
  assert.ok(copy !== undefined);
  if (copy === undefined) return;
  const { labels: _, ...metadata } = copy.metadata;
  world.cluster.execute({
    purpose: "create-copy",
    summary: "",
    call: "create",
    manager: "slipway",
    object: { ...copy, metadata },
  });
  world.cluster.writes = [];
  const ended = run(world, request);
  assert.is(
    ended.kind === "blocked" && ended.message,
    `ring canary has objects that Slipway did not make, under names that it gives: ConfigMap/${copy.metadata.name} [drift]
  where: ring canary
  to do: find out who made them (kubectl get -o yaml --show-managed-fields), and remove or rename them`,
  );
  assert.equal(world.cluster.writes, []);
});

settings("that changed without a new release are not passed over in silence", () => {
  const world = ringWith([1]);
  const ended = run(world, changed(1, withData("ConfigMap", "settings", { commit: "other" })));
  assert.is(
    ended.kind === "blocked" && ended.message,
    `r-35caabec (commit 0000000) is live in ring canary, but was deployed with other manifests: those of ingest, processor differ, or the copies that their pods read, or their number [same-release]
  where: ring canary, manifests of ingest, processor
  to do: commit the change, make a release of that commit, and deploy it: a deploy never changes a live colour`,
  );
  assert.equal(world.cluster.writes, []);
});

settings("that the live pods read and somebody has deleted are told", () => {
  const world = ringWith([1]);
  const request = deployOf(releaseOf(1));
  const [copy] = request.manifests.copies["ingest"] ?? [];
  world.cluster.remove("ConfigMap", copy?.metadata.name ?? "");
  world.watcher.forgetReads();
  const ended = run(world, request);
  assert.is(
    ended.kind === "blocked" && ended.message,
    `ring canary is not as r-35caabec (commit 0000000) left it [drift]:
    ConfigMap ${copy?.metadata.name} is gone, but the pods of Deployment ingest-blue read it
    ConfigMap ${copy?.metadata.name} is gone, but the pods of Deployment processor-blue read it
  where: ring canary
  to do: put it back by hand, or deploy another release: a deploy never changes the live colour`,
  );
});

settings("that everybody shares are brought up to date by the live release's own deploy", () => {
  const world = ringWith([1, 2]);
  expectDone(run(world, ROLLBACK), "rolled-back");
  const commit = () => specOf(world, "ConfigMap", "broker", "data")["commit"];
  assert.is(commit(), releaseOf(2).commit, "a rollback leaves them");
  world.cluster.writes = [];
  expectDone(run(world, deployOf(releaseOf(1))), "live");
  assert.is(commit(), releaseOf(1).commit);
  assert.equal(world.cluster.writes, ["take the ring (lease)", "apply ConfigMap broker", "give up the ring (lease)"]);
});

settings("that are new are there before the candidate, those that are known only after the bake", () => {
  const world = ringWith([1]);
  const policy: KubeObject = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "new" } };
  expectDone(
    run(
      world,
      changed(2, (objects) => [...objects, policy]),
    ),
    "live",
  );
  const at = (line: string) => world.cluster.writes.findIndex((write) => write.startsWith(line));
  assert.ok(at("apply NetworkPolicy new") < at("create Deployment ingest-green"));
  assert.ok(at("apply ConfigMap broker") > at("record BAKING -> COMMITTING"));
  assert.ok(at("apply ConfigMap broker") < at("scale Deployment ingest-blue to 0"));
});

function withPort(number: number, targetPort: number) {
  return changed(number, (objects) =>
    objects.map((object) =>
      object.kind === "Service" && object.metadata.name === "ingest"
        ? { ...object, spec: { ports: [{ port: 8080, targetPort, nodePort: 30_000 }] } }
        : object,
    ),
  );
}

const portsOf = (world: World, name: string) => specOf(world, "Service", name)["ports"];

for (const [whose, kind, name, path, theirs] of [
  ["everybody shares", "ConfigMap", "broker", "/data/commit", "theirs"],
  ["the idle colour has", "Service", "ingest-blue", "/spec/ports", [{ port: 8080, targetPort: 1 }]],
] as const) {
  settings(`that ${whose} and another manager owns by now are not taken back`, () => {
    const world = ringWith([]);
    for (const number of [1, 2]) expectDone(run(world, withPort(number, 8080)), "live");
    const patch = [{ op: "replace", path, value: theirs }] as const;
    const target = { kind, name };
    world.cluster.execute({ purpose: "claim", summary: "", call: "patch", manager: "slipway-switch", target, patch });
    const before = world.cluster.get(kind, name);
    // The model asks again for ever, where the real cluster's words end the command.
    assert.throws(() => run(world, withPort(3, 9090)), /^no end after /);
    assert.equal(world.cluster.get(kind, name), before);
  });
}

settings("of the live Service, its ports, move with the switch and with the way back", () => {
  const world = ringWith([], { 2: { bake: "fails" } });
  expectDone(run(world, withPort(1, 8080)), "live");
  const old = [{ port: 8080, targetPort: 8080, nodePort: 30_000 }];
  const fresh = [{ port: 8080, targetPort: 9090, nodePort: 30_000 }];
  const seen: string[] = [];
  runs += 1;
  const ended = runDeployer(
    world,
    new ModelDeployer(withPort(2, 9090), { id: `run-${runs}` }),
    ({ cluster, summary, when }) => {
      const { selector, ports } = specOf({ cluster }, "Service", "ingest");
      const colour = (selector as Record<string, string>)["slipway.dev/colour"];
      assert.equal(ports, colour === "green" ? fresh : old, summary);
      if (when === "after" && summary.startsWith("switch Service ingest")) seen.push(`${colour}`);
    },
  );
  expectDone(ended, "failed");
  assert.equal(seen, ["green", "blue"]);
  assert.equal(portsOf(world, "ingest-blue"), [{ port: 8080, targetPort: 8080 }]);
  expectDone(run(world, withPort(3, 9090)), "live");
  assert.equal(portsOf(world, "ingest"), fresh);
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.equal(portsOf(world, "ingest"), old);
});

settings.run();
