/** What a release with workers and jobs makes of a ring, and what it says when that goes wrong. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { releaseJob } from "../../../../ci/src/rollout/job-manifest.ts";
import { deleteJob } from "../../../../ci/src/rollout/job-writes.ts";
import { listJobFailures } from "../../../../ci/src/rollout/jobs.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { listWrites, planVerb } from "../../../../ci/src/rollout/plan.ts";
import { nameRelease, type Release, readRelease } from "../../../../ci/src/rollout/release.ts";
import { step } from "../../../../ci/src/rollout/step.ts";
import { deployOf, manifestObjects, POLICY, RING, ROLLBACK, releaseOf, type Shape } from "./fixtures.ts";
import { headOf } from "./invariants.ts";
import { first, jobNames, messageOf, nameOf, ring, run, second, wait } from "./job-runs.ts";
import type { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer } from "./model-deployer.ts";
import { expectDone, makeWorld } from "./scenarios.ts";

const jobs = suite("workers and jobs of a release");

jobs("are known by the release file, whose name follows from it", () => {
  const { services, commit, commitTime, author } = second;
  const plain = Object.fromEntries(Object.entries(services).map(([name, { kind: _, ...image }]) => [name, image]));
  const other = nameRelease({ commit, commitTime, author, services: plain });
  assert.is.not(other.id, second.id);
  assert.equal(readRelease(JSON.stringify(second)), second);
  const wrong = JSON.stringify(second).replace('"kind":"job"', '"kind":"cron"');
  assert.throws(() => readRelease(wrong), /services\.migrate\.kind: expected .*worker.*job/);
});

jobs("come before the candidate's pods, which get no Service where they are a worker's", () => {
  const world = ring();
  expectDone(run(world), "live");
  const made = world.cluster.writes.map((write) => write.replace(/ at r-.*/, ""));
  const from = made.findIndex((write) => write.startsWith("record: started"));
  const to = made.indexOf("record PREPARED -> STAGED");
  assert.equal(
    made.slice(from + 1, to).filter((write) => !/ConfigMap|Secret/.test(write)),
    [
      `create Job ${nameOf(second)}, which does not run yet`,
      `start Job ${nameOf(second)}`,
      "create Deployment ingest-green without pods",
      "apply Deployment ingest-green",
      "scale Deployment ingest-green to 2",
      "create Deployment processor-green without pods",
      "apply Deployment processor-green",
      "scale Deployment processor-green to 2",
    ],
  );
  assert.equal(
    made.filter((write) => write.startsWith("switch")),
    ["switch Service ingest to green"],
  );
  assert.equal(
    world.cluster
      .list("Service")
      .map(({ metadata }) => metadata.name)
      .sort(),
    ["ingest", "ingest-blue", "ingest-green"],
  );
  assert.equal(made.slice(-2), [`delete Job ${nameOf(first)}`, "give up the ring (lease)"]);
});

jobs("run with the release's digest and its own copies, and are told ring and release", () => {
  const { jobs: templates, copies } = sortManifests(manifestObjects(second), second, RING);
  const job = releaseJob(templates["migrate"] as KubeObject, { ring: RING, service: "migrate", release: second });
  const { template } = job["spec"] as {
    template: { metadata: KubeObject["metadata"]; spec: { containers: unknown[] } };
  };
  const [settings] = copies["migrate"] ?? [];
  const { digest, name } = second.services["migrate"] ?? { digest: "", name: "" };
  assert.equal(template.spec.containers, [
    {
      name: "migrate",
      image: `${name}@${digest}`,
      envFrom: [{ configMapRef: { name: settings?.metadata.name } }],
      env: [
        { name: "SLIPWAY_COLOUR", value: "?" },
        { name: "A", value: "b" },
        { name: "SLIPWAY_RING", value: RING },
        { name: "SLIPWAY_RELEASE", value: second.id },
      ],
    },
  ]);
  assert.equal(template.metadata.labels, {
    app: "migrate",
    "app.kubernetes.io/name": "migrate",
    "slipway.dev/ring": RING,
    "slipway.dev/release": second.id,
    "slipway.dev/record": "job",
  });
});

jobs("are planned as they are then written, and a second run plans nothing", () => {
  const world = ring();
  const about = { nowMs: world.cluster.nowMs, ring: RING, policy: POLICY, request: deployOf(second) };
  const plan = planVerb(world.cluster.items(), { ...about, run: { id: "plan", actor: "plan", epoch: null } });
  expectDone(runDeployer(world, new ModelDeployer(deployOf(second), { id: "run-1", plan })), "live");
  assert.equal(listWrites(plan), world.cluster.writes);
  const again = planVerb(world.cluster.items(), { ...about, run: { id: "plan", actor: "plan", epoch: null } });
  assert.equal(listWrites(again), []);
});

jobs("that fail take the release down in the cluster's words, and run anew in its next attempt", () => {
  const world = ring();
  const { digest = "" } = second.services["migrate"] ?? {};
  world.cluster.behaviours.set(digest, "crash-loops");
  const ended = run(world);
  expectDone(ended, "failed");
  assert.match(
    messageOf(ended),
    new RegExp(
      `failed in ring canary\\n    the candidate cannot come up:\\n    Job ${nameOf(second)}: BackoffLimitExceeded: Job has reached the specified backoff limit; migrate-\\w+-\\d+ ended: Error: `,
    ),
  );
  assert.equal(
    world.cluster
      .list("Deployment")
      .map(({ metadata }) => metadata.name)
      .sort(),
    ["ingest-blue", "processor-blue"],
  );
  assert.equal(jobNames(world.cluster), [nameOf(first)]);
  world.cluster.behaviours.delete(digest);
  expectDone(run(world), "live");
});

jobs("that have succeeded do not run again: not on a rollback, and not when the release comes once more", () => {
  const world = ring();
  expectDone(run(world), "live");
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.equal(headOf(world.cluster)?.live?.release.id, first.id);
  assert.equal(jobNames(world.cluster), [nameOf(second)]);
  expectDone(run(world), "live");
  assert.equal(
    world.cluster.jobRuns.filter((one) => one.startsWith("begins")),
    [`begins ${nameOf(first)}`, `begins ${nameOf(second)}`],
  );
});

jobs("of releases that are gone are removed, also by a release that has none", () => {
  const world = ring();
  expectDone(run(world), "live");
  wait(world);
  assert.equal(jobNames(world.cluster), [nameOf(second)]);
  expectDone(run(world, deployOf(releaseOf(3, 2, "services"))), "live");
  wait(world);
  assert.equal(jobNames(world.cluster), []);
});

jobs("that have run with other manifests are not passed over in silence", () => {
  const world = ring();
  const { digest = "" } = second.services["processor"] ?? {};
  world.cluster.behaviours.set(digest, "crash-loops");
  expectDone(run(world), "failed");
  assert.equal(jobNames(world.cluster), [nameOf(first), nameOf(second)]);
  const objects = manifestObjects(second).map((object) =>
    object.kind === "Job" ? { ...object, spec: { ...(object["spec"] as object), backoffLimit: 3 } } : object,
  );
  const changed = { ...deployOf(second), manifests: sortManifests(objects, second, RING) };
  const ended = run(world, changed);
  assert.is(
    messageOf(ended),
    [
      `the job of ${second.id.slice(0, 10)} (commit 0000000) has run in ring canary, but with other manifests: those of migrate differ, or the copies that its pods read [same-release]`,
      `  where: ring canary, Job ${nameOf(second)}`,
      "  to do: commit the change, make a release of that commit, and deploy it; to run it again on purpose, delete the Job",
    ].join("\n"),
  );
  // The live one is not deployed anew for it either.
  wait(world);
  world.cluster.behaviours.delete(digest);
  expectDone(run(world), "live");
  assert.match(messageOf(run(world, changed)), /was deployed with other manifests: those of migrate differ/);
});

jobs("under a name that somebody else has given are refused before anything is written", () => {
  const world = ring();
  const foreign = { apiVersion: "batch/v1", kind: "Job", metadata: { name: nameOf(second) }, spec: {} };
  world.cluster.execute({ purpose: "claim", summary: "", call: "create", manager: "slipway", object: foreign });
  world.cluster.writes = [];
  const ended = run(world);
  assert.match(
    messageOf(ended),
    new RegExp(`objects that Slipway did not make, under names that it gives: Job/${nameOf(second)} `),
  );
  assert.equal(world.cluster.writes, []);
});

jobs("that do not end are deleted with their pods before the ring is at rest", () => {
  const world = ring();
  const { digest = "" } = second.services["migrate"] ?? {};
  world.cluster.behaviours.set(digest, "never-ready");
  const ended = run(world);
  expectDone(ended, "failed");
  assert.match(
    messageOf(ended),
    new RegExp(`not done within 60 seconds:\\n    Job ${nameOf(second)} has not succeeded yet`),
  );
  assert.equal(
    world.cluster.pods().filter(({ ofJob, ended: over }) => ofJob && over === undefined),
    [],
  );
});

jobs("that somebody deletes before they start are made anew when they are gone", () => {
  const world = ring();
  const deployer = new ModelDeployer(deployOf(second), { id: "run-that-waits" });
  while (deployer.pending?.purpose !== "start-job") {
    deployer.perform(world);
    assert.is(deployer.look(world), undefined);
  }
  const waiting = deployer.input(world.cluster).seen.jobs.get(nameOf(second));
  if (waiting === undefined) throw new Error("there is no Job");
  world.cluster.execute(deleteJob(waiting));
  assert.is(step(deployer.input(world.cluster)).kind, "wait");
  expectDone(runDeployer(world, deployer), "live");
  assert.equal(world.cluster.jobRuns.slice(2), [`begins ${nameOf(second)}`, `succeeds ${nameOf(second)}`]);
});

jobs("leave the candidate's pods their own time", () => {
  const world = ring();
  // A job of 40 s and pods of 40 s, in a ring with a deadline of 60 s.
  for (const service of ["migrate", "processor"])
    world.cluster.behaviours.set(second.services[service]?.digest ?? "", "slow");
  expectDone(run(world), "live");
});

jobs("alone make a release, too", () => {
  const only = nameRelease({
    ...second,
    services: { migrate: second.services["migrate"] as Release["services"][string] },
  });
  const world = makeWorld({ name: "good", outcome: "live" }, only, false);
  const request = { ...deployOf(second), release: only, manifests: sortManifests(manifestObjects(only), only, RING) };
  expectDone(run(world, request), "live");
  assert.equal(world.cluster.jobRuns.length, 2);
});

jobs("wait for one another, in the order of their names", () => {
  const { migrate } = second.services;
  assert.ok(migrate !== undefined);
  const named = { ...second.services, seed: { ...migrate, name: "registry.example/seed" } };
  const release = nameRelease({ ...second, services: named });
  const world = ring();
  const manifests = sortManifests(manifestObjects(release), release, RING);
  expectDone(run(world, { ...deployOf(second), release, manifests }), "live");
  const short = (one: string) => one.replace(/-\w+$/, "");
  assert.equal(world.cluster.jobRuns.slice(2).map(short), [
    "begins migrate",
    "succeeds migrate",
    "begins seed",
    "succeeds seed",
  ]);
});

jobs(
  "that have succeeded are claimed when their release comes once more, so that nobody of before can delete them",
  () => {
    const world = ring();
    expectDone(run(world), "live");
    expectDone(run(world, ROLLBACK), "rolled-back");
    const before = world.cluster.writes.length;
    expectDone(run(world), "live");
    const written = world.cluster.writes.slice(before).filter((write) => write.includes(` Job ${nameOf(second)}`));
    assert.equal(
      written.map((write) => write.replace(/ at r-.*/, "")),
      [`claim Job ${nameOf(second)}`],
    );
  },
);

/** One Job of a ring as the API shows it, and what a deploy of its release does about it. */
function look(change: { readonly spec?: object; readonly status?: object; readonly pods?: readonly KubeObject[] }) {
  const world = ring();
  const deployer = new ModelDeployer(deployOf(second), { id: "run-1" });
  runDeployer(world, deployer, ({ when, summary, cluster }) => {
    if (when === "after" && summary.startsWith("start Job")) at = cluster;
  });
  const cluster = at ?? world.cluster;
  cluster.meddle("Job", nameOf(second), (job) => Object.assign(job, structuredClone(change)));
  const items = [...cluster.items(), ...(change.pods ?? [])];
  const head = headOf(cluster);
  const want = head?.want;
  assert.ok(want);
  return listJobFailures(observe(items), want, POLICY, { nowMs: cluster.nowMs, sinceMs: cluster.nowMs - 60_000 });
}
let at: ModelCluster | undefined;

jobs("are given up when their pods fail again and again, or cannot be made", () => {
  assert.equal(look({}), []);
  assert.equal(look({ status: { failed: 2 } }), []);
  assert.equal(look({ status: { failed: 3 } }), [`Job ${nameOf(second)}: 3 pods have ended like this`]);
  const about = { kind: "Job", name: nameOf(second) };
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", resourceVersion: "1", creationTimestamp: "2020-01-01T00:00:00Z" },
    involvedObject: about,
    type: "Warning",
    reason: "FailedCreate",
    message: "exceeded quota: few",
  };
  assert.equal(look({ pods: [event] }), [`Job ${nameOf(second)}: FailedCreate: exceeded quota: few`]);
  assert.equal(look({ pods: [event], status: { active: 1 } }), []);
});

jobs("and workers may become something else from one release to the next, and back", () => {
  const world = ring("services");
  Object.assign(world.watcher, { watch: () => undefined });
  const shapes: Shape[] = ["worker and job", "services", "workers", "worker", "workers"];
  for (const [index, shape] of shapes.entries()) {
    expectDone(run(world, deployOf(releaseOf(index + 2, 2, shape))), "live");
    wait(world);
    expectDone(run(world, ROLLBACK), "rolled-back");
    wait(world);
    expectDone(run(world, deployOf(releaseOf(index + 2, 2, shape))), "live");
    wait(world);
    const { live } = headOf(world.cluster) ?? {};
    for (const name of ["ingest", "processor"]) {
      const ready = world.cluster
        .pods()
        .filter((pod) => pod.deployment === `${name}-${live?.colours[name]}` && pod.ready);
      assert.is(ready.length, 2, `${shape}: ${name}`);
    }
  }
});

jobs("of a schedule get the release's digests, and are written when it has passed its bake", () => {
  const schedule = (image: string): KubeObject => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "nightly", image }] } };
    const spec = { schedule: "0 3 * * *", jobTemplate: { spec: { template } } };
    return { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly" }, spec };
  };
  const sort = (image: string) => sortManifests([...manifestObjects(second), schedule(image)], second, RING);
  const world = ring();
  const manifests = sort("registry.example/ingest:7");
  world.cluster.behaviours.set(second.services["ingest"]?.digest ?? "", "crash-loops");
  expectDone(run(world, { ...deployOf(second), manifests }), "failed");
  assert.equal(world.cluster.list("CronJob"), []);
  wait(world);
  world.cluster.behaviours.clear();
  world.cluster.writes = [];
  expectDone(run(world, { ...deployOf(second), manifests }), "live");
  const [made] = world.cluster.list("CronJob");
  assert.match(
    JSON.stringify(made),
    new RegExp(`"image":"registry.example/ingest@${second.services["ingest"]?.digest}"`),
  );
  const { writes } = world.cluster;
  const before = writes.findIndex((write) => write.includes("CronJob nightly"));
  assert.ok(before > writes.findIndex((write) => write.startsWith("record BAKING -> COMMITTING")), writes.join("\n"));
  assert.throws(
    () => sort(`other/tool@sha256:${"0".repeat(64)}`),
    /CronJob nightly: no service of the release has the image of container nightly: other\/tool@sha256:0/,
  );
  assert.match(JSON.stringify(sort("other/tool:1").base), /"image":"other\/tool:1"/);
});

jobs.run();
