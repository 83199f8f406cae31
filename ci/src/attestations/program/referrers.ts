import { createHash } from "node:crypto";
import { type Answer, RegistryError, type RegistryHttp, readObject, refusal } from "./http.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
/** What stands for a configuration in a manifest that has none (OCI image specification 1.1). */
const EMPTY = { mediaType: "application/vnd.oci.empty.v1+json", content: Buffer.from("{}", "utf8") };

/** What an index or a list of referrers says of a manifest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Something to hang on an image: one blob with its type. */
export interface Artifact {
  readonly type: string;
  readonly content: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where the images of one service are, below a registry. */
export interface Place {
  readonly http: RegistryHttp;
  /** `acme/flights-ingest` */
  readonly repository: string;
}

/** How often the list of a registry without referrers is written until it has what somebody else may have taken out. */
const TRIES = 5;
const BLOB_LIMIT = 64 * 1024 * 1024;
/** How many referrers of ours are read: anybody who may push can add more. */
const READ_LIMIT = 50;

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The manifest of an artifact, as bytes: the same artifact of the same image gives the same ones. */
function writeManifest({ type, content, annotations }: Artifact, subject: Descriptor): Buffer {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: type,
    config: describe(EMPTY.mediaType, EMPTY.content),
    layers: [{ ...describe(type, content), annotations }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  };
  return Buffer.from(JSON.stringify(manifest), "utf8");
}

/**
 * Hangs artifacts on an image, and gives their digests. What is there already is not sent again.
 *
 * A registry that answers a manifest with `OCI-Subject` keeps the list of referrers itself; for another one the list is
 * the index of the tag `sha256-…` (OCI distribution specification 1.1, "Pushing Manifests with Subject").
 */
export async function attach(place: Place, digest: string, artifacts: readonly Artifact[]): Promise<string[]> {
  const subject = await findSubject(place, digest);
  const listed: Descriptor[] = [];
  const digests: string[] = [];
  await sendBlob(place, EMPTY.content);
  for (const artifact of artifacts) {
    await sendBlob(place, artifact.content);
    const manifest = writeManifest(artifact, subject);
    const descriptor = describe(MANIFEST, manifest);
    const path = `/v2/${place.repository}/manifests/${descriptor.digest}`;
    const answer = await place.http.ask(path, { method: "PUT", headers: { "content-type": MANIFEST }, body: manifest });
    if (answer.status !== 201) throw refusal(`sending manifest ${descriptor.digest}`, answer);
    digests.push(descriptor.digest);
    if (answer.headers.get("oci-subject") !== null) continue;
    listed.push({ ...descriptor, artifactType: artifact.type, annotations: artifact.annotations });
  }
  if (listed.length > 0) await listUnderTag(place, digest, listed);
  return digests;
}

/** What one referrer is, or why it could not be read. */
export type Read =
  | { readonly digest: string; readonly type: string; readonly content: Buffer }
  | { readonly digest: string; readonly problem: string };

/**
 * The referrers of an image that are of some types, each read and held against its digest. None when there are none, or
 * no such image.
 *
 * @throws RegistryError when the registry does not answer, or refuses
 */
export async function readReferrers(place: Place, digest: string, types: readonly string[]): Promise<Read[]> {
  const asked = await askReferrers(place, digest);
  const tagged = await readTagged(place, digest);
  const all = new Map([...asked, ...tagged.entries.filter(isDescriptor)].map((one) => [one.digest, one]));
  // Some registries tell the type of the configuration in place of that of the artifact, and some tell none.
  const own = [...all.values()].filter(({ artifactType = EMPTY.mediaType }) =>
    [EMPTY.mediaType, ...types].includes(artifactType),
  );
  const read = await Promise.all(own.slice(0, READ_LIMIT).map((one) => readReferrer(place, digest, one.digest, types)));
  const left = own.slice(READ_LIMIT).map((one) => ({ digest: one.digest, problem: `only ${READ_LIMIT} are read` }));
  return [...read.flatMap((one) => (one === undefined ? [] : [one])), ...left];
}

/** @returns undefined when it turns out to be of another type */
async function readReferrer(
  place: Place,
  subject: string,
  digest: string,
  types: readonly string[],
): Promise<Read | undefined> {
  try {
    const manifest = readObject(await fetchManifest(place, digest), `manifest ${digest}`);
    const { artifactType } = manifest;
    if (typeof artifactType !== "string" || !types.includes(artifactType)) return undefined;
    const about = isDescriptor(manifest["subject"]) ? manifest["subject"].digest : "nothing";
    if (about !== subject) throw new RegistryError(`its manifest is about ${about}, not about ${subject}`);
    const layers: readonly unknown[] = Array.isArray(manifest["layers"]) ? manifest["layers"] : [];
    const [layer, ...others] = layers;
    if (!isDescriptor(layer) || others.length > 0)
      throw new RegistryError("its manifest does not have exactly one layer");
    if (!types.includes(layer.mediaType)) throw new RegistryError(`its layer is of type ${layer.mediaType}`);
    const path = `/v2/${place.repository}/blobs/${layer.digest}`;
    const answer = await place.http.ask(path, { limit: BLOB_LIMIT });
    if (answer.status !== 200) throw refusal(`reading ${layer.digest}`, answer);
    requireDigest(answer.body, layer.digest);
    return { digest, type: layer.mediaType, content: answer.body };
  } catch (error) {
    if (error instanceof RegistryError) return { digest, problem: error.message };
    throw error;
  }
}

async function fetchManifest(place: Place, digest: string): Promise<Buffer> {
  const path = `/v2/${place.repository}/manifests/${digest}`;
  const answer = await place.http.ask(path, { headers: { accept: `${MANIFEST}, ${INDEX}` } });
  if (answer.status !== 200) throw refusal(`reading ${digest}`, answer);
  requireDigest(answer.body, digest);
  return answer.body;
}

/** The descriptor of the image itself. */
async function findSubject(place: Place, digest: string): Promise<Descriptor> {
  const docker = "application/vnd.docker.distribution";
  const accept = [MANIFEST, INDEX, `${docker}.manifest.v2+json`, `${docker}.manifest.list.v2+json`].join(", ");
  const answer = await place.http.ask(`/v2/${place.repository}/manifests/${digest}`, { headers: { accept } });
  if (answer.status !== 200) throw refusal(`reading image ${digest}`, answer);
  requireDigest(answer.body, digest);
  const { mediaType = answer.headers.get("content-type") } = readObject(answer.body, `image ${digest}`);
  return { mediaType: String(mediaType), digest, size: answer.body.length };
}

async function sendBlob({ http, repository }: Place, content: Buffer): Promise<void> {
  const digest = digestOf(content);
  const there = await http.ask(`/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
  if (there.status === 200) return;
  const begun = await http.ask(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const location = begun.headers.get("location");
  if (begun.status !== 202 || location === null) throw refusal("beginning to send a blob", begun);
  const to = `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
  const headers = { "content-type": "application/octet-stream" };
  const sent = await http.ask(to, { method: "PUT", headers, body: content });
  if (sent.status !== 201) throw refusal(`sending blob ${digest}`, sent);
}

/** Page by page; none when the registry does not know the question. */
async function askReferrers({ http, repository }: Place, digest: string): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  const seen = new Set<string>();
  let path: string | undefined = `/v2/${repository}/referrers/${digest}`;
  while (path !== undefined && !seen.has(path)) {
    seen.add(path);
    const answer: Answer = await http.ask(path, { headers: { accept: INDEX } });
    // Registries that know nothing of it answer so, each in its way; so do those without the image.
    if ([400, 404, 405].includes(answer.status)) return found;
    if (answer.status !== 200) throw refusal(`asking for the referrers of ${digest}`, answer);
    found.push(...listManifests(readObject(answer.body, `the list of referrers of ${digest}`)));
    path = /<([^>]+)>\s*;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1];
  }
  return found;
}

interface Tagged {
  readonly index: Readonly<Record<string, unknown>>;
  /** All that stand in the index, as they stand there. */
  readonly entries: readonly unknown[];
}

async function readTagged({ http, repository }: Place, digest: string): Promise<Tagged> {
  const tag = digest.replace(":", "-");
  const answer = await http.ask(`/v2/${repository}/manifests/${tag}`, { headers: { accept: INDEX } });
  if (answer.status === 404) return { index: { schemaVersion: 2, mediaType: INDEX }, entries: [] };
  if (answer.status !== 200) throw refusal(`reading tag ${tag}`, answer);
  const index = readObject(answer.body, `tag ${tag}`);
  const { manifests } = index;
  if (!Array.isArray(manifests)) throw new RegistryError(`tag ${tag} is not a list of referrers`);
  return { index, entries: manifests };
}

/** Adds to what others have there. Nothing can be written only if nobody else has, so it is looked at again. */
async function listUnderTag(place: Place, digest: string, wanted: readonly Descriptor[]): Promise<void> {
  const tag = digest.replace(":", "-");
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { index, entries } = await readTagged(place, digest);
    const listed = entries.filter(isDescriptor);
    const missing = wanted.filter((one) => !listed.some((other) => other.digest === one.digest));
    if (missing.length === 0) return;
    const body = Buffer.from(JSON.stringify({ ...index, manifests: [...entries, ...missing] }), "utf8");
    const headers = { "content-type": INDEX };
    const answer = await place.http.ask(`/v2/${place.repository}/manifests/${tag}`, { method: "PUT", headers, body });
    if (answer.status !== 201) throw refusal(`sending tag ${tag}`, answer);
  }
  throw new RegistryError(`tag ${tag} does not keep what is written to it: somebody else writes it too`);
}

function listManifests(index: Readonly<Record<string, unknown>>): Descriptor[] {
  return Array.isArray(index["manifests"]) ? index["manifests"].filter(isDescriptor) : [];
}

function isDescriptor(value: unknown): value is Descriptor {
  return (
    typeof value === "object" &&
    value !== null &&
    "digest" in value &&
    typeof value.digest === "string" &&
    /^sha256:[0-9a-f]{64}$/.test(value.digest) &&
    "mediaType" in value &&
    typeof value.mediaType === "string"
  );
}

function describe(mediaType: string, content: Buffer): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function requireDigest(content: Buffer, digest: string): void {
  const found = digestOf(content);
  if (found !== digest) throw new RegistryError(`what the registry has under ${digest} is ${found}`);
}
