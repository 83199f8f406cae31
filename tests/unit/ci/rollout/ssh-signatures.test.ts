/** `ssh-keygen -Y verify` as the second opinion on signatures. */
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeApprovals } from "../../../../ci/src/rollout/approval/judge.ts";
import { readSshSignature, verifySshSignature } from "../../../../ci/src/rollout/approval/ssh-signature.ts";
import { wireString } from "../../../../ci/src/rollout/approval/ssh-wire.ts";
import { APPROVAL_NAMESPACE } from "../../../../ci/src/rollout/approval/statement.ts";
import {
  armour,
  blobOf,
  bob,
  caseOf,
  eve,
  folder,
  good,
  NAMESPACES,
  problemsOf,
  rsa,
  SIGNERS,
  signed,
  signWith,
  statementOf,
} from "./signed-approvals.ts";

const approvals = suite("ssh-keygen and we");

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

approvals.run();
