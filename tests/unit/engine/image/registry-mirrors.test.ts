import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatReference, parseReference } from "../../../../engine/src/image/reference.ts";
import { atMirrors, readMirrors } from "../../../../engine/src/image/registry/mirrors.ts";

const mirrors = suite("mirrors of registries");

for (const [given, address, expected] of [
  [undefined, "debian:12", []],
  ["", "debian:12", []],
  ["docker.io=mirror.example", "debian:12", ["mirror.example/library/debian:12"]],
  ["docker.io=mirror.example/hub/", "team/x", ["mirror.example/hub/team/x:latest"]],
  ["index.docker.io=https://mirror.example:5000/hub", "debian:12", ["mirror.example:5000/hub/library/debian:12"]],
  [
    "docker.io=a.example,docker.io=b.example/c",
    "debian:12",
    ["a.example/library/debian:12", "b.example/c/library/debian:12"],
  ],
  [" docker.io=a.example \n ghcr.io=b.example ", "ghcr.io/o/x:1", ["b.example/o/x:1"]],
  ["ghcr.io=b.example", "debian:12", []],
  ["r.example:5000=127.0.0.1:5000", "r.example:5000/x:1", ["127.0.0.1:5000/x:1"]],
  ["docker.io=localhost:5000", "debian:12", ["localhost:5000/library/debian:12"]],
] as const) {
  mirrors(`${JSON.stringify(given)} gives ${address} as ${expected.join(" and ") || "it is"}`, () => {
    assert.equal(atMirrors(parseReference(address), readMirrors(given)).map(formatReference), expected);
  });
}

mirrors("a digest stays", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const [found] = atMirrors(parseReference(`debian@${digest}`), readMirrors("docker.io=m.example"));
  assert.equal(found, { registry: "m.example", repository: "library/debian", digest });
});

mirrors("all that is wrong is told at once", () => {
  for (const [given, told] of [
    ["mirror.example", '"mirror.example" names no registry'],
    ["docker.io=", '"docker.io=" names no registry'],
    ["docker.io=mirror", '"docker.io=mirror" names no mirror'],
    ["docker.io=http://mirror.example", '"docker.io=http://mirror.example" names no mirror'],
    ["docker.io=m.example/UP", '"docker.io=m.example/UP" names no mirror'],
    ["docker.io/library=m.example", '"docker.io/library=m.example" names no registry'],
    ["library=m.example x", '"library=m.example" names no registry; "x" names no registry'],
  ] as const) {
    assert.throws(
      () => readMirrors(given),
      ({ message }: Error) =>
        message ===
        `SLIPWAY_REGISTRY_MIRROR: ${told}\n  to do: set it to REGISTRY=MIRROR, several with blanks between them, such as docker.io=mirror.example/hub; mirrors are asked with TLS`,
    );
  }
});

mirrors.run();
