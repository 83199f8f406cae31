import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adviseOnRecipes, whyNoRecipe } from "../../../../engine/src/image/recipe-advice.ts";
import { parseReference } from "../../../../engine/src/image/reference.ts";
import { silenceFor } from "../../../../engine/src/image/registry/silence.ts";

const advice = suite("an image that cannot be had");

const advise = (address: string, platform = "linux/amd64") => adviseOnRecipes(parseReference(address), platform);

advice("is told with the tags of the same image that can be made", () => {
  assert.is(
    advise("debian:bullseye"),
    "  to do: make the registry reachable (network, proxy, SLIPWAY_REGISTRY_MIRROR), or use a tag of debian that a recipe makes (linux/amd64): " +
      "12, 12-slim, 13, 13-slim, bookworm, bookworm-slim, latest, stable, stable-slim, trixie, trixie-slim",
  );
  assert.is(
    advise("docker.io/apache/kafka"),
    "  to do: make the registry reachable (network, proxy, SLIPWAY_REGISTRY_MIRROR), or use a tag of apache/kafka that a recipe makes (linux/amd64): 4.1.1",
  );
});

advice("is told with all images that can be made when there is none of its name", () => {
  const lines = advise("team/python:3.13").split("\n");
  assert.is(
    lines[0],
    "  to do: make the registry reachable (network, proxy, SLIPWAY_REGISTRY_MIRROR), or use an image that a recipe makes (linux/amd64):",
  );
  assert.ok(lines.includes("    redis: 7, 8"), lines.join("\n"));
  assert.ok(lines.includes("    debian: bookworm, bookworm-slim, trixie, trixie-slim"), lines.join("\n"));
});

advice("is told that nothing can be made for its platform", () => {
  assert.is(
    advise("debian:bookworm", "linux/arm64"),
    "  to do: make the registry reachable (network, proxy, SLIPWAY_REGISTRY_MIRROR); no recipe makes an image for linux/arm64",
  );
});

advice("is told that a digest is no recipe's", () => {
  assert.is(whyNoRecipe(parseReference("debian:13")), "there is no recipe for it");
  assert.is(
    whyNoRecipe(parseReference(`debian:13@sha256:${"0".repeat(64)}`)),
    "no recipe can make the bytes that a digest names",
  );
});

for (const [name, address, message, told] of [
  [
    "manifest",
    "docker.io/team/tool:1.2",
    'failed to do request: Head "https://registry-1.docker.io/v2/library/debian/manifests/bookworm": dial tcp: lookup registry-1.docker.io: no such host',
    'failed to do request: Head "https://registry-1.docker.io/v2/team/tool/manifests/1.2": dial tcp: lookup registry-1.docker.io: no such host',
  ],
  [
    "manifest by its digest",
    `debian@sha256:${"a".repeat(64)}`,
    'failed to do request: Head "https://r.example/v2/a/b/c/manifests/latest": EOF',
    `failed to do request: Head "https://r.example/v2/library/debian/manifests/sha256:${"a".repeat(64)}": EOF`,
  ],
  [
    "token",
    "team/tool:1",
    'failed to fetch anonymous token: Get "https://auth.docker.io/token?scope=repository%3Alibrary%2Fdebian%3Apull&service=registry.docker.io": dial tcp: i/o timeout',
    'failed to fetch anonymous token: Get "https://auth.docker.io/token?scope=repository%3Ateam%2Ftool%3Apull&service=registry.docker.io": dial tcp: i/o timeout',
  ],
] as const) {
  advice(`is told with the address of its own ${name}, not with that of the image before`, () => {
    assert.is(silenceFor(message, parseReference(address)).message, told);
  });
}

advice.run();
