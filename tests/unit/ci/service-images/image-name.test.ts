import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameRelease, readRelease } from "../../../../ci/src/rollout/release.ts";
import { labelsOf } from "../../../../ci/src/service-images/image-labels.ts";
import { nameImage } from "../../../../ci/src/service-images/image-name.ts";
import { settingsOf } from "../config/found.ts";

const config = (images: string) =>
  settingsOf(
    {},
    `
product: flights
services: { ingest: { port: 8080, build: { image: registry.example.org/ingest:1 } } }
${images}`,
  );

const name = suite("the name of an image");

name("is registry, and the pattern with its words filled in", () => {
  const settings = config('images: { registry: docker.io/acme, name: "team/{product}.{service}" }');
  assert.is(nameImage(settings, "ingest"), "docker.io/acme/team/flights.ingest");
  assert.is(nameImage(settings, "ingest", "127.0.0.1:5000"), "127.0.0.1:5000/team/flights.ingest");
  assert.is(nameImage(settings, "ingest", "[::1]:5000/a/b-c"), "[::1]:5000/a/b-c/team/flights.ingest");
});

name("has a default for all but the registry, which nobody can guess", () => {
  assert.is(nameImage(config(""), "ingest", "localhost/x"), "localhost/x/flights-ingest");
  assert.throws(() => nameImage(config(""), "ingest"), /^no registry is set.*\n.*--registry\n {2}to do: give one/);
});

for (const [registry, reason] of Object.entries({
  "https://ghcr.io/acme": "expected a host without http:// or https://",
  "docker.io": "expected docker.io/NAME",
  acme: "expected a host; for Docker Hub docker.io/acme",
  "ghcr.io/Acme": "expected lower case names after the host",
  "ghcr.io/": "expected no / at the end",
  "ghcr.io:x": "expected a host, with a port",
  "": "expected a host",
  "me:pass@ghcr.io": "expected a host, with a port",
  "-a.io": "expected a host, with a port",
  "a..io": "expected a host, with a port",
  "[::1": "expected a host, with a port",
  "[::x]:5000": "expected a host, with a port",
  "a.io:0": "expected a port from 1 to 65535",
  "a.io:65536": "expected a port from 1 to 65535",
  "a.io//b": "expected lower case names after the host",
})) {
  name(`refuses the registry "${registry}"`, () => {
    assert.throws(
      () => nameImage(config(""), "ingest", registry),
      (error: Error) => {
        assert.match(error.message, `"${registry}" is not a registry: ${reason}`);
        assert.match(error.message, "where: --registry");
        return true;
      },
    );
  });
}

name("is taken from a release by the same rule as from slipway.yaml", () => {
  for (const registry of ["Registry.Example:5000", "[::1]:5000", "localhost", "127.0.0.1:5000/a/b-c"]) {
    const written = nameImage(config(`images: { registry: "${registry}" }`), "ingest");
    const digest = `sha256:${"a".repeat(64)}`;
    const content = { commit: "c".repeat(40), commitTime: "2026-11-25T14:12:49Z", author: "ann@example.org" };
    const release = nameRelease({ ...content, services: { ingest: { name: written, digest } } });
    assert.equal(readRelease(JSON.stringify(release)), release);
  }
});

name("that would be longer than a registry takes is refused", () => {
  assert.throws(
    () => nameImage(config(""), "ingest", `docker.io/${"a".repeat(240)}`),
    (error: Error) => {
      assert.match(
        error.message,
        /" is not the name of an image: expected 255 characters at most \[bad-image-name\]\n {2}where: images.name of slipway.yaml\n/,
      );
      return true;
    },
  );
});

name("is checked in slipway.yaml, with every problem at once", () => {
  const images = 'images: { registry: "http://x", name: "{produkt}", source: here }';
  assert.throws(
    () => config(images),
    (error: Error) => {
      assert.is(
        error.message,
        [
          "slipway.yaml cannot be used [bad-config]:",
          '  4:21 images.registry: expected a host without http:// or https://; found "http://x"',
          '  4:39 images.name: expected {service} in it: each service has an image of its own; found "{produkt}"',
          "  4:60 images.source: expected an address such as https://example.org/source; found here",
        ].join("\n"),
      );
      return true;
    },
  );
  assert.throws(() => config('images: { name: "{product}-{service}-{tag}" }'), /images.name: expected lower case/);
});

const labels = suite("the labels of an image");

labels("say what it is, from where and of when, by nothing but the commit and slipway.yaml", () => {
  const commit = { hash: "a".repeat(40), time: "2026-11-25T14:12:49Z", author: "ann@example.org", changes: [] };
  assert.equal(labelsOf(config("images: { source: 'https://example.org/x' }"), "ingest", commit), {
    "org.opencontainers.image.title": "flights-ingest",
    "org.opencontainers.image.version": "20261125141249-aaaaaaaaaaaa",
    "org.opencontainers.image.revision": "a".repeat(40),
    "org.opencontainers.image.created": "2026-11-25T14:12:49Z",
    "org.opencontainers.image.source": "https://example.org/x",
  });
  assert.not("org.opencontainers.image.source" in labelsOf(config(""), "ingest", commit));
});

name.run();
labels.run();
