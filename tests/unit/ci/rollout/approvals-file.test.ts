import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readApprovals, writeApprovalCommand } from "../../../../ci/src/rollout/approval/approvals-file.ts";
import { judgeApprovals } from "../../../../ci/src/rollout/approval/judge.ts";
import { writeStatement } from "../../../../ci/src/rollout/approval/statement.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { releaseOf } from "./fixtures.ts";

const file = suite("a file of approvals");

file("is what the printed command writes, and its approvals count", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-approvals-"));
  try {
    const key = (name: string) => {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
      return `${name}@example.org ${readFileSync(join(folder, `${name}.pub`), "utf8").trim()}`;
    };
    const signers = `${[key("ada"), key("bob")].join("\n")}\n`;
    const { approvals: rules } = ringPolicySchema.parse({ approvals: { quorum: 2, separation: false } });
    const about = { release: releaseOf(1), ring: "canary", rules, signers, evidence: [], ledgerHead: 0 } as const;
    const target = join(folder, "approvals");
    for (const name of ["ada", "bob"]) {
      const statement = writeStatement({
        ...about,
        decision: "approve",
        approver: `${name}@example.org`,
        // A quote must not end the shell's.
        reason: "it's well",
        issuedAtMs: 1_000_000,
        notAfterMs: 2_000_000,
      });
      const command = writeApprovalCommand(statement, target).replace("~/.ssh/id_ed25519", join(folder, name));
      assert.is(command.split("\n").length, 1);
      execFileSync("sh", ["-c", command], { stdio: ["ignore", "ignore", "pipe"] });
    }
    const signed = readApprovals(readFileSync(target, "utf8"));
    const verdict = judgeApprovals({
      ...about,
      signed,
      nowMs: 1_500_000,
      used: new Set(),
      ledgerFloor: 0,
      ledgerTop: 0,
    });
    assert.equal([verdict.granted, verdict.problems, verdict.approvers.length], [true, [], 2]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

file("that holds something else is refused with the line", () => {
  assert.equal(readApprovals("\n\n"), []);
  const signature = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";
  assert.is(readApprovals(`{"a":1}\n${signature}`).length, 1);
  assert.throws(() => readApprovals(signature), /^line 1 does not begin a signed approval/);
  assert.throws(() => readApprovals(`{"a":1}\n${signature}and more\n`), /^line 5 does not begin/);
  assert.throws(() => readApprovals('{"a":1}\n-----BEGIN SSH SIGNATURE-----\nAAAA\n'), /^line 1 does not begin/);
});

file.run();
