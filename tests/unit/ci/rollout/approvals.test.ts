/** Approvals: the attacks of delivery.md 6.2. */
import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ApprovalCase, judgeApprovals } from "../../../../ci/src/rollout/approval/judge.ts";
import { wireString } from "../../../../ci/src/rollout/approval/ssh-wire.ts";
import { nameStatement, signCommand } from "../../../../ci/src/rollout/approval/statement.ts";
import type { SignedApproval } from "../../../../ci/src/rollout/ledger.ts";
import { nameRelease } from "../../../../ci/src/rollout/release.ts";
import { releaseOf } from "./fixtures.ts";
import {
  armour,
  blobOf,
  bob,
  caseOf,
  ecdsa,
  eve,
  good,
  NOW,
  release,
  rsa,
  SIGNERS,
  signed,
  signWith,
  statementOf,
  weak,
} from "./signed-approvals.ts";

const approvals = suite("approvals");

approvals("one good approval is enough for a quorum of one", () => {
  const verdict = judgeApprovals(caseOf([good]));
  assert.equal(
    { ...verdict, signed: verdict.signed.length },
    {
      granted: true,
      summary: "1 of 1 approvals",
      problems: [],
      approvers: ["bob@example.org"],
      signed: 1,
      ids: [nameStatement(good.statement)],
    },
  );
});

approvals("an RSA key may sign as well, with SHA-512", () => {
  const statement = statementOf({ approver: "carol@example.org" });
  assert.is(judgeApprovals(caseOf([signed(statement, rsa.path)])).granted, true);
});

approvals("two people make a quorum of two, in either order and given twice", () => {
  const rules = { quorum: 2, separation: true };
  const one = signed(statementOf({ rules }));
  const two = signed(statementOf({ rules, approver: "carol@example.org" }), rsa.path);
  for (const list of [
    [one, two],
    [two, one],
    [one, one, two, two],
  ]) {
    const verdict = judgeApprovals(caseOf(list, { rules }));
    assert.is(verdict.granted, true);
    assert.is(verdict.signed.length, 2);
  }
  assert.is(judgeApprovals(caseOf([one, one], { rules })).summary, "1 of 2 approvals");
});

/** Each attack: the approvals, what is different about the case, and the words of the refusal. */
const attacks: [string, () => [readonly SignedApproval[], Partial<ApprovalCase>?], RegExp][] = [
  ["nobody", () => [[]], /^0 of 1/],
  [
    "another image under the same release id",
    () => {
      const swapped = {
        ...release,
        services: {
          ...release.services,
          ingest: { name: "registry.example/ingest", digest: `sha256:${"e".repeat(64)}` },
        },
      };
      return [[good], { release: swapped }];
    },
    /names other images/,
  ],
  ["another release", () => [[good], { release: releaseOf(6) }], /it is for release r-/],
  [
    "a service added to the release",
    () => [
      [good],
      {
        release: {
          ...release,
          services: { ...release.services, zz: { name: "registry.example/zz", digest: `sha256:${"1".repeat(64)}` } },
        },
      },
    ],
    /names other images/,
  ],
  ["another ring", () => [[good], { ring: "canary" }], /it is for ring production/],
  ["one that has expired", () => [[good], { nowMs: NOW + 3_600_000 }], /it was good until 2026-06-01T13:00:00.000Z/],
  ["one from the future", () => [[signed(statementOf({ issuedAtMs: NOW + 301_000 }))]], /issued in the future/],
  ["one used before", () => [[good], { used: new Set([nameStatement(good.statement)]) }], /used before/],
  [
    "one from before the ring changed",
    () => [[good], { ledgerFloor: 5 }],
    /given at event 4, but the ring has changed at event 5/,
  ],
  [
    "one that names an event to come",
    () => [[signed(statementOf({ ledgerHead: 7 }))]],
    /names event 7, which does not exist/,
  ],
  [
    "an approver who is not in the list",
    () => [[signed(statementOf({ approver: "eve@example.org" }), eve.path)]],
    /not in the list of approvers/,
  ],
  [
    "an approver added by the commit itself: the list is the base commit's",
    () => [
      [
        signed(
          statementOf({ approver: "eve@example.org", signers: `${SIGNERS}eve@example.org ${eve.line}\n` }),
          eve.path,
        ),
      ],
    ],
    /not in the list of approvers/,
  ],
  [
    "a statement under another list of approvers",
    () => [[signed(statementOf({ signers: `${SIGNERS}eve@example.org ${eve.line}\n` }))]],
    /other rules or with another list/,
  ],
  [
    "a statement under a smaller quorum",
    () => [[signed(statementOf({ rules: { quorum: 0, separation: true } }))]],
    /other rules or with another list/,
  ],
  [
    "somebody else's name",
    () => [[signed(statementOf({ approver: "carol@example.org" }))]],
    /is not carol@example.org's/,
  ],
  [
    "a revoked approver: the validity has ended",
    () => {
      const signers = `bob@example.org valid-before="20260601115959Z" ${bob.line}`;
      return [[signed(statementOf({ signers }))], { signers }];
    },
    /the key of bob@example.org is not valid now/,
  ],
  [
    "an approver whose time has not come",
    () => {
      const signers = `bob@example.org valid-after="20260602Z" ${bob.line}`;
      return [[signed(statementOf({ signers }))], { signers }];
    },
    /not valid now/,
  ],
  [
    "a key for another purpose",
    () => {
      const signers = `bob@example.org namespaces="git" ${bob.line}`;
      return [[signed(statementOf({ signers }))], { signers }];
    },
    /is not for slipway-approval@v1/,
  ],
  [
    "a signature made for git",
    () => [[{ statement: good.statement, signature: signWith(bob.path, good.statement, "git") }]],
    /the signature is for "git"/,
  ],
  [
    "a changed statement",
    () => [[{ ...good, statement: good.statement.replace("looks good", "looks fine") }]],
    /the signature is not for this statement/,
  ],
  [
    "a signature of something else",
    () => [[{ ...good, signature: signWith(bob.path, "hello") }]],
    /the signature is not for this statement/,
  ],
  [
    "a statement that is not canonical",
    () => {
      const statement = good.statement.replace('"ring"', ' "ring"');
      return [[signed(statement)]];
    },
    /not in canonical form/,
  ],
  [
    "a member that is not known",
    () => [[signed(good.statement.replace('"predicateType"', '"extra":1,"predicateType"'))]],
    /this is not an approval/,
  ],
  [
    "another kind of statement",
    () => [[signed(good.statement.replace("approval/v1", "approval/v2"))]],
    /this is not an approval/,
  ],
  ["an ECDSA key", () => [[signed(good.statement, ecdsa.path)]], /keys of type ecdsa-sha2-nistp256 are not accepted/],
  ["an RSA key of 1024 bits", () => [[{ ...good, signature: forge(weak) }]], /1024 bits; at least 2048/],
  [
    "RSA with SHA-1",
    () => [[{ ...good, signature: reword(signWith(rsa.path, good.statement), "rsa-sha2-512", "ssh-rsa") }]],
    /a signature by ssh-rsa is not accepted/,
  ],
  [
    "RSA with SHA-256",
    () => [[{ ...good, signature: reword(signWith(rsa.path, good.statement), "rsa-sha2-512", "rsa-sha2-256") }]],
    /a signature by rsa-sha2-256 is not accepted/,
  ],
  [
    "a hash of SHA-1",
    () => [[{ ...good, signature: reword(good.signature, "sha512", "sha1") }]],
    /the hash sha1 is not accepted/,
  ],
  [
    "the commit's author",
    () => {
      const own = nameRelease({ ...release, author: "Bob@Example.org" });
      return [[signed(statementOf({ release: own }))], { release: own }];
    },
    /is the author of the commit/,
  ],
  [
    "the commit's author under a second name",
    () => {
      const own = nameRelease({ ...release, author: "bobby@example.org" });
      const signers = `bob@example.org,bobby@example.org ${bob.line}`;
      return [[signed(statementOf({ release: own, signers }))], { release: own, signers }];
    },
    /is the author of the commit/,
  ],
  [
    "one person with two names",
    () => {
      const rules = { quorum: 2, separation: true };
      const signers = `bob@example.org,bobby@example.org ${bob.line}`;
      const of = (approver: string) => signed(statementOf({ approver, signers, rules }));
      return [[of("bob@example.org"), of("bobby@example.org")], { signers, rules }];
    },
    /^1 of 2 approvals\n.*bobby@example.org has already been counted/,
  ],
  [
    "one person with two keys",
    () => {
      const rules = { quorum: 2, separation: true };
      const signers = `bob@example.org ${bob.line}\nbob@example.org ${eve.line}`;
      return [
        [signed(statementOf({ signers, rules })), signed(statementOf({ signers, rules, reason: "again" }), eve.path)],
        { signers, rules },
      ];
    },
    /^1 of 2 approvals\n.*has already been counted/,
  ],
  [
    "a rejection beside an approval",
    () => [[good, signed(statementOf({ approver: "carol@example.org", decision: "reject", reason: "no" }), rsa.path)]],
    /^carol@example.org has rejected it: no/,
  ],
];

for (const [name, attack, words] of attacks) {
  approvals(`refuses: ${name}`, () => {
    const [list, more] = attack();
    const verdict = judgeApprovals(caseOf(list, more));
    assert.is(verdict.granted, false);
    assert.match([verdict.summary, ...verdict.problems].join("\n"), words);
  });
}

approvals("the same commit's author may approve where the rules do not separate", () => {
  const rules = { quorum: 1, separation: false };
  const own = nameRelease({ ...release, author: "bob@example.org" });
  assert.is(
    judgeApprovals(caseOf([signed(statementOf({ release: own, rules }))], { release: own, rules })).granted,
    true,
  );
});

approvals("a rejection of an unknown person, or for another ring, does not count", () => {
  const foreign = signed(statementOf({ approver: "eve@example.org", decision: "reject" }), eve.path);
  const elsewhere = signed(statementOf({ ring: "canary", decision: "reject" }));
  assert.is(judgeApprovals(caseOf([good, foreign, elsewhere])).granted, true);
});

approvals("no approvals are needed where the quorum is 0, and a rejection still wins", () => {
  const rules = { quorum: 0, separation: true };
  assert.is(judgeApprovals(caseOf([], { rules, signers: "" })).granted, true);
  const no = signed(statementOf({ decision: "reject", rules }));
  assert.is(judgeApprovals(caseOf([no], { rules })).granted, false);
});

approvals("a clock that runs ahead by five minutes is forgiven, and the last second counts", () => {
  assert.is(judgeApprovals(caseOf([signed(statementOf({ issuedAtMs: NOW + 300_000 }))])).granted, true);
  assert.is(judgeApprovals(caseOf([good], { nowMs: NOW + 3_599_999 })).granted, true);
});

approvals("the command that `approve` prints signs exactly the statement", () => {
  const statement = statementOf({ reason: "it's fine; $(touch x) `y` \\ \u00e9" });
  const signature = execFileSync("sh", ["-c", signCommand(statement, bob.path)], {
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
  assert.is(judgeApprovals(caseOf([{ statement, signature }])).granted, true);
});

/** Changes an algorithm's name inside a signature, keeping the lengths right. */
function reword(armoured: string, from: string, to: string): string {
  const blob = blobOf(armoured);
  const old = wireString(from);
  const at = blob.lastIndexOf(old);
  assert.ok(at > 0, `${from} is in the signature`);
  let next = Buffer.concat([blob.subarray(0, at), wireString(to), blob.subarray(at + old.length)]);
  if (from.startsWith("rsa")) {
    // The inner signature is a string of its own: its length has to follow.
    const head = next.subarray(0, at - 4);
    const inner = next.subarray(at);
    next = Buffer.concat([head, wireString(inner)]);
  }
  return armour(next);
}

/** A signature blob with somebody's key in it. */
function forge(key: { line: string }): string {
  const blob = blobOf(good.signature);
  const old = wireString(Buffer.from(bob.line.split(" ")[1] ?? "", "base64"));
  const at = blob.indexOf(old);
  const own = wireString(Buffer.from(key.line.split(" ")[1] ?? "", "base64"));
  return armour(Buffer.concat([blob.subarray(0, at), own, blob.subarray(at + old.length)]));
}

approvals.run();
