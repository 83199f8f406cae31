/** Public keys that are spoilt, or that are not taken. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellFirstSigner } from "../../../../ci/src/rollout/approval/first-signer.ts";
import { readSshKey } from "../../../../ci/src/rollout/approval/ssh-key.ts";
import { wireString } from "../../../../ci/src/rollout/approval/ssh-wire.ts";

const keys = suite("public keys of SSH");

const blob = (...parts: readonly (Buffer | string)[]) => Buffer.concat(parts.map((part) => wireString(part)));
const E = Buffer.from([1, 0, 1]);
const number = (bytes: number, first = 0x7f) => Buffer.concat([Buffer.from([first]), Buffer.alloc(bytes - 1, 0xff)]);

const refused: readonly (readonly [name: string, bytes: Buffer, why: string])[] = [
  ["an Ed25519 key that is too short", blob("ssh-ed25519", Buffer.alloc(31, 1)), "an Ed25519 key has 32 bytes, not 31"],
  [
    "an RSA key that is too long",
    blob("ssh-rsa", E, number(2049)),
    "an RSA key of 16391 bits; at most 16384 are accepted",
  ],
  ["a negative number", blob("ssh-rsa", E, number(256, 0x80)), "a number is negative"],
  ["a number that is zero", blob("ssh-rsa", Buffer.alloc(1), number(256)), "a number is zero"],
  ["an empty number", blob("ssh-rsa", Buffer.alloc(0), number(256)), "a number is zero"],
  [
    "a number with zeros before it",
    blob("ssh-rsa", E, Buffer.concat([Buffer.alloc(2), number(256)])),
    "a number has too many leading zeros",
  ],
  [
    "bytes after the key",
    Buffer.concat([blob("ssh-ed25519", Buffer.alloc(32, 1)), Buffer.alloc(3)]),
    "3 bytes too many",
  ],
  ["a key that ends early", blob("ssh-rsa", E), "cut short: 4 more bytes expected"],
  ["a name that cannot be printed", blob("ssh-\u0007"), "a name holds unprintable bytes"],
];

for (const [name, bytes, why] of refused) {
  keys(`${name} is refused`, () => {
    assert.throws(
      () => readSshKey(bytes),
      (error: unknown) => error instanceof Error && error.message === why,
    );
  });
}

keys("whoever signs first makes no folder when the list lies at the top", () => {
  const told = (signers: string) => tellFirstSigner({ signers, branch: "main" });
  assert.match(told("approvers"), /^for each person echo "NAME namespaces=/);
  assert.match(told("manifests/approvers"), /^for each person mkdir -p manifests && echo "NAME namespaces=/);
});

keys.run();
