/** Approvals: the attacks of delivery.md 6.2, and `ssh-keygen -Y verify` as the second opinion. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readAllowedSigners } from "../../../../ci/src/rollout/approval/allowed-signers.ts";
import { type ApprovalCase, judgeApprovals } from "../../../../ci/src/rollout/approval/judge.ts";
import { readSshSignature, verifySshSignature } from "../../../../ci/src/rollout/approval/ssh-signature.ts";
import { wireString } from "../../../../ci/src/rollout/approval/ssh-wire.ts";
import {
  APPROVAL_NAMESPACE,
  nameStatement,
  signCommand,
  writeStatement,
} from "../../../../ci/src/rollout/approval/statement.ts";
import type { SignedApproval } from "../../../../ci/src/rollout/ledger.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { nameRelease } from "../../../../ci/src/rollout/release.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, POLICY, RING, releaseOf } from "./fixtures.ts";
import { eventsOf, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World, worldAt } from "./model-deployer.ts";
import { collectStops, expectDone } from "./scenarios.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const folder = mkdtempSync(join(tmpdir(), "slipway-approvals-"));

/** A throw-away key, made by ssh-keygen. */
function makeKey(name: string, ...type: string[]): { path: string; line: string } {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", ...type, "-N", "", "-C", name, "-f", path]);
  return { path, line: readFileSync(`${path}.pub`, "utf8").split(" ").slice(0, 2).join(" ") };
}

function signWith(path: string, text: string, namespace: string = APPROVAL_NAMESPACE, ...more: string[]): string {
  return execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", path, "-n", namespace, ...more, "-"], {
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

const bob = makeKey("bob", "ed25519");
const eve = makeKey("eve", "ed25519");
const rsa = makeKey("rsa", "rsa", "-b", "3072");
const ecdsa = makeKey("ecdsa", "ecdsa");
const weak = makeKey("weak", "rsa", "-b", "1024");

const NAMESPACES = `namespaces="${APPROVAL_NAMESPACE}"`;
const SIGNERS = [`bob@example.org ${NAMESPACES} ${bob.line}`, `carol@example.org ${rsa.line}`, ""].join("\n");
const RULES = { quorum: 1, separation: true };
const release = releaseOf(5);

function statementOf(more: Partial<Parameters<typeof writeStatement>[0]> = {}): string {
  return writeStatement({
    release,
    ring: "production",
    decision: "approve",
    approver: "bob@example.org",
    reason: "looks good",
    issuedAtMs: NOW - 60_000,
    notAfterMs: NOW + 3_600_000,
    rules: RULES,
    signers: SIGNERS,
    evidence: ["a".repeat(64)],
    ledgerHead: 4,
    ...more,
  });
}

function signed(statement: string, path = bob.path): SignedApproval {
  return { statement, signature: signWith(path, statement) };
}

function caseOf(approvals: readonly SignedApproval[], more: Partial<ApprovalCase> = {}): ApprovalCase {
  return {
    release,
    ring: "production",
    nowMs: NOW,
    rules: RULES,
    signers: SIGNERS,
    signed: approvals,
    used: new Set(),
    ledgerFloor: 4,
    ledgerTop: 6,
    ...more,
  };
}

const good = signed(statementOf());
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
    /other rules or another list/,
  ],
  [
    "a statement under a smaller quorum",
    () => [[signed(statementOf({ rules: { quorum: 0, separation: true } }))]],
    /other rules or another list/,
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
    /the signature is not of this statement/,
  ],
  [
    "a signature of something else",
    () => [[{ ...good, signature: signWith(bob.path, "hello") }]],
    /the signature is not of this statement/,
  ],
  [
    "a statement that is not canonical",
    () => {
      const statement = good.statement.replace('"ring"', ' "ring"');
      return [[signed(statement)]];
    },
    /not written canonically/,
  ],
  [
    "a member that is not known",
    () => [[signed(good.statement.replace('"predicateType"', '"extra":1,"predicateType"'))]],
    /this is no approval/,
  ],
  [
    "another kind of statement",
    () => [[signed(good.statement.replace("approval/v1", "approval/v2"))]],
    /this is no approval/,
  ],
  ["an ECDSA key", () => [[signed(good.statement, ecdsa.path)]], /keys of type ecdsa-sha2-nistp256 are not taken/],
  ["an RSA key of 1024 bits", () => [[{ ...good, signature: forge(weak) }]], /1024 bits; at least 2048/],
  [
    "RSA with SHA-1",
    () => [[{ ...good, signature: reword(signWith(rsa.path, good.statement), "rsa-sha2-512", "ssh-rsa") }]],
    /a signature by ssh-rsa is not taken/,
  ],
  [
    "RSA with SHA-256",
    () => [[{ ...good, signature: reword(signWith(rsa.path, good.statement), "rsa-sha2-512", "rsa-sha2-256") }]],
    /a signature by rsa-sha2-256 is not taken/,
  ],
  [
    "a hash of SHA-1",
    () => [[{ ...good, signature: reword(good.signature, "sha512", "sha1") }]],
    /the hash sha1 is not taken/,
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
    /^1 of 2 approvals\n.*bobby@example.org has been counted already/,
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
    /^1 of 2 approvals\n.*has been counted already/,
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

function blobOf(armoured: string): Buffer {
  return Buffer.from(armoured.trim().split("\n").slice(1, -1).join(""), "base64");
}

function armour(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

/** A signature blob with somebody's key in it. */
function forge(key: { line: string }): string {
  const blob = blobOf(good.signature);
  const old = wireString(Buffer.from(bob.line.split(" ")[1] ?? "", "base64"));
  const at = blob.indexOf(old);
  const own = wireString(Buffer.from(key.line.split(" ")[1] ?? "", "base64"));
  return armour(Buffer.concat([blob.subarray(0, at), own, blob.subarray(at + old.length)]));
}

// ---- ssh-keygen as the second opinion ----

/** What ssh-keygen says of a signature. */
function keygenAccepts(at: {
  signers: string;
  identity: string;
  namespace: string;
  signature: string;
  message: string;
  time?: string;
}): boolean {
  const signersPath = join(folder, "signers");
  const signaturePath = join(folder, "signature");
  writeFileSync(signersPath, at.signers);
  writeFileSync(signaturePath, at.signature);
  const time = at.time === undefined ? [] : ["-O", `verify-time=${at.time}`];
  const { status } = spawnSync(
    "ssh-keygen",
    ["-Y", "verify", "-f", signersPath, "-I", at.identity, "-n", at.namespace, "-s", signaturePath, ...time],
    { input: at.message, encoding: "utf8" },
  );
  return status === 0;
}

/** What we say of the same. */
function weAccept(at: { signature: string; message: string; namespace: string }): boolean {
  try {
    return verifySshSignature(readSshSignature(at.signature), Buffer.from(at.message, "utf8"), at.namespace);
  } catch {
    return false;
  }
}

approvals("agrees with ssh-keygen on keys, hashes, messages and namespaces", () => {
  let [same, accepted] = [0, 0];
  for (const key of [bob, eve, rsa]) {
    for (const hash of ["sha256", "sha512"]) {
      for (const message of ["", "a", statementOf(), "\u0000\u00ff\n\n", "x".repeat(70_000)]) {
        const signature = signWith(key.path, message, APPROVAL_NAMESPACE, "-O", `hashalg=${hash}`);
        for (const [seen, namespace] of [
          [message, APPROVAL_NAMESPACE],
          [`${message} `, APPROVAL_NAMESPACE],
          [message, "git"],
        ] as const) {
          const theirs = keygenAccepts({
            signers: `me ${key.line}\n`,
            identity: "me",
            namespace,
            signature,
            message: seen,
          });
          const ours = weAccept({ signature, message: seen, namespace });
          assert.is(ours, theirs, `${key.line.slice(0, 12)} ${hash} ${message.length} ${namespace}`);
          same += 1;
          if (ours) accepted += 1;
        }
      }
    }
  }
  assert.is(same, 90);
  assert.is(accepted, 30);
});

approvals("agrees with ssh-keygen on every changed byte of a signature: nothing that it refuses is accepted", () => {
  const message = statementOf();
  const blob = blobOf(good.signature);
  let both = 0;
  for (let at = 0; at < blob.length; at += 1) {
    const changed = Buffer.from(blob);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    const signature = armour(changed);
    const ours = weAccept({ signature, message, namespace: APPROVAL_NAMESPACE });
    assert.is(ours, false, `byte ${at}`);
    if (at % 16 === 0) {
      assert.is(
        keygenAccepts({
          signers: SIGNERS,
          identity: "bob@example.org",
          namespace: APPROVAL_NAMESPACE,
          signature,
          message,
        }),
        false,
      );
      both += 1;
    }
  }
  assert.ok(both > 10);
});

approvals("agrees with ssh-keygen on who may sign when, under which name", () => {
  const options = [
    "",
    NAMESPACES,
    'namespaces="git"',
    'namespaces="git,slipway-*"',
    'namespaces="*,!slipway-*"',
    'valid-after="20260601Z"',
    'valid-before="20260601Z"',
    'valid-after="202606011200Z",valid-before="20260601120000Z"',
    'valid-after="202606011159Z",valid-before="20260601120000Z"',
    'valid-after="202606011200Z"',
    'valid-after="20260601120001Z"',
    'valid-before="20260601115959Z"',
  ];
  const principals = [
    "bob@example.org",
    "*@example.org",
    "*,!bob@example.org",
    "b?b@example.org,x",
    "alice@example.org",
    '"bob@example.org,carol@example.org"',
  ];
  let [compared, granted] = [0, 0];
  for (const option of options) {
    for (const principal of principals) {
      const signers = `# approvers\n\n${principal} ${option} ${bob.line} a comment\n`;
      // A pattern that the author's name matches would be refused for that.
      const rules = { quorum: 1, separation: false };
      const statement = statementOf({ signers, rules });
      const approval = signed(statement);
      const theirs = keygenAccepts({
        signers,
        identity: "bob@example.org",
        namespace: APPROVAL_NAMESPACE,
        signature: approval.signature,
        message: statement,
        time: "20260601120000Z",
      });
      const ours = problemsOf(signers) === "" && judgeApprovals(caseOf([approval], { signers, rules })).granted;
      assert.is(ours, theirs, `${principal} ${option}`);
      compared += 1;
      if (ours) granted += 1;
    }
  }
  assert.is(compared, 72);
  assert.ok(granted > 10 && granted < 60, String(granted));
});

approvals("takes a security key if it was touched", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const type = "sk-ssh-ed25519@openssh.com";
  const keyBlob = Buffer.concat([wireString(type), wireString(point), wireString("ssh:")]);
  const sha = (name: string, data: Buffer | string) => createHash(name).update(data).digest();
  const make = (flags: number, message: string) => {
    const toSign = Buffer.concat([
      Buffer.from("SSHSIG"),
      wireString(APPROVAL_NAMESPACE),
      wireString(""),
      wireString("sha512"),
      wireString(sha("sha512", message)),
    ]);
    const tail = Buffer.from([flags, 0, 0, 0, 9]);
    const bytes = sign(null, Buffer.concat([sha("sha256", "ssh:"), tail, sha("sha256", toSign)]), privateKey);
    const inner = Buffer.concat([wireString(type), wireString(bytes), tail]);
    const version = Buffer.from([0, 0, 0, 1]);
    return armour(
      Buffer.concat([
        Buffer.from("SSHSIG"),
        version,
        wireString(keyBlob),
        wireString(APPROVAL_NAMESPACE),
        wireString(""),
        wireString("sha512"),
        wireString(inner),
      ]),
    );
  };
  const signers = `me ${type} ${keyBlob.toString("base64")}\n`;
  for (const [flags, accepted] of [
    [1, true],
    [5, true],
    [0, false],
    [4, false],
  ] as const) {
    const at = { signature: make(flags, "m"), message: "m", namespace: APPROVAL_NAMESPACE };
    assert.is(weAccept(at), accepted, `flags ${flags}`);
    // ssh-keygen leaves the touch to others; we insist on it, because an approval is a person's.
    assert.is(keygenAccepts({ ...at, signers, identity: "me" }), true, `ssh-keygen, flags ${flags}`);
    assert.is(weAccept({ ...at, message: "n" }), false);
  }
});

approvals("never falls over broken signatures, only refuses them", () => {
  const blob = blobOf(good.signature);
  let cases = 0;
  const check = (armoured: string) => {
    cases += 1;
    const verdict = judgeApprovals(caseOf([{ statement: good.statement, signature: armoured }]));
    assert.is(verdict.granted, false);
  };
  fc.assert(fc.property(fc.string({ maxLength: 300 }), check), { numRuns: 200 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => check(armour(Buffer.from(bytes)))),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.nat(blob.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(8), (at, bytes, cut) => {
      const changed = Buffer.concat([blob.subarray(0, at), bytes, blob.subarray(at + cut)]);
      if (!changed.equals(blob)) check(armour(changed));
    }),
    { numRuns: 500 },
  );
  for (let length = 0; length < blob.length; length += 1) check(armour(blob.subarray(0, length)));
  check(armour(Buffer.concat([blob, Buffer.from([0])])));
  check(good.signature.replace("BEGIN SSH", "BEGIN PGP"));
  check(good.signature.repeat(60));
  // A length field that claims gigabytes must cost nothing.
  const huge = Buffer.from(blob);
  huge.writeUInt32BE(0xffffffff, 10);
  check(armour(huge));
  console.log(`    ${cases} broken signatures refused`);
});

approvals("never falls over broken statements, only refuses them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (statement) => {
      const verdict = judgeApprovals(caseOf([{ statement, signature: good.signature }]));
      assert.is(verdict.granted, false);
      assert.is(verdict.problems.length, 1);
    }),
    { numRuns: 300 },
  );
});

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

const lists = suite("the list of approvers");

/** Every problem of a list. */
function problemsOf(text: string): string {
  try {
    readAllowedSigners(text, "manifests/approvers");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

lists("is read with all that ssh-keygen(1) says and we support", () => {
  const [one, two] = readAllowedSigners(
    `\n# who\n"a@x.org,b@x.org" NameSpaces="git,${APPROVAL_NAMESPACE}",valid-after="20260101Z",valid-before="202612312359Z" ${bob.line} Bob's key\r\nc@x.org ${rsa.line}\n`,
  );
  assert.equal(one?.principals, ["a@x.org", "b@x.org"]);
  assert.equal(one?.namespaces, ["git", APPROVAL_NAMESPACE]);
  assert.is(one?.validAfterMs, Date.UTC(2026, 0, 1));
  assert.is(one?.validBeforeMs, Date.UTC(2026, 11, 31, 23, 59));
  assert.is(one?.line, 3);
  assert.is(one?.key.type, "ssh-ed25519");
  assert.equal(
    [two?.principals, two?.namespaces, two?.validAfterMs, two?.validBeforeMs, two?.key.type],
    [["c@x.org"], null, null, null, "ssh-rsa"],
  );
});

lists("reports every line that it does not understand, and what to do", () => {
  const ecdsaLine = `x ${ecdsa.line}`;
  const text = [
    `ca cert-authority ${bob.line}`,
    ecdsaLine,
    `x no-touch-required ${bob.line}`,
    `x valid-after="20260101" ${bob.line}`,
    `x valid-after="20260231Z" ${bob.line}`,
    `x namespaces=git ${bob.line}`,
    `x namespaces="a",namespaces="b" ${bob.line}`,
    `x ssh-rsa ${bob.line.split(" ")[1]}`,
    "x ssh-ed25519 AAAA!",
    "x",
    `"x ${bob.line}`,
    `a,,b ${bob.line}`,
    `x ${weak.line}`,
  ].join("\n");
  assert.is(
    problemsOf(text),
    `the list of approvers cannot be used [bad-signers]:
  line 1: cert-authority is not supported: list each approver's own key
  line 2: keys of type ecdsa-sha2-nistp256 are not taken; use ssh-ed25519, sk-ssh-ed25519@openssh.com or ssh-rsa
  line 3: the option no-touch-required is not known; expected namespaces="…", valid-after="…" or valid-before="…"
  line 4: "20260101" is no time; expected YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC
  line 5: "20260231Z" is no time; expected YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC
  line 6: the option namespaces=git is not known; expected namespaces="…", valid-after="…" or valid-before="…"
  line 7: the option namespaces is there twice
  line 8: the key is of type ssh-ed25519, but the line says ssh-rsa
  line 9: the key is not base64
  line 10: expected a name, perhaps options, and a key
  line 11: a quote is not closed
  line 12: an empty name in the list "a,,b"
  line 13: an RSA key of 1024 bits; at least 2048 are needed
  where: manifests/approvers
  to do: write each line as: NAME namespaces="slipway-approval@v1" ssh-ed25519 AAAA… (see ssh-keygen(1))`,
  );
});

// The last of all suites: the keys are needed until here.
lists.after(() => rmSync(folder, { recursive: true }));

lists("never falls over any text", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom("a", "*", "!", ",", '"', " ", "=", "\n", "ssh-ed25519", bob.line, "namespaces", "#"),
      }),
      (text) => {
        problemsOf(text);
      },
    ),
    { numRuns: 1000 },
  );
});

approvals.run();
rings.run();
lists.run();
