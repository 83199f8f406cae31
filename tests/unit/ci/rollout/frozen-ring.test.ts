/** What verbs do in a ring that is frozen, or that waits for approvals. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, POLICY, ROLLBACK, releaseOf } from "./fixtures.ts";
import { endState, headOf } from "./invariants.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { collectStops, expectDone, makeWorld } from "./scenarios.ts";
import { good, ringWith, run } from "./verb-runs.ts";

const verbs = suite("a frozen ring");

verbs("a frozen ring moves for nobody but a rollback, until it is thawed", () => {
  const world = ringWith([1, 2]);
  const freeze: Request = { verb: "freeze", reason: "migration under way" };
  expectDone(run(world, freeze), "frozen");
  world.cluster.writes = [];
  expectDone(run(world, freeze), "frozen");
  const ended = run(world, deployOf(releaseOf(3)));
  assert.match(
    ended.kind === "blocked" ? ended.message : "",
    /^ring canary is frozen: migration under way \[frozen\]\n/,
  );
  assert.equal(world.cluster.writes, []);
  const thaw: Request = { verb: "thaw", reason: "done" };
  expectDone(run(world, thaw), "thawed");
  expectDone(run(world, thaw), "thawed");
  expectDone(run(world, deployOf(releaseOf(3))), "live");
  expectDone(run(world, freeze), "frozen");
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(2).id);
});

verbs("a freeze stops a deploy at every point, and after the thaw the deploy goes on to the same end", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
  const expected = endState(world.cluster);
  for (const { cluster, watcher, deployer } of stops.filter(({ when }) => when === "before")) {
    const after: World = { cluster, watcher, manners: new Map() };
    expectDone(run(after, { verb: "freeze", reason: "wait" }), "frozen");
    deployer.perform(after);
    const ended = runDeployer(after, deployer);
    assert.is(ended.kind, "blocked");
    expectDone(run(after, { verb: "thaw", reason: "go" }), "thawed");
    expectDone(run(after, deployOf(releaseOf(2))), "live");
    assert.is(endState(after.cluster).replace("thawed", "committed"), expected);
  }
});

verbs("without the approvals that the ring asks for nothing is written, and the report says how to give them", () => {
  const policy = ringPolicySchema.parse({ ...POLICY, approvals: { quorum: 1 } });
  const world = ringWith([1]);
  const ended = run(world, deployOf(releaseOf(2), { signers: "" }), policy);
  assert.is(
    ended.kind === "blocked" && ended.message,
    `r-1da8a0d4 (commit 0000000) is not approved for ring canary: 0 of 1 approvals [not-approved]
  where: approvals of ring canary
  to do: run approve --ring canary for the statement and the command that signs it, then deploy with the approvals`,
  );
  assert.equal(world.cluster.writes, []);
});

verbs.run();
