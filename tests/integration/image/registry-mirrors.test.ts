import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RegistryCredentials } from "../../../engine/src/image/image.ts";
import { type ImageContent, Images } from "../../../engine/src/image/images.ts";
import { readMirrors } from "../../../engine/src/image/registry/mirrors.ts";
import { type FailingProxy, type Failure, type Seen, startFailingProxy } from "../../support/failing-proxy.ts";
import { findFreePort, type Registry, startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

/** A registry, and another one that has the same images below a folder. Each is asked through a proxy that counts and fails. */
const mirrors = suite("images from a mirror");

let folder = "";
let registry: Registry;
let mirror: Registry;
let own: FailingProxy;
let front: FailingProxy;
let planOfOwn: (seen: Seen) => Failure | undefined = () => undefined;
let planOfMirror: (seen: Seen) => Failure | undefined = () => undefined;
let source: { images: Images; content: ImageContent };
let digest = "";
let stores = 0;

mirrors.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "registry-mirrors-"));
  [registry, mirror] = await Promise.all([startRegistry(), startRegistry()]);
  own = await startFailingProxy(registry.address, (_, seen) => planOfOwn(seen));
  front = await startFailingProxy(mirror.address, (_, seen) => planOfMirror(seen));
  source = makeImage(join(folder, "source"), [1_000]);
  for (const address of [`${registry.address}/team/x:1`, `${mirror.address}/hub/team/x:1`])
    digest = (await source.images.publish(address, [source.content], [])).replace(/^.*@/, "");
  await source.images.publish(`${registry.address}/team/only-here:1`, [source.content], []);
});
mirrors.before.each(() => {
  planOfOwn = () => undefined;
  planOfMirror = () => undefined;
});
mirrors.after(async () => {
  await Promise.all([own?.stop(), front?.stop()]);
  await Promise.all([registry?.stop(), mirror?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What came, or why not; what was told; and how often each was asked. Addresses of proxies are OWN and MIRROR. */
async function pull(
  name: string,
  given = `${own.address}=${front.address}/hub`,
  credentials: readonly RegistryCredentials[] = [],
) {
  const told: string[] = [];
  const [ownBefore, mirrorBefore] = [own.seen.length, front.seen.length];
  const images = new Images({
    storeDir: join(folder, `store-${stores++}`),
    from: "registry",
    patience: { limitMs: 0 },
    mirrors: readMirrors(given),
    onLine: (line) => told.push(line),
  });
  const got = await images.get(`${own.address}/${name}`, "linux/amd64", credentials).catch((error: Error) => error);
  const plain = (text: string) => text.replaceAll(own.address, "OWN").replaceAll(front.address, "MIRROR");
  return {
    got: plain(got instanceof Error ? got.message : `${got.ref.replace(digest, "DIGEST")} ${got.digest === digest}`),
    told: told.map(plain),
    ofOwn: own.seen.slice(ownBefore),
    ofMirror: front.seen.slice(mirrorBefore),
  };
}

mirrors("an image comes from the mirror, under its own name, and its registry is not asked", async () => {
  const { got, told, ofOwn, ofMirror } = await pull("team/x:1");
  assert.equal([got, told, ofOwn], ["OWN/team/x:1@DIGEST true", [], []]);
  assert.ok(
    ofMirror.every(({ path }) => /^\/v2\/(?:hub\/team\/x\/.*)?$/.test(path)),
    JSON.stringify(ofMirror),
  );
});

mirrors("what a mirror has not comes from the registry, and is told", async () => {
  const { got, told } = await pull("team/only-here:1");
  assert.is(got, "OWN/team/only-here:1@DIGEST true");
  assert.equal(told, ["the mirror MIRROR: MIRROR/hub/team/only-here:1: not found; OWN is asked"]);
});

for (const [what, failure, words] of [
  [
    "fails",
    { kind: "answer", status: 500, body: "down" },
    /^the mirror MIRROR: unexpected status from \w+ request to \S+: 500 Internal Server Error.*; OWN is asked$/,
  ],
  [
    "wants a login",
    { kind: "answer", status: 403, body: "who are you" },
    /^the mirror MIRROR: .*403 Forbidden.*; OWN is asked$/,
  ],
  [
    "answers with a web page",
    {
      kind: "answer",
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<html><title>Sign in</title></html>",
    },
    /^the mirror MIRROR: .* is not a manifest \(200\): Sign in; OWN is asked$/,
  ],
] as const) {
  mirrors(`the registry is asked when its mirror ${what}`, async () => {
    planOfMirror = () => failure;
    const { got, told } = await pull("team/x:1");
    assert.is(got, "OWN/team/x:1@DIGEST true");
    assert.match(told[0] ?? "", words);
  });
}

mirrors("a mirror that nobody reaches is asked once in a session, then the next one", async () => {
  const gone = `127.0.0.1:${await findFreePort()}`;
  const { got, told, ofOwn } = await pull("team/x:1", `${own.address}=${gone} ${own.address}=${front.address}/hub`);
  assert.equal([got, ofOwn], ["OWN/team/x:1@DIGEST true", []]);
  assert.is(told.filter((line) => line.startsWith(`the mirror ${gone}: `)).length, 1);
});

mirrors("a blob with another byte is not taken from a mirror", async () => {
  planOfMirror = ({ path, method }) =>
    method === "GET" && path.includes("/blobs/") ? { kind: "changed-answer" } : undefined;
  const { got, told, ofOwn } = await pull("team/x:1");
  assert.is(got, "OWN/team/x:1@DIGEST true");
  assert.match(
    told.at(-1) ?? "",
    /^the mirror MIRROR: the answer to the GET request to \S+ has the digest sha256:\w+, but sha256:\w+ was promised; OWN is asked$/,
  );
  assert.ok(ofOwn.some(({ path }) => path.includes("/blobs/")));
});

mirrors("a manifest that is named by its digest and has another byte is not taken from a mirror", async () => {
  planOfMirror = ({ path, method }) =>
    method === "GET" && path.includes("/manifests/") ? { kind: "changed-answer" } : undefined;
  const { got, told } = await pull(`team/x@${digest}`);
  assert.is(got, "OWN/team/x@DIGEST true");
  assert.ok(
    told.some((line) => line.startsWith("the mirror MIRROR: ")),
    JSON.stringify(told),
  );
});

mirrors("what the registry says and what its mirrors said is told when none gives the image", async () => {
  const { got } = await pull("team/nowhere:1");
  assert.is(
    got,
    'failed to resolve image "OWN/team/nowhere:1" (platform: "linux/amd64"): OWN/team/nowhere:1: not found\n  the mirror MIRROR: MIRROR/hub/team/nowhere:1: not found',
  );
});

mirrors("credentials of a registry are not given to its mirror", async () => {
  const credentials = [{ address: own.address, username: "ann", password: "open sesame" }];
  planOfMirror = ({ authorization }) =>
    authorization === undefined
      ? { kind: "answer", status: 401, headers: { "www-authenticate": 'Basic realm="mirror"' }, body: "" }
      : undefined;
  const { ofMirror } = await pull("team/x:1", undefined, credentials);
  assert.ok(ofMirror.length > 0);
  assert.equal(
    ofMirror.filter(({ authorization }) => authorization !== undefined),
    [],
  );
  const forMirror = [{ address: front.address, username: "bob", password: "another word" }];
  const { got, ofOwn } = await pull("team/x:1", undefined, forMirror);
  assert.equal([got, ofOwn], ["OWN/team/x:1@DIGEST true", []]);
});

mirrors("an image is published to its registry, never to a mirror", async () => {
  const before = front.seen.length;
  const images = new Images({
    storeDir: join(folder, "source"),
    from: "registry",
    mirrors: readMirrors(`${own.address}=${front.address}/hub`),
  });
  await images.publish(`${own.address}/team/new:1`, [source.content], []);
  assert.is(front.seen.length, before);
});

mirrors.run();
