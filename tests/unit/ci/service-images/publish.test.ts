import type { Container, Secret } from "@dagger.io/dagger";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { markCode } from "../../../../ci/src/account.ts";
import type { ServiceSettings } from "../../../../ci/src/config/settings.ts";
import { readRelease } from "../../../../ci/src/rollout/release.ts";
import { type Destination, publishImages, writeRelease } from "../../../../ci/src/service-images/publish.ts";
import { explainRefusal } from "../../../../ci/src/service-images/registry-refusal.ts";

function serviceOf(kind: ServiceSettings["kind"]): ServiceSettings {
  return { path: ".", kind, probe: "/", build: { image: "x" }, needs: [], env: {}, tell: {} };
}

const settings = {
  product: "flights",
  services: { ingest: serviceOf("service"), dashboard: serviceOf("service") },
  images: {
    registry: "docker.io/acme",
    name: "{product}-{service}",
    tags: ["{version}"],
    platforms: [],
    attestations: "off" as const,
  },
};

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
    ["ingest", [{ container: image(log, "ingest", "a") }]],
    ["dashboard", [{ container: image(log, "dashboard", "b") }]],
  ]);
  const release = await publishImages(settings, built, commit, open);
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

publish("says in the release which of its services are workers and which are jobs", async () => {
  const kinds = { ingest: serviceOf("service"), processor: serviceOf("worker"), migrate: serviceOf("job") };
  const built = new Map(Object.keys(kinds).map((name) => [name, [{ container: image([], name, "a") }]]));
  const release = await publishImages({ ...settings, services: kinds }, built, commit, open);
  const digest = `sha256:${"a".repeat(64)}`;
  assert.equal(release.services, {
    ingest: { name: "127.0.0.1:5000/flights-ingest", digest },
    processor: { name: "127.0.0.1:5000/flights-processor", digest, kind: "worker" },
    migrate: { name: "127.0.0.1:5000/flights-migrate", digest, kind: "job" },
  });
  assert.equal(readRelease(writeRelease(release)), release);
});

publish("gives the credentials to the host of the registry, for every image", async () => {
  const log: string[] = [];
  const built = new Map([["ingest", [{ container: image(log, "ingest", "a") }]]]);
  await publishImages(settings, built, commit, { registry: undefined, username: "ann", password });
  assert.equal(log[1], "log in to docker.io as ann");
  assert.match(log[2] ?? "", /^push docker.io\/acme\/flights-ingest:/);
});

publish("builds nothing when it is clear that it may not or cannot send", async () => {
  const log: string[] = [];
  const built = new Map([["ingest", [{ container: image(log, "ingest", "a") }]]]);
  const changed = { ...commit, changes: ["M services/ingest/src/main.ts"] };
  assert.match(
    await failureOf(publishImages(settings, built, changed, open)),
    /^these files differ from the commit.* \[uncommitted\]:\n {2}M services\/ingest\/src\/main.ts\n {2}where: commit c{40}\n {2}to do: commit or undo/,
  );
  assert.match(
    await failureOf(publishImages(settings, built, commit, { ...open, username: "ann" })),
    /^--username is given without --password \[bad-arguments\]\n/,
  );
  assert.match(
    await failureOf(publishImages(settings, built, commit, { ...open, password })),
    /^--password is given without --username \[bad-arguments\]\n/,
  );
  assert.match(
    await failureOf(publishImages(settings, built, commit, { ...open, registry: "x" })),
    /is not a registry/,
  );
  assert.equal(log, []);
});

publish("ends at the first image that the registry does not take", async () => {
  const log: string[] = [];
  const built = new Map([
    ["ingest", [{ container: image(log, "ingest", "a", "dial tcp 127.0.0.1:5000: connect: connection refused") }]],
    ["dashboard", [{ container: image(log, "dashboard", "b") }]],
  ]);
  assert.is(
    await failureOf(publishImages(settings, built, commit, open)),
    [
      "127.0.0.1:5000 did not accept the image: dial tcp 127.0.0.1:5000: connect: connection refused [not-published]",
      "  where: publish of 127.0.0.1:5000/flights-ingest",
      "  to do: check the address in --registry, and that the engine can reach it (network, proxy)",
    ].join("\n"),
  );
  assert.equal(log, ["build ingest", "build dashboard"]);
});

const refusal = suite("explainRefusal");

const status = (text: string) => `unexpected status from POST request to https://r.io/v2/a/b/blobs/uploads/: ${text}`;

/** What engines and registries say, and what is advised after it. */
const answers: readonly (readonly [says: string, advice: string])[] = [
  // The embedded engine.
  [
    status("401 Unauthorized: UNAUTHORIZED: authentication required"),
    "check the password of ann; some registries want an access token instead",
  ],
  [
    status("403 Forbidden: DENIED: requested access to the resource is denied"),
    "see whether ann, or the token given as password, may push there; perhaps a/b has to be created there first",
  ],
  [
    status(
      "403 Forbidden: DENIED: adding 1.2 MiB of storage resource, which when updated to current usage of 10.0 MiB will exceed the configured upper limit of 10.0 MiB.",
    ),
    "free some space there, or ask the registry's administrators for more; then make the same call again",
  ],
  [
    status("507 Insufficient Storage"),
    "free some space there, or ask the registry's administrators for more; then make the same call again",
  ],
  [
    status("404 Not Found: NAME_UNKNOWN: repository name not known to registry"),
    "create a/b there, or correct --registry or images.name of slipway.yaml",
  ],
  [
    status("413 Payload Too Large: 413 Request Entity Too Large\n  answered in HTML by nginx"),
    "let the registry, or the proxy in front of it, accept longer uploads (with nginx client_max_body_size)",
  ],
  [
    status("429 Too Many Requests: TOOMANYREQUESTS: slow down"),
    "wait and make the same call again, or ask the registry's administrators for a higher limit",
  ],
  [
    status(
      "405 Method Not Allowed: UNSUPPORTED: The operation is unsupported. (detail: registry is in read-only mode)",
    ),
    "see whether r.io accepts images at all now: it may be a mirror, or under maintenance",
  ],
  [
    status("412 Precondition Failed: PRECONDITION: the tag 1 is immutable"),
    "the tag exists there: publish another commit, or allow the registry to move tags",
  ],
  [
    status("503 Service Unavailable: Back at 17:00\n  tried 9 times in 61 s"),
    "make the same call again when r.io works again; what was sent is not sent again",
  ],
  [
    'failed to do request: Put "https://r.io/v2/a/b/blobs/uploads/0": connection reset by peer',
    "make the same call again when r.io works again; what was sent is not sent again",
  ],
  [
    'failed to do request: Head "https://r.io/v2/a/b/blobs/sha256:0": dial tcp: lookup r.io: no such host',
    "check the address in --registry, and that the engine can reach it (network, proxy)",
  ],
  [
    'failed to do request: Head "https://r.io/v2/": the proxy answered 502 to CONNECT',
    "check the address in --registry, and that the engine can reach it (network, proxy)",
  ],
  [
    'failed to do request: Head "https://r.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "the engine does not trust the certificate of r.io; give it its authority: SSL_CERT_FILE for ./slipway, /usr/local/share/ca-certificates for Dagger's own",
  ],
  // Dagger's own engine, which asks containerd.
  [
    "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://auth.docker.io/token: 401 Unauthorized",
    "check the password of ann; some registries want an access token instead",
  ],
  [
    "push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    "see whether ann, or the token given as password, may push there; perhaps a/b has to be created there first",
  ],
  [
    'failed to do request: Head "https://r.io/v2/": http: server gave HTTP response to HTTPS client',
    "plain HTTP is spoken only on the engine's own machine (127.0.0.1, localhost): give the registry a certificate, or publish to it under a loopback address",
  ],
  [
    'failed to do request: Head "https://r.io/v2/": dial tcp 10.0.0.1:443: i/o timeout',
    "check the address in --registry, and that the engine can reach it (network, proxy)",
  ],
  [
    "something that nobody has thought of\nin two lines",
    "read the registry's message; you can make the same call again",
  ],
];

for (const [says, advice] of answers) {
  refusal(`shows all of it, and advises after it: ${says.split("\n")[0]}`, () => {
    const { message } = explainRefusal(says, { image: "r.io/a/b", username: "ann" });
    const told = markCode(`r.io did not accept the image: ${says}`, "not-published");
    assert.is(message, `${told}\n  where: publish of r.io/a/b\n  to do: ${advice}`);
  });
}

refusal("gives its own advice in place of the engine's, which is about its API", () => {
  const says = `r.io/a/b:1: ${status("401 Unauthorized")}`;
  const { message } = explainRefusal(`${says}\n  to do: give credentials that may use a/b (withRegistryAuth)`, {
    image: "r.io/a/b",
    username: undefined,
  });
  assert.is(
    message,
    `r.io did not accept the image: ${says} [not-published]\n  where: publish of r.io/a/b\n  to do: give --username and --password env:VARIABLE, with an access token where the registry has them`,
  );
});

refusal("asks for credentials where none were given", () => {
  for (const says of [
    "unauthorized: authentication required",
    status("403 Forbidden"),
    status("429 Too Many Requests"),
  ]) {
    assert.match(
      explainRefusal(says, { image: "r.io/a/b", username: undefined }).message,
      /give --username and --password env:VARIABLE/,
    );
  }
});

publish.run();
refusal.run();
