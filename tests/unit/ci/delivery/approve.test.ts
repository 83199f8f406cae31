import { suite } from "uvu";
import * as assert from "uvu/assert";
import { approve } from "../../../../ci/src/delivery/approve.ts";
import { releaseOf } from "../rollout/fixtures.ts";
import { SIGNERS } from "../rollout/signed-approvals.ts";
import { refusalOf, World } from "./two-rings.ts";

const approving = suite("call approve");

for (const [approver, meant] of [
  ["bbo@example.org", "; perhaps bob@example.org was meant"],
  ["mallory@evil.example", ""],
  ["eve@example.org", ""],
] as const) {
  approving(`asks nothing of the cluster for ${approver}, and names who may approve`, async () => {
    const world = new World();
    const delivery = world.delivery();
    const commits = { ...delivery.commits, readFile: async () => SIGNERS };
    const by = { approver, reason: undefined, reject: false };
    const { code, message } = await refusalOf(
      approve({ ...delivery, commits }, "canary", JSON.stringify(releaseOf(1)), by),
    );
    assert.is(code, "not-approver");
    assert.is(
      message.split("\n")[0],
      `${approver} is not in the list of approvers: bob@example.org, carol@example.org${meant} [not-approver]`,
    );
    assert.equal(world.calls, []);
  });
}

approving.run();
