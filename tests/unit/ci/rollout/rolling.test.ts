/** A ring whose Deployments are changed in place: what is refused, what is written, what is left alone. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { listWrites, planVerb } from "../../../../ci/src/rollout/plan.ts";
import { nameRelease, type Release, tellRelease } from "../../../../ci/src/rollout/release.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { findOwnersOf } from "../../../../ci/src/rollout/rolling/owners.ts";
import { findDeploymentOf } from "../../../../ci/src/rollout/rolling/pods.ts";
import {
  AUTOSCALER,
  deployOf,
  foundObjects,
  manifestObjects,
  POLICY,
  RING,
  ROLLBACK,
  ROLLING,
  releaseOf,
  rollingDeployOf,
} from "./fixtures.ts";
import { headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type World } from "./model-deployer.ts";

const rolling = suite("a ring whose Deployments are changed in place");

/** What kubectl has made of it, with pods that are up. */
function found(more: readonly KubeObject[] = []): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(ROLLING), manners: new Map() };
  for (const object of [...foundObjects(releaseOf(1)), ...more])
    world.cluster.execute({ purpose: "apply-base", summary: "", call: "create", manager: "slipway", object });
  for (let ticks = 0; ticks < 8; ticks += 1) world.cluster.tick();
  world.cluster.writes = [];
  return world;
}

let runs = 0;

function run(world: World, request: Request, policy = ROLLING): Ended {
  runs += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `run-${runs}`, policy }));
}

function tell(ended: Ended): string {
  return ended.kind === "done" ? `${ended.outcome}: ${ended.report}` : ended.message;
}

/** What is wrong with manifests of such a ring. */
function rollingProblems(release: Release, objects = manifestObjects(release)): string {
  try {
    sortManifests(objects, release, RING, {}, "rolling");
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function specOf(world: World, name: string): { replicas: number; selector: unknown; template: unknown } {
  return world.cluster.get("Deployment", name)?.["spec"] as never;
}

function manage(world: World, kind: string, name: string, manager: string, part: string): void {
  world.cluster.meddle(kind, name, (object) => {
    const metadata = object["metadata"] as Record<string, unknown>;
    const fieldsV1 = { "f:spec": { [part]: {} } };
    metadata["managedFields"] = [{ manager, operation: "Update", fieldsV1 }];
  });
}

rolling("is planned in the order in which it is written, and the plan is kept to", () => {
  const world = found();
  const request = rollingDeployOf(releaseOf(2));
  const input = { nowMs: world.cluster.nowMs, ring: RING, policy: ROLLING, request };
  const plan = planVerb(world.cluster.items(), { ...input, run: { id: "p", actor: "p", epoch: null } });
  const ended = runDeployer(world, new ModelDeployer(request, { id: "planned", policy: ROLLING, plan }));
  assert.is(ended.kind === "done" && ended.outcome, "live", tell(ended));
  assert.equal(world.cluster.writes, listWrites(plan));
  const ids = /r-[0-9a-f]{8}|(?<=manifest )[0-9a-f]{8}|(?<=-)[0-9a-f]{10}$/g;
  assert.equal(
    listWrites(plan).map((line) => line.replaceAll(ids, "#")),
    [
      "take the ring (lease)",
      "record STABLE -> PREPARED (started # (commit 0000000))",
      "record: started # (commit 0000000)",
      "create ConfigMap settings-#",
      "create Secret key-#",
      "keep what Deployment ingest is",
      "keep what Deployment processor is",
      "record PREPARED -> ROLLING",
      "change Deployment ingest to # (commit 0000000), manifest #",
      "change Deployment processor to # (commit 0000000), manifest #",
      "record ROLLING -> BAKING (switched # (commit 0000000))",
      "record: switched # (commit 0000000)",
      "record BAKING -> COMMITTING",
      "apply ServiceAccount product, ConfigMap broker, StatefulSet kafka, Service ingest, Service processor",
      "record COMMITTING -> STABLE (committed # (commit 0000000))",
      "record: committed # (commit 0000000)",
      "give up the ring (lease)",
    ],
  );
});

rolling("keeps the number of its pods, its selectors and its names, and gets no colours", () => {
  const world = found();
  const before = specOf(world, "ingest");
  assert.match(tell(run(world, rollingDeployOf(releaseOf(2)))), /^live: /);
  assert.is(specOf(world, "ingest").replicas, 3);
  assert.equal(specOf(world, "ingest").selector, before.selector);
  assert.equal(
    world.cluster.list("Deployment").map(({ metadata }) => metadata.name),
    ["ingest", "processor"],
  );
  assert.equal(headOf(world.cluster)?.live?.colours, {});
});

rolling("goes back to what was found, and then nothing of Slipway's is live", () => {
  const world = found();
  const before = specOf(world, "ingest");
  run(world, rollingDeployOf(releaseOf(2)));
  assert.match(tell(run(world, ROLLBACK)), /^rolled-back: nothing is live in ring canary; /);
  assert.equal(specOf(world, "ingest").template, before.template);
  assert.is(headOf(world.cluster)?.live, null);
});

rolling("ends as failed when what was found does not all come up again", () => {
  const world = found();
  run(world, rollingDeployOf(releaseOf(2)));
  // What was found has no digest.
  world.cluster.behaviours.set("", "never-ready");
  assert.match(
    tell(run(world, ROLLBACK)),
    /^failed: nothing is live in ring canary; it smells\n {4}not all of what ran before is up:\n {4}Deployment ingest: \d of 3 pods available, /,
  );
  assert.is(headOf(world.cluster)?.phase, "STABLE");
});

rolling("does not say of a release that is given up that all is as before when it is not", () => {
  const release = releaseOf(2);
  for (const comesBack of [true, false]) {
    const world: World = { ...found(), manners: new Map([[release.id, { probe: "fails" }]]) };
    const ended = runDeployer(
      world,
      new ModelDeployer(rollingDeployOf(release), { id: "run", policy: ROLLING }),
      () => {
        if (!comesBack && headOf(world.cluster)?.phase === "ROLLBACK") world.cluster.behaviours.set("", "never-ready");
      },
    );
    const [title, ...reason] = tell(ended).split("\n");
    const end = comesBack ? "; the traffic is back where it was" : "";
    assert.is(title, `failed: ${tellRelease(release)} failed in ring canary${end}`);
    assert.is(reason.join("\n").includes("not all of what ran before is up"), !comesBack);
  }
});

/** The release of commit `number` that is a job, and nothing else. */
function jobsOf(number: number): Release {
  const { commit, commitTime, author, services } = releaseOf(number, 2, "job");
  const jobs = Object.entries(services).filter(([, { kind }]) => kind === "job");
  return nameRelease({ commit, commitTime, author, services: Object.fromEntries(jobs) });
}

rolling("is not what a release of jobs alone makes of a ring in two colours, nor the other way round", () => {
  const release = jobsOf(2);
  const shared = ({ kind, metadata }: KubeObject) => kind === "ConfigMap" && metadata.name === "broker";
  const changed = /^apply .*ConfigMap broker/;
  for (const [policy, request, isFirst] of [
    [POLICY, deployOf(release), true],
    [ROLLING, rollingDeployOf(release), false],
  ] as const) {
    const world: World = { cluster: new ModelCluster(), watcher: new Watcher(policy), manners: new Map() };
    const objects = foundObjects(releaseOf(1)).filter(shared);
    world.cluster.execute({
      ...{ purpose: "apply-base", summary: "", call: "apply", manager: "slipway" },
      ...{ force: false, objects },
    });
    world.cluster.writes = [];
    assert.match(tell(run(world, request, policy)), /^live: /);
    const at = (what: RegExp) => world.cluster.writes.findIndex((line) => what.test(line));
    assert.ok(at(changed) >= 0 && at(/^create Job/) >= 0, world.cluster.writes.join("\n"));
    assert.is(at(changed) < at(/^create Job/), isFirst);
  }
});

rolling("keeps in a rollback the pods that somebody has added", () => {
  const world = found();
  run(world, rollingDeployOf(releaseOf(2)));
  world.cluster.meddle("Deployment", "ingest", (object) => {
    object["spec"] = { ...(object["spec"] as object), replicas: 6 };
  });
  run(world, ROLLBACK);
  assert.is(specOf(world, "ingest").replicas, 6);
});

rolling("takes its autoscaler as it is", () => {
  const world = found();
  const release = releaseOf(2);
  const manifests = sortManifests([...manifestObjects(release), AUTOSCALER], release, RING, {}, "rolling");
  assert.match(tell(run(world, rollingDeployOf(release, { manifests }))), /^live: /);
  assert.equal(
    world.cluster.list("HorizontalPodAutoscaler").map(({ metadata }) => metadata.name),
    ["ingest"],
  );
  assert.equal(world.cluster.get("HorizontalPodAutoscaler", "ingest")?.["spec"], AUTOSCALER["spec"]);
});

for (const [manager, who] of [
  ["helm", "Helm"],
  ["Helm", "Helm"],
  ["argocd-controller", "Argo CD"],
  ["argocd-application-controller", "Argo CD"],
  ["kustomize-controller", "Flux"],
  ["helm-controller", "Flux"],
] as const)
  rolling(`is refused when ${manager} keeps a Deployment or a Service`, () => {
    const world = found();
    manage(world, "Deployment", "ingest", manager, "f:template");
    manage(world, "Service", "processor", manager, "f:ports");
    assert.is(
      tell(run(world, rollingDeployOf(releaseOf(2)))),
      `ring canary has objects that another tool manages and would change back [drift]:
    Deployment ingest: ${who}
    Service processor: ${who}
  where: ring canary (kubectl get -o yaml --show-managed-fields)
  to do: let only one of the two deploy them: remove them from the other first, or add a ring with another namespace`,
    );
    assert.equal(world.cluster.writes, []);
  });

rolling("is taken over from kubectl, which is said, and not from who has only set the number of pods", () => {
  const world = found();
  manage(world, "Deployment", "ingest", "kubectl-client-side-apply", "f:template");
  manage(world, "Deployment", "processor", "helm", "f:replicas");
  run(world, rollingDeployOf(releaseOf(2)));
  assert.equal(
    world.cluster.writes.filter((line) => line.startsWith("keep what")),
    [
      "keep what Deployment ingest is, and take it over from kubectl-client-side-apply",
      "keep what Deployment processor is",
    ],
  );
});

rolling("is refused when a Deployment has another selector than its manifest", () => {
  const world = found();
  world.cluster.remove("Deployment", "ingest");
  const object = foundObjects(releaseOf(1)).find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === "ingest",
  );
  if (object === undefined) throw new Error("no Deployment");
  const spec = { ...(object["spec"] as object), selector: { matchLabels: { app: "other" } } };
  world.cluster.execute({
    purpose: "apply-base",
    summary: "",
    call: "create",
    manager: "slipway",
    object: { ...object, spec },
  });
  assert.match(
    tell(run(world, rollingDeployOf(releaseOf(2)))),
    /Deployment ingest selects \{"matchLabels":\{"app":"other"\}\}, its manifest \{"matchLabels":\{"app":"ingest"\}\}/,
  );
});

rolling("is refused when it was deployed in two colours before, and the other way round", () => {
  const coloured: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
  run(coloured, deployOf(releaseOf(1)), POLICY);
  assert.match(
    tell(run(coloured, rollingDeployOf(releaseOf(2)))),
    /^ring canary was deployed with strategy blue-green, and slipway.yaml now says rolling \[drift\]\n/,
  );
  const world = found();
  run(world, rollingDeployOf(releaseOf(2)));
  assert.match(
    tell(run(world, deployOf(releaseOf(3)), POLICY)),
    /^ring canary was deployed with strategy rolling, and slipway.yaml now says blue-green \[drift\]\n/,
  );
});

rolling("needs manifests whose Service selects the pods", () => {
  const release = releaseOf(2);
  assert.match(rollingProblems(release), /^$/);
  const without = manifestObjects(release).map((object) =>
    object.kind === "Service" ? { ...object, spec: { ports: [{ port: 8080 }] } } : object,
  );
  assert.match(rollingProblems(release, without), /Service ingest does not select the pods of Deployment ingest/);
});

rolling("writes nothing when it is called again, and tells a Deployment that is gone", () => {
  const world = found();
  run(world, rollingDeployOf(releaseOf(2)));
  world.cluster.writes = [];
  assert.match(tell(run(world, rollingDeployOf(releaseOf(2)))), /^live: /);
  assert.equal(world.cluster.writes, []);
  world.cluster.remove("Deployment", "ingest");
  assert.match(tell(run(world, rollingDeployOf(releaseOf(2)))), /Deployment ingest is gone/);
});

rolling("gives up when somebody changes a Deployment between what was kept and the change", () => {
  const world = found();
  const first = new ModelDeployer(rollingDeployOf(releaseOf(2)), { id: "first", policy: ROLLING });
  while (headOf(world.cluster)?.phase !== "ROLLING") {
    first.look(world);
    first.perform(world);
  }
  world.cluster.meddle("Deployment", "ingest", (object) => {
    object["spec"] = { ...(object["spec"] as object), minReadySeconds: 7 };
  });
  assert.match(tell(runDeployer(world, first)), /somebody has changed Deployment ingest since it was kept/);
  assert.is((specOf(world, "ingest") as { minReadySeconds?: number }).minReadySeconds, 7);
});

rolling("changes nothing when its approvals no longer hold by then", () => {
  const world = found();
  const request = rollingDeployOf(releaseOf(2));
  const first = new ModelDeployer(request, { id: "first", policy: ROLLING });
  while (headOf(world.cluster)?.phase !== "PREPARED") {
    first.look(world);
    first.perform(world);
  }
  const strict = { ...ROLLING, approvals: { quorum: 1, separation: true } };
  assert.match(
    tell(run(world, request, strict)),
    /^failed: r-\w+ \(commit 0000000\) failed in ring canary\n.* is not approved for ring canary: /,
  );
  assert.not.ok(world.cluster.writes.some((line) => line.startsWith("change Deployment")));
});

rolling("ends a job that still runs before the way back is over", () => {
  const world = found();
  const release = releaseOf(2, 2, "job");
  world.cluster.behaviours.set(release.services["migrate"]?.digest ?? "", "never-ready");
  const first = new ModelDeployer(rollingDeployOf(release), { id: "first", policy: ROLLING });
  while (!world.cluster.writes.some((line) => line.startsWith("start Job"))) {
    first.look(world);
    first.perform(world);
  }
  assert.match(tell(run(world, ROLLBACK)), /^rolled-back: /);
  const at = (what: RegExp) => world.cluster.writes.findIndex((line) => what.test(line));
  assert.ok(at(/^delete Job/) >= 0, world.cluster.writes.join("\n"));
  assert.ok(at(/^delete Job/) < at(/^record ROLLBACK -> STABLE/));
});

rolling("goes back as soon as pods are lost, and does not wait for the deadline", () => {
  const world = found();
  const release = releaseOf(2);
  world.cluster.behaviours.set(release.services["ingest"]?.digest ?? "", "crash-loops");
  const startedMs = world.cluster.nowMs;
  assert.match(
    tell(run(world, rollingDeployOf(release))),
    /\n {4}the new pods cannot come up:\n {4}pod ingest-\S+: CrashLoop/,
  );
  assert.ok(world.cluster.nowMs - startedMs < ROLLING.deadlineSeconds * 1000);
});

rolling("mends a Deployment that had no hope before", () => {
  const world = found();
  const first = new ModelDeployer(rollingDeployOf(releaseOf(2)), { id: "first", policy: ROLLING });
  while (headOf(world.cluster)?.phase !== "ROLLING") {
    first.look(world);
    first.perform(world);
  }
  const late = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too late" };
  world.cluster.meddle("Deployment", "ingest", (object) => {
    object["status"] = { ...(object["status"] as object), conditions: [late] };
  });
  assert.match(tell(runDeployer(world, first)), /^live: /);
});

rolling("finds the Deployment of a pod by its ReplicaSet", () => {
  const labels = { "pod-template-hash": "5d4f9c" };
  assert.is(findDeploymentOf({ labels, replicaSet: "acme-ingest-5d4f9c" }), "acme-ingest");
  assert.is(findDeploymentOf({ labels, replicaSet: "acme-ingest" }), undefined);
  assert.is(findDeploymentOf({ labels: {}, replicaSet: "acme-ingest" }), undefined);
  assert.is(findDeploymentOf({ labels, replicaSet: undefined }), undefined);
});

rolling("knows who keeps an object, and looks past status, metadata and Slipway's own fields", () => {
  const of = (...managedFields: object[]) =>
    findOwnersOf({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", managedFields } }, ["template"]);
  const template = { "f:spec": { "f:template": {} } };
  assert.equal(of({ manager: "helm", fieldsV1: { "f:metadata": {} } }), { keepers: [], others: [] });
  assert.equal(of({ manager: "helm", subresource: "status", fieldsV1: template }), { keepers: [], others: [] });
  assert.equal(of({ manager: "slipway", fieldsV1: template }), { keepers: [], others: [] });
  assert.equal(of({ manager: "slipway-scale", fieldsV1: template }), { keepers: [], others: [] });
  assert.equal(of({ manager: "kubectl-edit", fieldsV1: template }, { manager: "helm", fieldsV1: template }), {
    keepers: ["Helm"],
    others: ["kubectl-edit"],
  });
});

rolling.run();
