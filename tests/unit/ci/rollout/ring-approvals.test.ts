/** What a ring that asks for approvals does. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameStatement } from "../../../../ci/src/rollout/approval/statement.ts";
import type { SignedApproval } from "../../../../ci/src/rollout/ledger.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, POLICY, RING, releaseOf } from "./fixtures.ts";
import { eventsOf, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World, worldAt } from "./model-deployer.ts";
import { collectStops, expectDone } from "./scenarios.ts";
import { release, SIGNERS, signed, statementOf } from "./signed-approvals.ts";

const rings = suite("a ring that asks for approvals");

const policy = ringPolicySchema.parse({ ...POLICY, approvals: { quorum: 1 } });

/** A ring with release 1, and deploys of release 5 to it with approvals. */
function makeRing() {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(policy), manners: new Map() };
  let number = 0;
  const deployer = (request: Request, more: Partial<typeof policy> = {}) => {
    number += 1;
    return new ModelDeployer(request, { id: `run-${number}`, policy: { ...policy, ...more } });
  };
  const open = { quorum: 0, separation: true };
  expectDone(runDeployer(world, deployer(deployOf(releaseOf(1)), { approvals: open })), "live");
  const approve = (ms: number, ledgerHead = 3) =>
    signed(
      statementOf({
        ring: RING,
        rules: policy.approvals,
        issuedAtMs: world.cluster.nowMs,
        notAfterMs: world.cluster.nowMs + ms,
        ledgerHead,
      }),
    );
  return { world, deployer, approve };
}

const withApprovals = (list: readonly SignedApproval[]) => deployOf(release, { approvals: list, signers: SIGNERS });

rings("keeps the approvals in its ledger, so that whoever goes on needs none", () => {
  const { world, deployer, approve } = makeRing();
  const approval = approve(3_600_000);
  const { ended, stops } = collectStops(world, deployer(withApprovals([approval])));
  expectDone(ended, "live");
  const started = eventsOf(world.cluster)[3];
  assert.equal(
    [started?.kind, started?.approvals, started?.approvalIds],
    ["started", [approval], [nameStatement(approval.statement)]],
  );
  for (const stop of stops.filter(({ write, when }) => write > 1 && when === "before")) {
    expectDone(runDeployer(worldAt(stop, new Map()), deployer(withApprovals([]))), "live");
  }
});

rings("takes no approval twice", () => {
  const { world, deployer, approve } = makeRing();
  const approval = approve(36_000_000, 8);
  const early = runDeployer(world, deployer(withApprovals([approval])));
  assert.match(early.kind === "blocked" ? early.message : "", /names event 8, which does not exist/);
  const first = approve(36_000_000);
  expectDone(runDeployer(world, deployer(withApprovals([first]))), "live");
  expectDone(runDeployer(world, deployer({ verb: "rollback", reason: "x" })), "rolled-back");
  const again = runDeployer(world, deployer(withApprovals([first])));
  assert.match(again.kind === "blocked" ? again.message : "", /given at event 3, but the ring has changed at event 7/);
  const last = approve(36_000_000, 7);
  expectDone(runDeployer(world, deployer(withApprovals([last]))), "live");
});

rings("freezes before the switch when the approvals have run out, and goes on with new ones", () => {
  const { world, deployer, approve } = makeRing();
  const late = runDeployer(world, deployer(withApprovals([approve(5000)])));
  assert.match(
    late.kind === "blocked" ? late.message : "",
    /is not approved for ring canary: 0 of 1 approvals \[not-approved\]\n.*it was good until/,
  );
  assert.is(headOf(world.cluster)?.phase, "FROZEN");
  assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(1).id);
  const writes = world.cluster.writes.length;
  assert.is(runDeployer(world, deployer(withApprovals([]))).kind, "blocked");
  assert.is(world.cluster.writes.length, writes);
  expectDone(runDeployer(world, deployer(withApprovals([approve(3_600_000)]))), "live");
  assert.equal(
    eventsOf(world.cluster)
      .slice(3)
      .map(({ kind }) => kind),
    ["started", "frozen", "thawed", "switched", "committed"],
  );
});

rings("that is frozen for an approval can be rolled back, and be left for a newer release", () => {
  for (const way of ["rollback", "newer"]) {
    const { world, deployer, approve } = makeRing();
    assert.is(runDeployer(world, deployer(withApprovals([approve(5000)]))).kind, "blocked");
    if (way === "rollback") expectDone(runDeployer(world, deployer({ verb: "rollback", reason: "x" })), "rolled-back");
    else {
      const open = { quorum: 0, separation: true };
      expectDone(runDeployer(world, deployer(deployOf(releaseOf(6)), { approvals: open })), "live");
    }
    assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(way === "rollback" ? 1 : 6).id);
  }
});
rings.run();
