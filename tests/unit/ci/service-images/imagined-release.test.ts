import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readRelease } from "../../../../ci/src/rollout/release.ts";
import { imagineRelease } from "../../../../ci/src/service-images/imagined-release.ts";
import { settingsOf } from "../config/found.ts";

const imagined = suite("a release that is not made yet");

const files = { "api/package.json": '{ "name": "api", "port": 8080, "scripts": { "start": "x" } }' };
const settings = (
  images: string,
  services = "api: { path: api }, mails: { path: api, kind: worker }, old: { port: 1, build: { image: a/b } }",
) => settingsOf(files, `product: shop\nservices: { ${services} }\nimages: { ${images} }\n`);

imagined("has each service that is built, and says what only stands for something", () => {
  const { release, placeholders } = imagineRelease(settings("registry: docker.io/acme"));
  const digest = `sha256:${"f".repeat(64)}`;
  assert.equal(release.services, {
    api: { name: "docker.io/acme/shop-api", digest },
    mails: { name: "docker.io/acme/shop-mails", digest, kind: "worker" },
  });
  assert.equal(readRelease(JSON.stringify(release)), release);
  assert.equal(placeholders, [
    "digest sha256:ffffffffffff… of api, mails: known once release has published them",
    `commit 0000000, and the name ${release.id.slice(0, 10)} that follows from all of this`,
  ]);
});

imagined("has a registry that there is not, where none is named", () => {
  const { release, placeholders } = imagineRelease(settings(""));
  assert.is(release.services["api"]?.name, "registry.invalid/shop-api");
  assert.is(placeholders[2], "registry registry.invalid: images.registry of slipway.yaml, or --registry of release");
});

imagined("is refused where nothing is built", () => {
  assert.throws(
    () => imagineRelease(settings("", "old: { port: 1, build: { image: a/b } }")),
    /^there is no service to build \[nothing-known\]/,
  );
});

imagined.run();
