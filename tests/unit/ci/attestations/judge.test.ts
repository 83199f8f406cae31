/** Which images a ring lets in: signatures by the real ssh-keygen. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ENVELOPE_TYPE,
  encodeForSigning,
  STATEMENT_TYPE,
  writeEnvelope,
} from "../../../../ci/src/attestations/envelope.ts";
import { type AttestationCase, judgeAttestations } from "../../../../ci/src/attestations/judge.ts";
import type { Found } from "../../../../ci/src/attestations/program/task.ts";
import { describeProvenance } from "../../../../ci/src/attestations/provenance.ts";
import { writeStatement } from "../../../../ci/src/attestations/statement.ts";
import { ATTESTATION_NAMESPACE } from "../../../../ci/src/rollout/approval/allowed-key.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const COMMIT = "3c9a1b2d4e5f60718293a4b5c6d7e8f901234567";
const SOURCE = "https://example.org/acme/shop";
const IMAGE = { name: "docker.io/acme/shop-api", digest: `sha256:${"a1".repeat(32)}` };
const TITLE = `api, docker.io/acme/shop-api@sha256:${"a1".repeat(6)}`;
const folder = mkdtempSync(join(tmpdir(), "slipway-attestations-"));

function makeKey(name: string, ...type: string[]) {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", ...type, "-N", "", "-C", name, "-f", path]);
  const print = execFileSync("ssh-keygen", ["-l", "-f", `${path}.pub`], { encoding: "utf8" }).split(" ")[1] ?? "";
  return { path, line: readFileSync(`${path}.pub`, "utf8").split(" ").slice(0, 2).join(" "), print };
}

const ci = makeKey("ci", "ed25519");
const rsa = makeKey("rsa", "rsa", "-b", "2048");
const bob = makeKey("bob", "ed25519");
const eve = makeKey("eve", "ed25519");
const old = makeKey("old", "ed25519");
const FOR_IMAGES = `namespaces="${ATTESTATION_NAMESPACE}"`;
const SIGNERS = [
  `ci@acme.example ${FOR_IMAGES} ${ci.line}`,
  `release@acme.example ${rsa.line}`,
  `bob@acme.example namespaces="slipway-approval@v1" ${bob.line}`,
  `old@acme.example ${FOR_IMAGES},valid-before="20260101Z" ${old.line}`,
  "",
].join("\n");

const origin = { service: "api", commit: COMMIT, source: SOURCE, platforms: [], bases: [] };

function provenanceOf(change: Partial<typeof origin> = {}, image = IMAGE): string {
  return writeStatement(image, "provenance", describeProvenance({ ...origin, ...change }));
}

const bom = writeStatement(IMAGE, "sbom", { bomFormat: "CycloneDX", specVersion: "1.6" });

function sign(path: string, text: string, namespace: string = ATTESTATION_NAMESPACE): string {
  return execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", path, "-n", namespace, "-"], {
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** A referrer that is told by its number. */
function plain(text: string, number = 1): Found {
  return { digest: `sha256:${String(number).repeat(64)}`, type: STATEMENT_TYPE, text };
}

function signed(statement: string, { path }: { path: string } = ci, number = 1): Found {
  const signature = { keyid: "", armoured: sign(path, encodeForSigning(statement)) };
  return envelope(writeEnvelope(statement, [signature]), number);
}

function envelope(text: string, number = 1): Found {
  return { digest: `sha256:${String(number).repeat(64)}`, type: ENVELOPE_TYPE, text };
}

function judge(found: readonly Found[], change: Partial<AttestationCase> = {}): string[] {
  return judgeAttestations({
    image: IMAGE,
    service: "api",
    commit: COMMIT,
    source: SOURCE,
    found,
    rule: { provenance: "signed", sbom: "off", signers: [] },
    signers: SIGNERS,
    nowMs: NOW,
    ...change,
  });
}

const doesNotHold = (...problems: string[]) => [
  `${TITLE}: its provenance does not hold`,
  ...problems.map((problem) => `  referrer sha256:${"1".repeat(12)}: ${problem}`),
];

const judging = suite("what images carry, judged");

judging.after(() => rmSync(folder, { recursive: true, force: true }));

judging("holds when somebody in the list has signed it, with either kind of key", () => {
  assert.equal(judge([signed(provenanceOf())]), []);
  assert.equal(judge([signed(provenanceOf(), rsa)]), []);
  assert.equal(judge([signed(provenanceOf()), signed(bom)], { rule: both("signed") }), []);
});

function both(level: "required" | "signed"): AttestationCase["rule"] {
  return { provenance: level, sbom: level, signers: [] };
}

judging("is asked for nothing that the ring does not demand", () => {
  assert.equal(judge([], { rule: { provenance: "off", sbom: "off", signers: [] } }), []);
});

judging("is missing, each thing for itself, when nothing hangs there or something else", () => {
  assert.equal(judge([], { rule: both("required") }), [
    `${TITLE}: it carries no provenance`,
    `${TITLE}: it carries no SBOM`,
  ]);
  assert.equal(judge([signed(bom)], { rule: both("signed") }), [`${TITLE}: it carries no provenance`]);
});

judging("holds unsigned only where no signature is demanded", () => {
  assert.equal(judge([plain(provenanceOf())], { rule: both("required") }), [`${TITLE}: it carries no SBOM`]);
  assert.equal(judge([plain(provenanceOf()), plain(bom)], { rule: both("required"), signers: undefined }), []);
  assert.equal(judge([plain(provenanceOf())]), doesNotHold("nobody has signed it"));
});

judging(
  "does not hold by a key that is not in the list, is for something else, has run out, or is none of those named",
  () => {
    const one = provenanceOf();
    assert.equal(judge([signed(one, eve)]), doesNotHold(`the key ${eve.print} is not in the list of signers`));
    assert.equal(
      judge([signed(one, bob)]),
      doesNotHold("the key of bob@acme.example is not for slipway-attestation@v1"),
    );
    assert.equal(judge([signed(one, old)]), doesNotHold("the key of old@acme.example is not valid now"));
    const rule: AttestationCase["rule"] = {
      provenance: "signed",
      sbom: "off",
      signers: ["*@other.example", "release@acme.example"],
    };
    assert.equal(
      judge([signed(one)], { rule }),
      doesNotHold(
        "ci@acme.example is none of those whose signatures count here (*@other.example, release@acme.example)",
      ),
    );
    assert.equal(judge([signed(one, rsa)], { rule }), []);
  },
);

judging("does not hold once the signer is out of the list", () => {
  const without = SIGNERS.split("\n").slice(1).join("\n");
  assert.equal(
    judge([signed(provenanceOf())], { signers: without }),
    doesNotHold(`the key ${ci.print} is not in the list of signers`),
  );
});

judging("does not hold by a signature for an approval, or of another statement", () => {
  const one = provenanceOf();
  const by = (armoured: string) => envelope(writeEnvelope(one, [{ keyid: "", armoured }]));
  assert.equal(
    judge([by(sign(ci.path, encodeForSigning(one), "slipway-approval@v1"))]),
    doesNotHold('the signature is for "slipway-approval@v1", not for slipway-attestation@v1'),
  );
  // The text alone, without its type.
  assert.equal(judge([by(sign(ci.path, one))]), doesNotHold("the signature is not for this statement"));
  const other = provenanceOf({ commit: "f".repeat(40) });
  assert.equal(
    judge([by(sign(ci.path, encodeForSigning(other)))]),
    doesNotHold("the signature is not for this statement"),
  );
  assert.equal(
    judge([by("no signature")]),
    doesNotHold("expected the lines from -----BEGIN SSH SIGNATURE----- to -----END SSH SIGNATURE-----"),
  );
});

judging("does not hold for another image, service, commit or source, and says all of that at once", () => {
  const image = { ...IMAGE, digest: `sha256:${"0".repeat(64)}` };
  const change = { service: "web", commit: "f".repeat(40), source: "https://example.org/other" };
  assert.equal(
    judge([signed(provenanceOf(change, image), eve)]),
    doesNotHold(
      [
        "it is about another image",
        'its service is "web", not "api"',
        `its commit is "${"f".repeat(40)}", not "${COMMIT}"`,
        'its source is "https://example.org/other", not "https://example.org/acme/shop"',
        `the key ${eve.print} is not in the list of signers`,
      ].join("; "),
    ),
  );
});

judging("compares the source without credentials, and only where it is known here", () => {
  assert.equal(judge([signed(provenanceOf())], { source: "https://me:tok@example.org/acme/shop" }), []);
  assert.equal(judge([signed(provenanceOf({ source: "https://example.org/other" }))], { source: undefined }), []);
});

judging("does not hold for a build of somebody else, and for a list that is not of CycloneDX", () => {
  const foreign = writeStatement(IMAGE, "provenance", { buildDefinition: { buildType: "https://other.example/v1" } });
  assert.equal(
    judge([signed(foreign)]),
    doesNotHold(
      `it describes a build of another type, "https://other.example/v1"; its service is null, not "api"; its commit is null, not "${COMMIT}"; its source is null, not "${SOURCE}"`,
    ),
  );
  const spdx = writeStatement(IMAGE, "sbom", { spdxVersion: "SPDX-2.3" });
  assert.equal(judge([signed(spdx)], { rule: { provenance: "off", sbom: "signed", signers: [] } }), [
    `${TITLE}: its SBOM does not hold`,
    `  referrer sha256:${"1".repeat(12)}: it is not a CycloneDX document`,
  ]);
});

judging("says of a referrer that cannot be read why, and of one in another form", () => {
  const unread: Found = { digest: `sha256:${"1".repeat(64)}`, problem: "what the registry has under x is y" };
  assert.equal(judge([unread]), doesNotHold("what the registry has under x is y"));
  const other: Found = { digest: unread.digest, type: "text/plain", text: "" };
  assert.equal(judge([other]), doesNotHold("it is of type text/plain"));
  assert.equal(judge([envelope("{}")]).length, 2);
});

judging("lets one good statement pass whatever else hangs there, and tells of all when none is good", () => {
  const bad = [plain(provenanceOf(), 1), signed(provenanceOf(), eve, 2), envelope("nonsense", 3)];
  assert.equal(judge([...bad, signed(provenanceOf(), ci, 4)]), []);
  assert.is(judge(bad).length, 4);
});

judging("lets one good signature of several pass", () => {
  const one = provenanceOf();
  const armoured = [eve, ci].map(({ path }) => ({ keyid: "", armoured: sign(path, encodeForSigning(one)) }));
  assert.equal(judge([envelope(writeEnvelope(one, armoured))]), []);
});

judging("never holds when a byte of the envelope is another one", () => {
  const good = signed(provenanceOf());
  assert.ok("text" in good);
  const whole = JSON.parse(good.text);
  fc.assert(
    fc.property(fc.constantFrom("payload", "sig"), fc.nat(), fc.integer({ min: 1, max: 255 }), (part, at, mask) => {
      const text = part === "payload" ? whole.payload : whole.signatures[0].sig;
      const bytes = Buffer.from(text, "base64");
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ mask;
      const changed = bytes.toString("base64");
      const next =
        part === "payload" ? { ...whole, payload: changed } : { ...whole, signatures: [{ keyid: "", sig: changed }] };
      // White space around the signature says nothing.
      const isSame =
        part === "sig" && bytes.toString("utf8").trim() === Buffer.from(text, "base64").toString("utf8").trim();
      assert.is(judge([envelope(JSON.stringify(next))]).length === 0, isSame);
    }),
  );
});

judging("is believed by ssh-keygen as well, as the documentation says", () => {
  const one = provenanceOf();
  writeFileSync(join(folder, "allowed"), SIGNERS);
  writeFileSync(join(folder, "signature"), sign(ci.path, encodeForSigning(one)));
  const args = ["-Y", "verify", "-f", join(folder, "allowed"), "-I", "ci@acme.example", "-n", ATTESTATION_NAMESPACE];
  const verify = (input: string) =>
    spawnSync("ssh-keygen", [...args, "-s", join(folder, "signature")], { input, encoding: "utf8" }).status;
  const bytes = Buffer.byteLength(one);
  assert.is(verify(`DSSEv1 28 application/vnd.in-toto+json ${bytes} ${one}`), 0);
  assert.is.not(verify(one), 0);
});

judging.run();
