import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readAllowedSigners } from "../../../../ci/src/rollout/approval/allowed-signers.ts";
import { APPROVAL_NAMESPACE } from "../../../../ci/src/rollout/approval/statement.ts";
import { bob, ecdsa, problemsOf, rsa, weak } from "./signed-approvals.ts";

const lists = suite("the list of approvers");

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
  line 2: keys of type ecdsa-sha2-nistp256 are not accepted; use ssh-ed25519, sk-ssh-ed25519@openssh.com or ssh-rsa
  line 3: the option no-touch-required is not known; expected namespaces="…", valid-after="…" or valid-before="…"
  line 4: "20260101" is not a time; expected YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC
  line 5: "20260231Z" is not a time; expected YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC
  line 6: the option namespaces=git is not known; expected namespaces="…", valid-after="…" or valid-before="…"
  line 7: the option namespaces appears twice
  line 8: the key is of type ssh-ed25519, but the line says ssh-rsa
  line 9: the key is not base64
  line 10: expected a name, options if any, and a key
  line 11: a quote is not closed
  line 12: an empty name in the list "a,,b"
  line 13: an RSA key of 1024 bits; at least 2048 are needed
  where: manifests/approvers
  to do: write each line as: NAME namespaces="slipway-approval@v1" ssh-ed25519 AAAA… (see ssh-keygen(1))`,
  );
});

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
lists.run();
