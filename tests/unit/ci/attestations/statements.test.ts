/** What images carry: the forms of SLSA, in-toto and DSSE. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeForSigning, readEnvelope, writeEnvelope } from "../../../../ci/src/attestations/envelope.ts";
import { describeProvenance } from "../../../../ci/src/attestations/provenance.ts";
import { isAbout, readStatement, writeStatement } from "../../../../ci/src/attestations/statement.ts";
import { VERSION } from "../../../../ci/src/version.ts";

const statements = suite("statements about images");

const COMMIT = "3c9a1b2d4e5f60718293a4b5c6d7e8f901234567";
const DIGEST = `sha256:${"a1".repeat(32)}`;
const IMAGE = { name: "docker.io/acme/shop-api", digest: DIGEST };

statements("of provenance say service, commit, source and base images, and nothing of the moment", () => {
  const text = writeStatement(
    IMAGE,
    "provenance",
    describeProvenance({
      service: "api",
      commit: COMMIT,
      source: "https://me:tok@example.org/acme/shop?token=abc",
      platforms: ["linux/amd64", "linux/arm64"],
      bases: [{ image: "node:24-bookworm", digest: `sha256:${"b2".repeat(32)}` }, { image: "$BASE" }],
    }),
  );
  assert.equal(JSON.parse(text), {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "docker.io/acme/shop-api", digest: { sha256: "a1".repeat(32) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://slipway.dev/build/v1",
        externalParameters: {
          service: "api",
          commit: COMMIT,
          source: "https://example.org/acme/shop",
          platforms: ["linux/amd64", "linux/arm64"],
        },
        resolvedDependencies: [
          {
            name: "source",
            uri: `git+https://example.org/acme/shop@${COMMIT}`,
            digest: { gitCommit: COMMIT, sha1: COMMIT },
          },
          { name: "base image", uri: "docker-image://node:24-bookworm", digest: { sha256: "b2".repeat(32) } },
          { name: "base image", uri: "docker-image://$BASE" },
        ],
      },
      runDetails: { builder: { id: "https://slipway.dev/builder/v1", version: { slipway: VERSION } } },
    },
  });
});

statements("of provenance leave out the source that nobody named, and know commits of 64 digits", () => {
  const commit = "e".repeat(64);
  const told = describeProvenance({ service: "api", commit, source: undefined, platforms: [], bases: [] });
  assert.equal(JSON.parse(JSON.stringify(told)).buildDefinition, {
    buildType: "https://slipway.dev/build/v1",
    externalParameters: { service: "api", commit },
    resolvedDependencies: [{ name: "source", digest: { gitCommit: commit, sha256: commit } }],
  });
});

statements("are about the images whose digests they name, and no others", () => {
  const read = readStatement(writeStatement(IMAGE, "sbom", { bomFormat: "CycloneDX" }));
  assert.ok("value" in read);
  assert.is(isAbout(read.value, DIGEST), true);
  assert.is(isAbout(read.value, `sha256:${"0".repeat(64)}`), false);
  assert.is(isAbout(read.value, "a1".repeat(32)), false);
});

statements("of another form are refused with every problem", () => {
  assert.equal(readStatement('{"_type":"https://in-toto.io/Statement/v0.1","subject":[],"predicate":{}}'), {
    problems: [
      '_type: expected https://in-toto.io/Statement/v1; found "https://in-toto.io/Statement/v0.1"; perhaps https://in-toto.io/Statement/v1 was meant',
      "subject: expected an image; found an empty list",
      "predicateType: is missing; expected text",
    ],
  });
  assert.equal(readStatement('{"subject":1,"subject":2}'), { problems: ["(top): a name appears twice in an object"] });
});

statements("are signed as DSSE's own example is", () => {
  // The protocol's test vector has another type and body; the form is the same: lengths are bytes.
  assert.is(encodeForSigning("{}"), "DSSEv1 28 application/vnd.in-toto+json 2 {}");
  assert.is(encodeForSigning("ä"), "DSSEv1 28 application/vnd.in-toto+json 2 ä");
});

statements("come out of their envelope as they went in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string(), { minLength: 1 }), (statement, signatures) => {
      const envelope = writeEnvelope(
        statement,
        signatures.map((armoured) => ({ keyid: "SHA256:abc", armoured })),
      );
      const read = readEnvelope(envelope);
      assert.equal(read, { statement, signatures });
    }),
  );
});

statements("in an envelope of another type, without a signature or with more in it are refused", () => {
  const whole = JSON.parse(writeEnvelope("{}", [{ keyid: "a", armoured: "b" }]));
  const problemsOf = (change: object) => readEnvelope(JSON.stringify({ ...whole, ...change }));
  assert.equal(problemsOf({ payloadType: "text/plain" }), {
    problems: ['payloadType: expected application/vnd.in-toto+json; found "text/plain"'],
  });
  assert.equal(problemsOf({ signatures: [] }), { problems: ["signatures: expected a signature; found an empty list"] });
  assert.ok("problems" in problemsOf({ payload: "not base64!" }));
  assert.ok("problems" in problemsOf({ more: 1 }));
});

statements.run();
