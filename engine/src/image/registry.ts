import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Blobs } from "./blobs.ts";
import type { RegistryCredentials } from "./image.ts";
import { type Descriptor, type Index, isIndex, type Manifest, selectManifest, sha256 } from "./oci.ts";
import { formatReference, isLoopbackRegistry, type Reference } from "./reference.ts";

/** Why a registry did not give or take an image. `unreachable`: nobody answered, so a recipe may help. */
export type RegistryProblem = "unreachable" | "not-found" | "unauthorized" | "no-platform" | "failed";

/** Its message is the registry's part of the sentence, in the words of the real engine. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  constructor(
    readonly problem: RegistryProblem,
    message: string,
  ) {
    super(message);
  }
}

export interface ResolvedManifest {
  /** Digest of what the reference names: an index or a manifest. Part of `imageRef`. */
  readonly digest: string;
  /** Digest of the manifest for the platform. */
  readonly manifestDigest: string;
}

/** How long a connection may take before the registry counts as unreachable. */
const CONNECT_TIMEOUT_MS = 3_000;

/** Talks to image registries through skopeo. Loopback registries are spoken to without TLS. */
export class Registry {
  readonly #blobs: Blobs;

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /**
   * What a reference means now, for one platform.
   *
   * @throws RegistryError
   */
  async resolve(
    reference: Reference,
    platform: string,
    credentials: readonly RegistryCredentials[],
  ): Promise<ResolvedManifest> {
    await assertReachable(reference, "manifests");
    const bytes = await this.#inspect(["--raw", `docker://${formatForSkopeo(reference)}`], reference, credentials);
    const digest = reference.digest ?? sha256(bytes);
    const parsed = JSON.parse(bytes.toString("utf8")) as Manifest | Index;
    if (isIndex(parsed)) {
      const entry = selectManifest(parsed, platform);
      if (entry === undefined)
        throw new RegistryError("no-platform", `no manifest matches requested platform for ${digest}`);
      return { digest, manifestDigest: entry.digest };
    }
    return { digest, manifestDigest: digest };
  }

  /**
   * Brings one manifest with its blobs into the store's blobs. Docker's own manifests become OCI ones; layers stay as they are.
   *
   * @throws RegistryError
   */
  async pull(
    reference: Reference,
    manifestDigest: string,
    credentials: readonly RegistryCredentials[],
  ): Promise<Descriptor> {
    return await this.#withLayout(async (layout) => {
      const { tag: _, ...untagged } = reference;
      const source = `docker://${formatReference({ ...untagged, digest: manifestDigest })}`;
      // Without signatures: a layout cannot hold them, and skopeo would look for them in root's folders in a user namespace.
      await this.#copy(
        ["--remove-signatures", `--dest-shared-blob-dir=${this.#blobs.blobDir}`, source, `oci:${layout}:image`],
        "src",
        reference,
        credentials,
      );
      const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as Index;
      const [descriptor] = index.manifests;
      if (descriptor === undefined)
        throw new RegistryError("failed", `the registry gave no manifest for ${manifestDigest}`);
      return descriptor;
    });
  }

  /**
   * Pushes a manifest or an index whose blobs are all in the store; blobs the registry has are not sent again.
   *
   * @returns the digest under which the registry has it
   * @throws RegistryError
   */
  async push(
    reference: Reference,
    descriptor: Descriptor,
    credentials: readonly RegistryCredentials[],
  ): Promise<string> {
    await assertReachable(reference, "blobs", descriptor.digest);
    await this.#withLayout(async (layout) => {
      await mkdir(layout, { recursive: true });
      await writeFile(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
      await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
      const { digest: _, ...tagged } = reference;
      const options = ["--all", "--preserve-digests", `--src-shared-blob-dir=${this.#blobs.blobDir}`];
      await this.#copy(
        [...options, `oci:${layout}`, `docker://${formatReference(tagged)}`],
        "dest",
        reference,
        credentials,
      );
    });
    return descriptor.digest;
  }

  async #withLayout<T>(work: (layout: string) => Promise<T>): Promise<T> {
    const temporary = await this.#blobs.makeTemporary();
    try {
      return await work(join(temporary, "layout"));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  #inspect(
    args: readonly string[],
    reference: Reference,
    credentials: readonly RegistryCredentials[],
  ): Promise<Buffer> {
    return this.#skopeo(
      (authfile) => ["inspect", ...tlsOption("", reference), ...authfile, ...args],
      reference,
      credentials,
    );
  }

  #copy(
    args: readonly string[],
    side: "src" | "dest",
    reference: Reference,
    credentials: readonly RegistryCredentials[],
  ): Promise<Buffer> {
    return this.#skopeo(
      (authfile) => ["copy", "--quiet", ...tlsOption(`${side}-`, reference), ...authfile, ...args],
      reference,
      credentials,
    );
  }

  /** Without credentials of the session, those of the person's own `docker login` count. */
  async #skopeo(
    makeArgs: (authfile: readonly string[]) => readonly string[],
    reference: Reference,
    credentials: readonly RegistryCredentials[],
  ): Promise<Buffer> {
    const own = credentials.filter((entry) => isFor(entry.address, reference));
    if (own.length === 0) return await runSkopeo(makeArgs([]), reference);
    const temporary = await this.#blobs.makeTemporary();
    try {
      const authfile = join(temporary, "auth.json");
      await writeFile(authfile, formatAuthfile(reference.registry, own), { mode: 0o600 });
      return await runSkopeo(makeArgs([`--authfile=${authfile}`]), reference);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}

function tlsOption(prefix: string, reference: Reference): string[] {
  return isLoopbackRegistry(reference.registry) ? [`--${prefix}tls-verify=false`] : [];
}

/** skopeo takes a tag or a digest, not both. */
function formatForSkopeo(reference: Reference): string {
  if (reference.digest === undefined) return formatReference(reference);
  const { tag: _, ...untagged } = reference;
  return formatReference(untagged);
}

/** `withRegistryAuth` takes a host, or any address on it. */
function isFor(address: string, reference: Reference): boolean {
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  const isDockerHub = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"].includes(
    host,
  );
  return host === reference.registry || (isDockerHub && reference.registry === "docker.io");
}

/** The last given wins, as in the real engine. */
function formatAuthfile(registry: string, credentials: readonly RegistryCredentials[]): string {
  const last = credentials[credentials.length - 1];
  const auth = Buffer.from(`${last?.username ?? ""}:${last?.password ?? ""}`).toString("base64");
  return JSON.stringify({ auths: { [registry]: { auth } } });
}

async function runSkopeo(args: readonly string[], reference: Reference): Promise<Buffer> {
  // --insecure-policy: policy.json is about signatures and lies in a package of its own, which need not be there.
  const child = spawn("skopeo", ["--insecure-policy", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) =>
      reject(
        new RegistryError(
          "failed",
          `skopeo could not be started: ${cause.message}\n  to do: install the package skopeo`,
        ),
      ),
    );
    child.on("close", resolve);
  });
  if (code === 0) return Buffer.concat(out);
  throw explainSkopeo(Buffer.concat(complaints).toString("utf8"), reference);
}

/** skopeo answers every failure with exit code 1 and one line; what happened is only in its words. */
function explainSkopeo(stderr: string, reference: Reference): RegistryError {
  const line =
    stderr
      .trim()
      .split("\n")
      .filter((text) => /level=(?:fatal|error)/.test(text))
      .pop() ?? stderr.trim();
  const quoted = /msg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  const message = quoted === undefined ? line : (JSON.parse(quoted) as string);
  const address = formatForSkopeo(reference);
  if (/manifest unknown|name unknown|StatusCode: 404|status: 404|not found|repository name not known/i.test(message)) {
    return new RegistryError("not-found", `${address}: not found`);
  }
  if (
    /unauthorized|authentication required|(?:StatusCode|status): 401|invalid username\/password|unable to retrieve auth token/i.test(
      message,
    )
  ) {
    return new RegistryError(
      "unauthorized",
      `${address}: access denied by ${reference.registry}\n  to do: give credentials that may use ${reference.repository} (withRegistryAuth)`,
    );
  }
  if (/(?<!permission )denied|insufficient_scope|(?:StatusCode|status): 403/i.test(message)) {
    return new RegistryError(
      "unauthorized",
      `${address}: ${reference.registry} denied access to ${reference.repository}\n  to do: create it there, or give credentials that may use it (withRegistryAuth)`,
    );
  }
  // A proxy that does not let the request through answers instead of the registry.
  const blocked =
    /Get "https?:\/\/[^"]+\/v2\/": (?:Forbidden|Bad Gateway|Service Unavailable|Gateway Timeout|Proxy Authentication Required|EOF)/.exec(
      message,
    );
  if (blocked !== null) return new RegistryError("unreachable", `failed to do request: ${blocked[0]}`);
  const unreachable =
    /(?:dial tcp|lookup |no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|connection reset|EOF$).*/i.exec(
      message,
    );
  if (unreachable !== null) return new RegistryError("unreachable", `failed to do request: ${unreachable[0]}`);
  return new RegistryError("failed", message);
}

/** skopeo itself would wait half a minute for a registry that does not answer. */
async function assertReachable(reference: Reference, kind: "manifests" | "blobs", digest?: string): Promise<void> {
  const { host, port, isPlain } = endpointOf(reference);
  const failure = await probe(host, port);
  if (failure === undefined) return;
  const shown = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
  const what = digest ?? reference.digest ?? reference.tag ?? "latest";
  const url = `${isPlain ? "http" : "https"}://${shown}/v2/${reference.repository}/${kind}/${what}`;
  throw new RegistryError("unreachable", `failed to do request: Head "${url}": ${failure}`);
}

function endpointOf(reference: Reference): { host: string; port: number; isPlain: boolean } {
  const isPlain = isLoopbackRegistry(reference.registry);
  const registry = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
  const proxy = isPlain ? undefined : (process.env["HTTPS_PROXY"] ?? process.env["https_proxy"]);
  if (proxy !== undefined && proxy !== "") {
    const url = new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
    return { host: url.hostname, port: Number(url.port || (url.protocol === "https:" ? 443 : 80)), isPlain };
  }
  const url = new URL(`${isPlain ? "http" : "https"}://${registry}`);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || (isPlain ? 80 : 443)), isPlain };
}

/** Undefined when somebody accepts a connection, else the reason in Go's words. */
function probe(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reason: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    const timer = setTimeout(() => end(`dial tcp ${host}:${port}: i/o timeout`), CONNECT_TIMEOUT_MS);
    socket.once("connect", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const reasons: Readonly<Record<string, string>> = {
        ENOTFOUND: `dial tcp: lookup ${host}: no such host`,
        EAI_AGAIN: `dial tcp: lookup ${host}: temporary failure in name resolution`,
        ECONNREFUSED: `dial tcp ${host}:${port}: connect: connection refused`,
        ENETUNREACH: `dial tcp ${host}:${port}: connect: network is unreachable`,
        EHOSTUNREACH: `dial tcp ${host}:${port}: connect: no route to host`,
      };
      end(reasons[error.code ?? ""] ?? `dial tcp ${host}:${port}: ${error.message}`);
    });
  });
}
