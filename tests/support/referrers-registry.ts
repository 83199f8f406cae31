import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReferrersRegistryOptions {
  /** Whether it knows the referrers API of OCI 1.1, and how many it tells at a time. Absent: it knows nothing of it. */
  readonly page?: number;
  /** It tells the type of the configuration in place of that of the artifact, as some do. */
  readonly tellsConfiguration?: boolean;
  /** User and password, for which it gives tokens; absent: it lets everybody in. */
  readonly login?: readonly [string, string];
}

/** One that a test looks into: a registry of one process, with what the distribution specification says of referrers. */
export class ReferrersRegistry {
  readonly blobs = new Map<string, Buffer>();
  /** By digest and by tag. */
  readonly manifests = new Map<string, { readonly type: string; readonly body: Buffer }>();
  /** How many requests are answered with 503 from now on. */
  busy = 0;
  readonly #options: ReferrersRegistryOptions;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(options: ReferrersRegistryOptions = {}) {
    this.#options = options;
  }

  /** `127.0.0.1:PORT`, once it has started. */
  address = "";

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.address = `127.0.0.1:${port}`;
    return this.address;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts an image there, and gives its digest. */
  putImage(text = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}'): string {
    const body = Buffer.from(text);
    const digest = digestOf(body);
    this.manifests.set(digest, { type: "application/vnd.oci.image.manifest.v1+json", body });
    return digest;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "GET", url = "/" } = request;
    const { status, headers = {}, body = "" } = this.#reply(request, method, url, Buffer.concat(chunks));
    response.writeHead(status, headers).end(body);
  }

  #reply(request: IncomingMessage, method: string, url: string, sent: Buffer): Reply {
    if (this.busy > 0) {
      this.busy -= 1;
      return { status: 503, body: "busy" };
    }
    const { pathname, searchParams } = new URL(url, "http://registry");
    if (pathname === "/token") return this.#giveToken(request);
    if (this.#options.login !== undefined && request.headers.authorization !== "Bearer good") {
      const scope = method === "GET" || method === "HEAD" ? "repository:x:pull" : "repository:x:pull,push";
      const challenge = `Bearer realm="http://${this.address}/token",service="test",scope="${scope}"`;
      return {
        status: 401,
        headers: { "www-authenticate": challenge },
        body: '{"errors":[{"code":"UNAUTHORIZED"}]}',
      };
    }
    const [, what = "", name = ""] = /\/(blobs|manifests|referrers)\/(.*)$/.exec(pathname) ?? [];
    if (what === "referrers") return this.#listReferrers(name, searchParams);
    if (what === "blobs") return this.#answerBlob(method, name, searchParams, sent);
    return this.#answerManifest(method, name, request.headers["content-type"] ?? "", sent);
  }

  #giveToken(request: IncomingMessage): Reply {
    const [user, password] = this.#options.login ?? [];
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return request.headers.authorization === expected
      ? { status: 200, body: '{"access_token":"good"}' }
      : { status: 401, body: '{"details":"incorrect username or password"}' };
  }

  #listReferrers(digest: string, search: URLSearchParams): Reply {
    const { page } = this.#options;
    if (page === undefined) return { status: 404, body: "404 page not found" };
    const all = [...this.manifests].flatMap(([key, { type, body }]) => {
      const manifest = JSON.parse(body.toString());
      if (!key.startsWith("sha256:") || manifest.subject?.digest !== digest) return [];
      const { annotations } = manifest;
      const artifactType = this.#options.tellsConfiguration ? manifest.config.mediaType : manifest.artifactType;
      return [{ mediaType: type, digest: key, size: body.length, artifactType, annotations }];
    });
    const from = Number(search.get("from") ?? 0);
    const next = `</v2/x/referrers/${digest}?from=${from + page}>; rel="next"`;
    const manifests = all.slice(from, from + page);
    return {
      status: 200,
      headers: from + page < all.length ? { link: next } : {},
      body: JSON.stringify({ schemaVersion: 2, manifests }),
    };
  }

  #answerBlob(method: string, name: string, search: URLSearchParams, sent: Buffer): Reply {
    // As a registry behind a name does: the whole address.
    const location = `http://${this.address}/v2/x/blobs/uploads/1?state=a`;
    if (method === "POST") return { status: 202, headers: { location } };
    if (method === "PUT") {
      const digest = search.get("digest") ?? "";
      if (digestOf(sent) !== digest) return { status: 400, body: "DIGEST_INVALID" };
      this.blobs.set(digest, sent);
      return { status: 201 };
    }
    const blob = this.blobs.get(name);
    return blob === undefined
      ? { status: 404, body: "BLOB_UNKNOWN" }
      : { status: 200, body: method === "HEAD" ? "" : blob };
  }

  #answerManifest(method: string, name: string, type: string, sent: Buffer): Reply {
    if (method === "PUT") {
      const { subject } = JSON.parse(sent.toString());
      this.manifests.set(name, { type, body: sent });
      const isKnown = subject !== undefined && this.#options.page !== undefined;
      return { status: 201, headers: isKnown ? { "oci-subject": subject.digest } : {} };
    }
    const manifest = this.manifests.get(name);
    if (manifest === undefined) return { status: 404, body: "MANIFEST_UNKNOWN" };
    return { status: 200, headers: { "content-type": manifest.type }, body: manifest.body };
  }
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}
