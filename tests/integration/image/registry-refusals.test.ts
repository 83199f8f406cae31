import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ImageContent, Images } from "../../../engine/src/image/images.ts";
import { type Failure, type Seen, startFailingProxy } from "../../support/failing-proxy.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { refuse, TokenServer } from "../../support/token-server.ts";
import { makeImage } from "./image-of-layers.ts";

const refusals = suite("a registry behind a proxy that refuses");

const me = { username: "me", password: "open sesame" };
const html = { "content-type": "text/html; charset=utf-8", server: "nginx" };
const page =
  "<!doctype html><title>Maintenance</title><style>p{}</style><h1>Maintenance</h1><p>Back at 17:00 &amp; not before</p>";
const pullLimit = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";

let folder = "";
let registry: Registry;
let source: { images: Images; content: ImageContent };

refusals.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "registry-refusals-"));
  registry = await startRegistry();
  source = makeImage(join(folder, "source"), [1_000], { patience: { limitMs: 2_000, firstPauseMs: 5 } });
});

refusals.after(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  /** With `HOST` in place of the proxy's address. */
  readonly said: string;
  readonly seen: readonly Seen[];
}

let names = 0;

async function through(
  plan: (request: Seen, host: string) => Failure | undefined,
  work: (address: string, host: string) => Promise<string>,
): Promise<Outcome> {
  let host = "";
  const proxy = await startFailingProxy(registry.address, (_, request) => plan(request, host));
  host = proxy.address;
  try {
    const said = await work(`${host}/team/x${names++}:1`, host).catch((error: Error) => error.message);
    return { said: said.replaceAll(host, "HOST").replace(/team\/x\d+/g, "team/x"), seen: proxy.seen };
  } finally {
    await proxy.stop();
  }
}

function push(plan: (request: Seen, host: string) => Failure | undefined, password = me.password): Promise<Outcome> {
  return through(plan, async (address, host) => {
    const credentials = [{ address: host, username: me.username, password }];
    return (await source.images.publish(address, [source.content], credentials)).replace(/sha256:.*/, "DIGEST");
  });
}

let stores = 0;

function pull(plan: (request: Seen, host: string) => Failure | undefined): Promise<Outcome> {
  return through(plan, async (address) => {
    const images = new Images({
      storeDir: join(folder, `store-${stores++}`),
      from: "registry",
      patience: { limitMs: 500, firstPauseMs: 5 },
    });
    return (await images.get(address, "linux/amd64", [])).digest;
  });
}

const starts = ({ method, path }: Seen) => method === "POST" && path.endsWith("/uploads/");
const uploads = ({ method, path }: Seen) => method === "PUT" && path.includes("/uploads/");
const names1 = ({ method, path }: Seen) => method === "PUT" && path.endsWith("/manifests/1");

const quota = refuse(
  403,
  "DENIED",
  "adding 2.1 MiB of storage resource will exceed the configured upper limit of 10.0 MiB",
  {},
  { hard: "10MiB" },
);
const told =
  'DENIED: adding 2.1 MiB of storage resource will exceed the configured upper limit of 10.0 MiB (detail: {"hard":"10MiB"})';

/** What is refused for good: at which request, how, and what the person reads of it. */
const lasting: readonly (readonly [name: string, at: (request: Seen) => boolean, how: Failure, said: string])[] = [
  ["a quota", starts, quota, `403 Forbidden: ${told}`],
  ["a quota that is noticed at the manifest", names1, quota, `403 Forbidden: ${told}`],
  [
    "a registry that only reads",
    starts,
    refuse(405, "UNSUPPORTED", "The operation is unsupported.", {}, "registry is in read-only mode"),
    "405 Method Not Allowed: UNSUPPORTED: The operation is unsupported. (detail: registry is in read-only mode)",
  ],
  [
    "a missing repository",
    starts,
    refuse(404, "NAME_UNKNOWN", "repository name not known to registry"),
    "404 Not Found: NAME_UNKNOWN: repository name not known to registry",
  ],
  [
    "a layer that is too long for a proxy",
    uploads,
    { kind: "answer", status: 413, headers: html, body: "<html><h1>413 Request Entity Too Large</h1></html>" },
    "413 Payload Too Large: 413 Request Entity Too Large\n  answered in HTML by nginx: by something in front of the registry, or by its maintenance page",
  ],
  [
    "other bytes than were sent",
    uploads,
    refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content"),
    "400 Bad Request: DIGEST_INVALID: provided digest did not match uploaded content",
  ],
  [
    "a manifest of a kind that it does not take",
    names1,
    refuse(415, "MANIFEST_INVALID", "manifest invalid", {}, { mediaType: "x" }),
    '415 Unsupported Media Type: MANIFEST_INVALID: manifest invalid (detail: {"mediaType":"x"})',
  ],
  [
    "several reasons at once",
    names1,
    {
      kind: "answer",
      status: 400,
      body: '{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"},{"code":"TAG_INVALID","message":"tag is immutable"}]}',
    },
    "400 Bad Request: MANIFEST_INVALID: manifest invalid; TAG_INVALID: tag is immutable",
  ],
  [
    "a full disk",
    uploads,
    { kind: "answer", status: 507, body: "no space left on device" },
    "507 Insufficient Storage: no space left on device",
  ],
  [
    "a page with 200 in place of an upload",
    starts,
    { kind: "answer", status: 200, headers: html, body: page },
    "200 OK: Maintenance Back at 17:00 & not before\n  answered in HTML by nginx: by something in front of the registry, or by its maintenance page",
  ],
  [
    "nothing but a status",
    starts,
    { kind: "answer", status: 403, headers: { server: "awselb/2.0" } },
    "403 Forbidden\n  answered by awselb/2.0, without any text",
  ],
];

for (const [name, at, how, said] of lasting) {
  refusals(`ends a push at ${name}, with the words of whoever spoke`, async () => {
    const outcome = await push((request) => (at(request) ? how : undefined));
    const hit = outcome.seen.filter(at);
    assert.ok(outcome.said.includes(said), outcome.said);
    assert.match(
      outcome.said,
      /^(?:HOST\/team\/x:1: )?unexpected status from (?:POST|PUT) request to http:\/\/HOST\/v2\/team\/x\//,
    );
    // Layer and configuration go at the same time; neither is tried twice.
    assert.ok(hit.length <= 2, `${hit.length} tries`);
    assert.is(new Set(hit.map(({ path }) => path.split("?")[0])).size === hit.length || at === starts, true);
  });
}

refusals("says what a registry says that goes on failing, how often it was asked, and how long", async () => {
  const { said, seen } = await push((request) =>
    starts(request) ? { kind: "answer", status: 503, headers: html, body: page } : undefined,
  );
  const pattern = [
    "^unexpected status from POST request to http://HOST/v2/team/x/blobs/uploads/: 503 Service Unavailable: Maintenance Back at 17:00 & not before",
    " {2}answered in HTML by nginx: by something in front of the registry, or by its maintenance page",
    " {2}tried \\d+ times in \\d\\.\\d s \\(SLIPWAY_REGISTRY_PATIENCE sets the seconds of waiting\\)$",
  ].join("\n");
  assert.match(said, new RegExp(pattern));
  assert.ok(seen.filter(starts).length >= 5);
});

refusals("waits as long as a registry asks, and not at all when that is longer than the patience", async () => {
  const { said, seen } = await push((request) =>
    starts(request) ? refuse(429, "TOOMANYREQUESTS", "slow down", { "retry-after": "3600" }) : undefined,
  );
  assert.match(
    said,
    /429 Too Many Requests: TOOMANYREQUESTS: slow down\n {2}tried once; it asks to wait 3600 s \(SLIPWAY_REGISTRY_PATIENCE sets the seconds of waiting\)$/,
  );
  assert.ok(seen.filter(starts).length <= 2);
});

refusals("does not wait for a pull limit, which counts hours", async () => {
  const { said, seen } = await pull(() => refuse(429, "TOOMANYREQUESTS", pullLimit));
  assert.ok(said.endsWith(`429 Too Many Requests: TOOMANYREQUESTS: ${pullLimit}`), said);
  assert.equal(
    seen.map(({ method, path }) => `${method} ${path.replace(/x\d+/, "x")}`),
    ["GET /v2/", "HEAD /v2/team/x/manifests/1", "GET /v2/team/x/manifests/1"],
  );
});

refusals("takes no page for a manifest", async () => {
  const { said } = await pull(() => ({ kind: "answer", status: 200, headers: html, body: page }));
  assert.is(
    said,
    'failed to resolve image "HOST/team/x:1" (platform: "linux/amd64"): the answer to the GET request to http://HOST/v2/team/x/manifests/1 is not a manifest (200): Maintenance Back at 17:00 & not before',
  );
});

refusals("takes no page with 200 for a blob that the registry has", async () => {
  const { said, seen } = await push(({ method }) =>
    method === "HEAD" ? { kind: "answer", status: 200, headers: html, body: page } : undefined,
  );
  assert.is(said, "HOST/team/x:1@DIGEST");
  assert.is(seen.filter(uploads).length, 2);
});

refusals("asks for a new token when one runs out in the middle of a push", async () => {
  const server = new TokenServer({ requests: 3 });
  const { said, seen } = await push((request, host) => server.judge(host, request));
  assert.is(said, "HOST/team/x:1@DIGEST");
  assert.ok(server.given.length >= 3, `${server.given.length} tokens`);
  assert.match(server.given[0] ?? "", /^repository:team\/x\d+:pull,push$/);
  assert.is(seen.filter(({ path }) => path.startsWith("/token")).length, server.given.length);
});

refusals("tries a token server again that fails in passing", async () => {
  const failures: Failure[] = [
    { kind: "answer", status: 503 },
    { kind: "reset" },
    { kind: "answer", status: 500, body: "{}" },
  ];
  const server = new TokenServer({ requests: 100, failures });
  assert.is((await push((request, host) => server.judge(host, request))).said, "HOST/team/x:1@DIGEST");
});

refusals("says at once that a token server does not take the password", async () => {
  const server = new TokenServer({ requests: 100 });
  const { said, seen } = await push((request, host) => server.judge(host, request), "wrong");
  assert.is(
    said,
    [
      "HOST/team/x:1: failed to authorize: failed to fetch oauth token: unexpected status from GET request to http://HOST/token: 401 Unauthorized: incorrect username or password",
      "  answered by the server that gives out the registry's tokens",
      "  to do: give credentials that may use team/x (withRegistryAuth)",
    ].join("\n"),
  );
  assert.ok(seen.filter(({ path }) => path.startsWith("/token")).length <= 2);
});

refusals("ends when a registry refuses every new token", async () => {
  const server = new TokenServer({ requests: 0 });
  const { said } = await push((request, host) => server.judge(host, request));
  assert.match(said, /401 Unauthorized: UNAUTHORIZED: authentication required\n {2}to do: give credentials/);
});

refusals("takes a blob over from another repository of the same registry without sending it again", async () => {
  const { seen, said } = await through(
    () => undefined,
    async (address) => {
      await source.images.publish(address, [source.content], []);
      return (await source.images.publish(address.replace("/x", "/copy-of-x"), [source.content], [])).slice(-8);
    },
  );
  assert.is(seen.filter(uploads).length, 2, said);
  assert.is(seen.filter(({ path }) => path.includes("mount=sha256")).length, 2);
});

refusals("begins an upload anew that the registry has forgotten", async () => {
  let lost = 0;
  const { said, seen } = await push((request) =>
    uploads(request) && lost++ < 2 ? refuse(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry") : undefined,
  );
  assert.is(said, "HOST/team/x:1@DIGEST");
  assert.is(seen.filter(starts).length, 4);
});

refusals.run();
