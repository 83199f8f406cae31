/** The list of writes that a verb would make, and a verb that is held to one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Action, isSameChange, kubectlCall } from "../../../../ci/src/rollout/action.ts";
import { listWrites, PlanKeeper, tellPlan } from "../../../../ci/src/rollout/plan.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, ROLLBACK, releaseOf } from "./fixtures.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { collectStops, expectDone, makeWorld } from "./scenarios.ts";
import { isThorough, oneIn } from "./thorough.ts";
import { good, planOf, ringWith, run } from "./verb-runs.ts";

const plans = suite("a plan");

plans("is printed as numbered writes and what is waited for", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  assert.is(
    tellPlan(plan, "deploy to canary").replaceAll(/manifest [0-9a-f]{8}/g, "manifest M"),
    `deploy to canary: 24 writes
   1. take the ring (lease)
   2. record STABLE -> PREPARED (started r-1da8a0d4 (commit 0000000))
   3. record: started r-1da8a0d4 (commit 0000000)
   4. create ConfigMap settings-9eb4a4f51c
   5. create Secret key-63d3b71dd3
   6. create Deployment ingest-green without pods
   7. apply Deployment ingest-green at r-1da8a0d4 (commit 0000000), manifest M
   8. scale Deployment ingest-green to 2
   9. create Deployment processor-green without pods
  10. apply Deployment processor-green at r-1da8a0d4 (commit 0000000), manifest M
  11. scale Deployment processor-green to 2
      wait for all pods to be ready
  12. record PREPARED -> STAGED
      wait for the check of the candidate
  13. record STAGED -> SWITCHING
  14. switch Service ingest to green
  15. switch Service processor to green
      wait for the traffic to reach the new pods alone
      wait for the check through the live Services
  16. record SWITCHING -> BAKING (switched r-1da8a0d4 (commit 0000000))
  17. record: switched r-1da8a0d4 (commit 0000000)
      wait for the bake to be over
  18. record BAKING -> COMMITTING
  19. apply ConfigMap broker
  20. scale Deployment ingest-blue to 0
  21. scale Deployment processor-blue to 0
  22. record COMMITTING -> STABLE (committed r-1da8a0d4 (commit 0000000))
  23. record: committed r-1da8a0d4 (commit 0000000)
  24. give up the ring (lease)
r-1da8a0d4 (commit 0000000) is live in ring canary`,
  );
});

plans("of nothing to do has no writes, and of what is refused says why", () => {
  const world = ringWith([1, 2]);
  assert.is(
    tellPlan(planOf(world, deployOf(releaseOf(2))), "deploy"),
    "deploy: 0 writes\nr-1da8a0d4 (commit 0000000) is live in ring canary",
  );
  assert.match(
    tellPlan(planOf(world, deployOf(releaseOf(1))), "deploy"),
    /^deploy: 0 writes\n.* does not contain commit/,
  );
});

plans("equals what is then written, from every point at which another process may have left the ring", () => {
  let compared = 0;
  for (const live of [true, false]) {
    const world = makeWorld(good, releaseOf(2), live);
    const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
    const written = stops.filter(({ when }) => when === "after");
    const requests = [deployOf(releaseOf(2)), deployOf(releaseOf(3)), ...(live ? [ROLLBACK] : [])];
    for (const [at, request] of requests.entries()) {
      for (const { cluster, watcher, summary, when } of oneIn(2, written, at)) {
        const after: World = { cluster: cluster.clone(), watcher: watcher.copy(), manners: new Map() };
        const plan = planOf(after, request);
        after.cluster.writes = [];
        const ended = runDeployer(after, new ModelDeployer(request, { id: "follower", plan }));
        assert.is(ended.kind, "done");
        assert.equal(after.cluster.writes, listWrites(plan), `${when} ${summary}`);
        compared += 1;
      }
    }
  }
  console.log(`    ${compared} plans compared with what was written`);
  assert.ok(compared > (isThorough ? 90 : 45));
});

plans("of a deploy that fails is left only for the way back", () => {
  for (const manners of [{ smoke: "fails" }, { probe: "fails" }, { bake: "fails" }] as const) {
    const release = releaseOf(2);
    const world = ringWith([1], new Map([[release.id, manners]]));
    const plan = planOf(world, deployOf(release));
    expectDone(runDeployer(world, new ModelDeployer(deployOf(release), { id: "follower", plan })), "failed");
  }
});

plans("of a first deploy that fails in the bake are left, though there is no way back", () => {
  const release = releaseOf(1);
  const world = ringWith([], new Map([[release.id, { bake: "fails" }]]));
  const plan = planOf(world, deployOf(release));
  expectDone(runDeployer(world, new ModelDeployer(deployOf(release), { id: "follower", plan })), "failed");
});

plans("stops a deploy whose ring has changed meanwhile", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(3)));
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.throws(
    () => runDeployer(world, new ModelDeployer(deployOf(releaseOf(3)), { id: "follower", plan })),
    /^the next write would be "create Deployment|^the next write would be "apply Deployment ingest-blue/,
  );
});

plans("lets a write be tried again, and no other come in between", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(2)));
  const keeper = new PlanKeeper(plan);
  const [first, second, third] = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  if (first === undefined || second === undefined || third === undefined) throw new Error("the plan is short");
  keeper.check(first);
  keeper.check(first);
  keeper.check(second);
  assert.throws(() => keeper.check(first), /write 3 of the plan/);
  keeper.check(third);
});

/** The writes of a deploy over a live release, and those of the release after it. */
function twoPlans(): { readonly own: readonly Action[]; readonly other: readonly Action[] } {
  const world = ringWith([1]);
  const writesOf = (request: Request) =>
    planOf(world, request).lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  return { own: writesOf(deployOf(releaseOf(2))), other: writesOf(deployOf(releaseOf(3))) };
}

plans("are held to by what a write changes, not by the sentence about it", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(2)));
  const writes = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  const silent = new PlanKeeper(plan);
  for (const action of writes) silent.check({ ...action, summary: "in other words" });
  const [take, begin] = writes;
  if (take === undefined || begin === undefined) throw new Error("the plan is short");
  const held = new PlanKeeper(plan);
  held.check(take);
  for (const summary of ["record STABLE -> ROLLBACK", "record STABLE -> FROZEN", "record X -> Y (failed r-1)"]) {
    const claim = writes.find(({ purpose }) => purpose === "scale");
    if (claim === undefined) throw new Error("nothing is scaled");
    assert.throws(() => held.check({ ...claim, summary }), /^the next write would be ".*", but the plan says/);
  }
  held.check(begin);
});

plans("let a freeze come in between, after which the deploy is no longer held to them", () => {
  const world = ringWith([1]);
  const request = deployOf(releaseOf(2));
  const plan = planOf(world, request);
  const [take, begin, ...others] = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  const last = others.at(-1);
  if (take === undefined || begin?.purpose !== "record" || last === undefined) throw new Error("the plan is short");
  const keeper = new PlanKeeper(plan);
  keeper.check(take);
  keeper.check({ ...begin, from: "STAGED", to: "FROZEN", happening: "frozen" });
  keeper.check(last);
});

plans("tell every write from every other, and the same write of another time from none", () => {
  const { own, other } = twoPlans();
  for (const [index, action] of own.entries()) {
    assert.equal(
      own.flatMap((one, at) => (isSameChange(one, action) ? [at] : [])),
      [index],
      action.summary,
    );
  }
  // All that names the release or its manifests differs; the rest is the same change.
  const same = own.filter((action, index) => other[index] !== undefined && isSameChange(action, other[index]));
  assert.equal([...new Set(same.map(({ purpose }) => purpose))].sort(), [
    "acquire-lease",
    "create-colour",
    "record",
    "release-lease",
    "scale",
    "switch",
  ]);
  assert.ok(same.every((action) => action.purpose !== "record" || action.happening === null));
  const again = planOf(ringWith([1]), deployOf(releaseOf(2))).lines.flatMap((line) =>
    line.kind === "write" ? [line.action] : [],
  );
  assert.ok(again.every((action, index) => own[index] !== undefined && isSameChange(action, own[index])));
});

plans("tell a switch to the other colour, and another number of pods, from what was planned", () => {
  const { own } = twoPlans();
  const others = own.flatMap((action): (readonly [Action, Action])[] => {
    if (action.purpose === "switch")
      return [[action, { ...action, colour: action.colour === "blue" ? "green" : "blue" }]];
    return action.purpose === "scale" ? [[action, { ...action, replicas: action.replicas + 1 }]] : [];
  });
  assert.is(others.length, 6);
  for (const [planned, other] of others) assert.not(isSameChange(planned, other), planned.summary);
});

plans("a record says what it is about in fields", () => {
  const { own } = twoPlans();
  const records = own.flatMap((action) =>
    action.purpose === "record" ? [[action.from, action.to, action.happening].join(" ")] : [],
  );
  assert.equal(records, [
    "STABLE PREPARED started",
    "PREPARED STAGED ",
    "STAGED SWITCHING ",
    "SWITCHING BAKING switched",
    "BAKING COMMITTING ",
    "COMMITTING STABLE committed",
  ]);
});

plans("renders as one kubectl call per write", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  const lines = plan.lines.flatMap((line) =>
    line.kind === "write" ? [kubectlCall(line.action, "ns").args.join(" ")] : [],
  );
  assert.equal([...new Set(lines)].sort(), [
    "apply --server-side --namespace=ns --field-manager=slipway --filename=-",
    "apply --server-side --namespace=ns --field-manager=slipway --force-conflicts --filename=-",
    "create --namespace=ns --field-manager=slipway --filename=-",
    "create --namespace=ns --field-manager=slipway-scale --filename=-",
    "patch configmaps/slipway-head --namespace=ns --field-manager=slipway --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/ingest-blue --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/ingest-green --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/processor-blue --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/processor-green --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch leases.coordination.k8s.io/slipway-deploy --namespace=ns --field-manager=slipway --type=json --patch-file=/dev/stdin",
    "patch services/ingest --namespace=ns --field-manager=slipway-switch --type=json --patch-file=/dev/stdin",
    "patch services/processor --namespace=ns --field-manager=slipway-switch --type=json --patch-file=/dev/stdin",
  ]);
});
plans.run();
