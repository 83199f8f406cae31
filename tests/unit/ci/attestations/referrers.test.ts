/** The program that hangs things on images, in front of registries of both kinds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { carryOut, type Done, type TextArtifact } from "../../../../ci/src/attestations/program/task.ts";
import { ReferrersRegistry, type ReferrersRegistryOptions } from "../../../support/referrers-registry.ts";

const referrers = suite("referrers of images");

const TYPE = "application/vnd.in-toto+json";
const one: TextArtifact = { type: TYPE, text: '{"one":1}', annotations: { "in-toto.io/predicate-type": "a" } };
const two: TextArtifact = { type: TYPE, text: '{"two":2}', annotations: { "in-toto.io/predicate-type": "b" } };

const started: ReferrersRegistry[] = [];

referrers.after.each(async () => {
  for (const registry of started.splice(0)) await registry.stop();
});

async function start(options: ReferrersRegistryOptions = {}) {
  const registry = new ReferrersRegistry(options);
  started.push(registry);
  const image = `${await registry.start()}/x`;
  const digest = registry.putImage();
  const attach = async (...artifacts: TextArtifact[]) =>
    await carryOut({ image, digest, attach: artifacts }, undefined);
  const read = async () => await carryOut({ image, digest, read: [TYPE] }, undefined);
  return { registry, image, digest, attach, read };
}

function textsOf(done: Done): string[] {
  assert.ok("found" in done, JSON.stringify(done));
  return done.found.map((one) => ("text" in one ? one.text : one.problem)).sort();
}

function digestsOf(done: Done): readonly string[] {
  assert.ok("digests" in done, JSON.stringify(done));
  return done.digests;
}

for (const [kind, options] of [
  ["that knows the API", { page: 1 }],
  ["that knows the API and tells the type of the configuration", { page: 9, tellsConfiguration: true }],
  ["that knows nothing of it", {}],
] as const) {
  referrers(`in a registry ${kind} are found as they were hung there, and hung there again add nothing`, async () => {
    const { registry, attach, read } = await start(options);
    assert.equal(textsOf(await read()), []);
    const digests = digestsOf(await attach(one, two));
    assert.equal(textsOf(await read()), [one.text, two.text]);
    const before = [...registry.manifests].map(([name, { body }]) => [name, body.toString()]);
    assert.equal(digestsOf(await attach(one, two)), digests);
    assert.equal(
      [...registry.manifests].map(([name, { body }]) => [name, body.toString()]),
      before,
    );
  });
}

referrers("are manifests with the image as subject, an empty configuration and one layer", async () => {
  const { registry, digest, attach } = await start({ page: 9 });
  const [name = ""] = digestsOf(await attach(one));
  const { type, body } = registry.manifests.get(name) ?? { type: "", body: "" };
  assert.is(type, "application/vnd.oci.image.manifest.v1+json");
  assert.equal(JSON.parse(body.toString()), {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: TYPE,
    config: {
      mediaType: "application/vnd.oci.empty.v1+json",
      digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
      size: 2,
    },
    layers: [
      {
        mediaType: TYPE,
        digest: "sha256:335929a4e59b0860ec04c620c1284dace74c00f7eadaadce7a18d6deba6c544e",
        size: 9,
        annotations: one.annotations,
      },
    ],
    subject: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 76 },
    annotations: one.annotations,
  });
  assert.is(registry.manifests.has(digest.replace(":", "-")), false);
});

referrers("under a tag stand beside those of others", async () => {
  const { registry, digest, attach, read } = await start();
  const others = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${"0".repeat(64)}`,
    size: 1,
    artifactType: "application/spdx+json",
  };
  const tag = digest.replace(":", "-");
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [others],
    annotations: { a: "b" },
  };
  registry.manifests.set(tag, { type: index.mediaType, body: Buffer.from(JSON.stringify(index)) });
  const [name] = digestsOf(await attach(one));
  const written = JSON.parse(registry.manifests.get(tag)?.body.toString() ?? "");
  assert.equal([written.annotations, written.manifests[0]], [{ a: "b" }, others]);
  assert.equal(
    [
      written.manifests.length,
      written.manifests[1].digest,
      written.manifests[1].artifactType,
      written.manifests[1].annotations,
    ],
    [2, name, TYPE, one.annotations],
  );
  assert.equal(textsOf(await read()), [one.text]);
});

referrers("of other types are not read, whatever the registry tells of them", async () => {
  for (const tellsConfiguration of [false, true]) {
    const { attach, read } = await start({ page: 9, tellsConfiguration });
    await attach({ ...one, type: "application/spdx+json" });
    assert.equal(textsOf(await read()), []);
  }
});

referrers("whose blob, manifest or subject is another one are told as that, beside the good ones", async () => {
  const { registry, image, digest, attach, read } = await start();
  const [first = ""] = digestsOf(await attach(one, two));
  const layer = [...registry.blobs].find(([, body]) => body.toString() === one.text)?.[0] ?? "";
  registry.blobs.set(layer, Buffer.from('{"one":2}'));
  const said = /^what the registry has under sha256:335929\w+ is sha256:[0-9a-f]{64}$/;
  const [problem = "", good] = textsOf(await read());
  assert.match(problem, said);
  assert.is(good, two.text);
  const manifest = registry.manifests.get(first);
  registry.manifests.set(first, { type: "", body: Buffer.from("{}") });
  assert.match(textsOf(await read())[0] ?? "", new RegExp(`^what the registry has under ${first} is`));
  registry.manifests.set(first, manifest ?? { type: "", body: Buffer.from("") });
  registry.blobs.set(layer, Buffer.from(one.text));
  // The list of one image names what hangs on another one.
  const other = registry.putImage(
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}',
  );
  const tag = registry.manifests.get(digest.replace(":", "-"));
  registry.manifests.set(other.replace(":", "-"), tag ?? { type: "", body: Buffer.from("") });
  const moved = textsOf(await carryOut({ image, digest: other, read: [TYPE] }, undefined));
  assert.equal(moved, Array(2).fill(`its manifest is about ${digest}, not about ${other}`));
});

referrers(
  "are asked for with a token, that of a user who may, and refused in the registry's words to another one",
  async () => {
    const { registry, image, digest } = await start({ page: 9, login: ["me", "open sesame"] });
    const as = async (password: string) =>
      await carryOut({ image, digest, username: "me", attach: [one], read: [TYPE] }, password);
    assert.equal(textsOf(await as("open sesame")), [one.text]);
    const { address } = registry;
    assert.equal(await as("shut"), {
      refused: `login at ${address}: HTTP 401: {"details":"incorrect username or password"}`,
      status: 401,
    });
    assert.equal(await carryOut({ image, digest, read: [TYPE] }, undefined), {
      refused: `login at ${address}: HTTP 401: {"details":"incorrect username or password"}`,
      status: 401,
    });
  },
);

referrers("reach a registry that is bound under another name, also where it names itself", async () => {
  const { registry, digest } = await start({ login: ["me", "open sesame"] });
  const task = { image: "127.0.0.1:1/x", digest, username: "me", at: `http://${registry.address}` };
  assert.equal(textsOf(await carryOut({ ...task, attach: [one], read: [TYPE] }, "open sesame")), [one.text]);
});

referrers("of an image that is not there cannot be made", async () => {
  const { image } = await start();
  const digest = `sha256:${"1".repeat(64)}`;
  assert.equal(await carryOut({ image, digest, attach: [one] }, undefined), {
    refused: `reading image ${digest}: HTTP 404: MANIFEST_UNKNOWN`,
    status: 404,
  });
});

referrers("are asked for again while a registry is busy, and given up with its words when it stays so", async () => {
  const { registry, read, digest } = await start({ page: 9 });
  registry.busy = 2;
  assert.equal(textsOf(await read()), []);
  registry.busy = 4;
  assert.equal(await read(), { refused: `asking for the referrers of ${digest}: HTTP 503: busy`, status: 503 });
});

referrers("of a registry that does not answer are told with the reason", async () => {
  const registry = new ReferrersRegistry();
  const image = `${await registry.start()}/x`;
  await registry.stop();
  const done = await carryOut({ image, digest: `sha256:${"1".repeat(64)}`, read: [TYPE] }, undefined);
  assert.equal(done, { refused: `${registry.address} does not answer: connect ECONNREFUSED ${registry.address}` });
});

referrers("without end are read up to a bound, and the rest is told as not read", async () => {
  const { attach, read } = await start({ page: 100 });
  const all = Array.from({ length: 53 }, (_, at) => ({ ...one, text: `{"at":${100 + at}}` }));
  await attach(...all);
  const texts = textsOf(await read());
  assert.is(texts.filter((text) => text.startsWith('{"at":')).length, 50);
  assert.equal(
    texts.filter((text) => !text.startsWith("{")),
    Array(3).fill("only 50 are read"),
  );
});

referrers.run();
