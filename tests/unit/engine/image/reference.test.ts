import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatReference, isLoopbackRegistry, parseReference } from "../../../../engine/src/image/reference.ts";

const reference = suite("parseReference");

const DIGEST = `sha256:${"0".repeat(64)}`;

for (const [address, full] of [
  ["debian", "docker.io/library/debian:latest"],
  ["debian:bookworm", "docker.io/library/debian:bookworm"],
  ["apache/kafka:4.1.1", "docker.io/apache/kafka:4.1.1"],
  ["index.docker.io/library/debian", "docker.io/library/debian:latest"],
  ["localhost/x", "localhost/x:latest"],
  ["127.0.0.1:5000/golden/x:1", "127.0.0.1:5000/golden/x:1"],
  ["[::1]:5000/x", "[::1]:5000/x:latest"],
  ["ghcr.io/a/b__c/d-e.f:T_1.2", "ghcr.io/a/b__c/d-e.f:T_1.2"],
  [`debian@${DIGEST}`, `docker.io/library/debian@${DIGEST}`],
  [`debian:bookworm@${DIGEST}`, `docker.io/library/debian:bookworm@${DIGEST}`],
] as const) {
  reference(`spells ${address} as ${full}`, () => {
    assert.is(formatReference(parseReference(address)), full);
    assert.equal(parseReference(full), parseReference(address));
  });
}

for (const [address, detail] of [
  ["", ""],
  ["debian:", ""],
  ["debian:a b", ""],
  ["debian@sha256:12", ""],
  ["-x/y", ""],
  ["a//b", ""],
  ["debian:bookworm:x", ""],
  ["Debian:bookworm", ": repository name (library/Debian) must be lowercase"],
  [`ghcr.io/${"a".repeat(256)}`, ": repository name must not be more than 255 characters"],
] as const) {
  reference(`refuses "${address.slice(0, 30)}"`, () => {
    assert.throws(
      () => parseReference(address),
      (error: Error) => error.message === `failed to parse image address ${address}: invalid reference format${detail}`,
    );
  });
}

reference("knows the registries of this machine", () => {
  assert.equal(["127.0.0.1:5000", "127.3.2.1", "localhost:1", "[::1]:5000"].map(isLoopbackRegistry), [
    true,
    true,
    true,
    true,
  ]);
  assert.equal(["docker.io", "localhost.example.org", "10.0.0.1:5000"].map(isLoopbackRegistry), [false, false, false]);
});

reference.run();
