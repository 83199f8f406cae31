import type { Container, Secret } from "@dagger.io/dagger";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Destination, publishImages, writeRelease } from "../../../ci/src/build/publish.ts";
import { explainRefusal } from "../../../ci/src/build/registry-refusal.ts";
import { readConfig } from "../../../ci/src/config.ts";
import { readRelease } from "../../../ci/src/rollout/release.ts";

const config = readConfig(`
product: flights
services: { ingest: { port: 1 }, dashboard: { port: 2 } }
front: {}
checks: { lint: [a], unit: [b], integration: [c] }
images: { registry: docker.io/acme }`);

const commit = { hash: "c".repeat(40), time: "2026-11-25T14:12:49Z", author: "ann@example.org", changes: [] };
const open: Destination = { registry: "127.0.0.1:5000", username: undefined, password: undefined };
const password = {} as Secret;

/** A container that only notes what is done with it; `refuse` is what the registry answers. */
function image(log: string[], name: string, digest: string, refuse?: string): Container {
  const fake = {
    sync: async () => {
      log.push(`build ${name}`);
      return fake;
    },
    withRegistryAuth: (registry: string, username: string, secret: Secret) => {
      log.push(`log in to ${registry} as ${username}${secret === password ? "" : " with another password"}`);
      return fake;
    },
    publish: async (address: string) => {
      if (refuse !== undefined) throw new Error(refuse);
      log.push(`push ${address}`);
      return `${address}@sha256:${digest.repeat(64)}`;
    },
  };
  return fake as unknown as Container;
}

const failureOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "no failure",
    (error: Error) => error.message,
  );

const publish = suite("publishImages");

publish("builds all images before it sends the first one, and makes the release of their digests", async () => {
  const log: string[] = [];
  const built = new Map([
    ["ingest", image(log, "ingest", "a")],
    ["dashboard", image(log, "dashboard", "b")],
  ]);
  const release = await publishImages(config, built, commit, open);
  const tag = "20261125141249-cccccccccccc";
  assert.equal(log, [
    "build ingest",
    "build dashboard",
    `push 127.0.0.1:5000/flights-ingest:${tag}`,
    `push 127.0.0.1:5000/flights-dashboard:${tag}`,
  ]);
  assert.equal(release.services, {
    ingest: { name: "127.0.0.1:5000/flights-ingest", digest: `sha256:${"a".repeat(64)}` },
    dashboard: { name: "127.0.0.1:5000/flights-dashboard", digest: `sha256:${"b".repeat(64)}` },
  });
  assert.equal([release.commit, release.commitTime, release.author], [commit.hash, commit.time, commit.author]);
  assert.equal(readRelease(writeRelease(release)), release);
});

publish("gives the credentials to the host of the registry, for every image", async () => {
  const log: string[] = [];
  const built = new Map([["ingest", image(log, "ingest", "a")]]);
  await publishImages(config, built, commit, { registry: undefined, username: "ann", password });
  assert.equal(log[1], "log in to docker.io as ann");
  assert.match(log[2] ?? "", /^push docker.io\/acme\/flights-ingest:/);
});

publish("builds nothing when it is clear that it may not or cannot send", async () => {
  const log: string[] = [];
  const built = new Map([["ingest", image(log, "ingest", "a")]]);
  const changed = { ...commit, changes: ["M services/ingest/src/main.ts"] };
  assert.match(
    await failureOf(publishImages(config, built, changed, open)),
    /^these files are not as in the commit.*:\n {2}M services\/ingest\/src\/main.ts\n {2}where: commit c{40}\n {2}to do: commit or undo/,
  );
  assert.match(
    await failureOf(publishImages(config, built, commit, { ...open, username: "ann" })),
    /^--username is given without --password\n/,
  );
  assert.match(
    await failureOf(publishImages(config, built, commit, { ...open, password })),
    /^--password is given without --username\n/,
  );
  assert.match(await failureOf(publishImages(config, built, commit, { ...open, registry: "x" })), /is not a registry/);
  assert.equal(log, []);
});

publish("ends at the first image that the registry does not take", async () => {
  const log: string[] = [];
  const built = new Map([
    ["ingest", image(log, "ingest", "a", "dial tcp 127.0.0.1:5000: connect: connection refused")],
    ["dashboard", image(log, "dashboard", "b")],
  ]);
  assert.is(
    await failureOf(publishImages(config, built, commit, open)),
    [
      "127.0.0.1:5000 does not answer",
      "  where: publish of 127.0.0.1:5000/flights-ingest",
      "  to do: check the address in --registry, and that the engine has a way there (network, proxy)",
    ].join("\n"),
  );
  assert.equal(log, ["build ingest", "build dashboard"]);
});

const refusal = suite("explainRefusal");

/** What engines and registries say, and what has to come of it. */
const answers: readonly (readonly [says: string, means: RegExp])[] = [
  // The embedded engine, which asks skopeo.
  [
    "r.io/a/b:1: access denied by r.io\n  to do: give credentials that may use a/b (withRegistryAuth)",
    /^r\.io does not accept the password of ann\n/,
  ],
  [
    "r.io/a/b:1: r.io denied access to a/b\n  to do: create it there",
    /^r\.io does not let ann push to a\/b: the repository is missing there, or the permission is\n/,
  ],
  ["r.io/a/b:1: not found", /^r\.io has no repository a\/b\n/],
  [
    'failed to do request: Head "https://r.io/v2/a/b/blobs/sha256:0": dial tcp: lookup r.io: no such host',
    /^r\.io does not answer\n/,
  ],
  [
    "pinging container registry r.io: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    /^the certificate of r\.io is not one that the engine trusts\n/,
  ],
  // Dagger's own engine, which asks containerd.
  [
    "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://auth.docker.io/token: 401 Unauthorized",
    /^r\.io does not accept the password of ann\n/,
  ],
  [
    "push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    /^r\.io does not let ann push to a\/b/,
  ],
  [
    "failed to push r.io/a/b:1: unexpected status from POST request to https://r.io/v2/a/b/blobs/uploads/: 403 Forbidden",
    /^r\.io does not let ann push to a\/b/,
  ],
  [
    'failed to do request: Head "https://r.io/v2/": http: server gave HTTP response to HTTPS client',
    /^r\.io speaks plain HTTP/,
  ],
  ['failed to do request: Head "https://r.io/v2/": dial tcp 10.0.0.1:443: i/o timeout', /^r\.io does not answer\n/],
  [
    "received unexpected HTTP status: 500 Internal Server Error\nmore",
    /^r\.io did not take the image: received unexpected HTTP status: 500 Internal Server Error\n {2}where/,
  ],
];

for (const [says, means] of answers) {
  refusal(`understands: ${says.split("\n")[0]}`, () => {
    const { message } = explainRefusal(says, { image: "r.io/a/b", username: "ann" });
    assert.match(message, means);
    assert.match(message, /\n {2}where: publish of r\.io\/a\/b\n {2}to do: \S/);
  });
}

refusal("asks for credentials where none were given", () => {
  const { message } = explainRefusal("unauthorized: authentication required", {
    image: "r.io/a/b",
    username: undefined,
  });
  assert.match(message, /^r\.io wants a user and a password\n.*\n {2}to do: give --username and --password/);
});

publish.run();
refusal.run();
