import { type Fault, inFile } from "./fault.ts";

/** Mistakes about approvals. */
export const APPROVAL_FAULTS: readonly Fault[] = [
  ...inFile("approval/judge.ts", [
    ["another ring's approval passes", "if (predicate.ring !== ring)", "if (false as boolean)"],
    ["another release's approval passes", "if (predicate.release !== release.id)", "if (false as boolean)"],
    [
      "the images are not compared",
      "if (canonicalJson(subject) !== canonicalJson(listSubjects(release)))",
      "if (false as boolean)",
    ],
    ["an expired approval passes", "if (Date.parse(notAfter) <= at.nowMs)", "if (false as boolean)"],
    [
      "an approval from the future passes",
      "if (Date.parse(issuedAt) > at.nowMs + CLOCK_SKEW_MS)",
      "if (false as boolean)",
    ],
    ["other rules pass", "if (policyDigest !== digestRules(at.rules, at.signers))", "if (false as boolean)"],
    ["an approval is good twice", "if (at.used.has(id))", "if (false as boolean)"],
    ["an approval from before the evidence passes", "if (ledgerHead < at.ledgerFloor)", "if (false as boolean)"],
    ["a rejection does not win", "granted = rejections.length === 0 && ", "granted = "],
    ["the quorum is short by one", "counted.length >= quorum", "counted.length >= quorum - 1"],
    [
      "a person counts twice",
      "if (counted.some((other) => other.approver === name || other.key === fingerprint(key)))",
      "if (false as boolean)",
    ],
    [
      "the signature is not verified",
      'if (!verifySshSignature(read, Buffer.from(text, "utf8"), APPROVAL_NAMESPACE))',
      "if (false as boolean)",
    ],
    ["the author approves", "if (at.rules.separation && ", "if ((false as boolean) && "],
  ]),
  ...inFile("approval/allowed-key.ts", [
    ["the key's validity is not looked at", "if (valid.length === 0)", "if (false as boolean)"],
    ["the key's purpose is not looked at", "if (allowed.length === 0)", "if (false as boolean)"],
    ["anybody's key signs for anybody", "if (own.length === 0)", "if (false as boolean)"],
  ]),
  ...inFile("approval/ssh-signature.ts", [
    ["a weak hash passes", 'if (hash !== "sha256" && hash !== "sha512")', 'if (hash === "md5")'],
    ["the algorithm is not compared with the key", "if (algorithm !== expected)", "if (false as boolean)"],
    ["trailing bytes pass", "reader.end();\n", ""],
    ["a touch is not needed", "if ((touch.flags & USER_PRESENT) === 0) return false;", ""],
    ["the namespace is not compared", "if (signature.namespace !== namespace) return false;", ""],
  ]),
  ...inFile("approval/ssh-key.ts", [["a weak RSA key passes", "if (bits < RSA_MIN_BITS)", "if (bits < 100)"]]),
  ...inFile("approval/allowed-signers.ts", [
    ["a certificate authority passes", 'if (name === "cert-authority")', 'if (name === "no-such")'],
    [
      "a negated pattern does not refuse",
      "matches(pattern.slice(1)))) return false;",
      "matches(pattern.slice(1)))) return true;",
    ],
  ]),
  ...inFile("approval/statement.ts", [
    ["a statement need not be canonical", "if (canonicalJson(read.value) !== text)", "if (false as boolean)"],
  ]),
];
