import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";

/** How a request goes wrong at the proxy. */
export type Failure =
  /** An answer of the proxy's own; the registry never hears of the request. `early`: before the body was read. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly early?: true;
    }
  /** The connection is reset: before anything is read, or after the first bytes of the body. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** The registry does what was asked, and nobody hears its answer. */
  | { readonly kind: "lost-answer" }
  /** The answer ends in the middle of its body, or of its head where it has no body. */
  | { readonly kind: "cut-answer" }
  /** The answer comes whole, with a byte of its body changed. */
  | { readonly kind: "changed-answer" };

/** One request as it came to the proxy. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of its body that came in. */
  bytes: number;
}

export interface FailingProxy {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** In the order in which they came. */
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/**
 * Stands before a registry and fails on purpose.
 *
 * @param plan told of each request with its number from 0; what it gives happens to that request, nothing lets it pass
 */
export async function startFailingProxy(
  registry: string,
  plan: (at: number, request: Seen) => Failure | undefined,
): Promise<FailingProxy> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method = "", url: path = "" } = request;
    const entry: Seen = { method, path, authorization: request.headers.authorization, bytes: 0 };
    request.on("data", (chunk: Buffer) => {
      entry.bytes += chunk.length;
    });
    const failure = plan(seen.push(entry) - 1, entry);
    handle(failure, registry, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function handle(
  failure: Failure | undefined,
  registry: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (failure?.kind) {
    case "answer": {
      const { status, headers, body = "", early } = failure;
      const answer = () =>
        response.writeHead(status, { ...headers, ...(early ? { connection: "close" } : {}) }).end(body);
      if (early) answer();
      else request.once("end", answer);
      return;
    }
    case "reset":
      if (failure.afterBytes === undefined) reset(request);
      else resetAfter(request, failure.afterBytes);
      return;
    default:
      pass(failure, registry, request, response);
  }
}

function resetAfter(request: IncomingMessage, bytes: number): void {
  let left = bytes;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left <= 0) reset(request);
  });
  request.once("end", () => reset(request));
}

function reset({ socket }: IncomingMessage): void {
  if (socket instanceof Socket && !socket.destroyed) socket.resetAndDestroy();
}

function pass(
  failure: Failure | undefined,
  registry: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [host, port] = registry.split(":");
  const { method, url, headers } = request;
  const onward = forward({ host, port, method, path: url, headers, agent: false }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.once("end", () => finish(failure, answer, Buffer.concat(chunks), request, response));
  });
  onward.once("error", () => reset(request));
  request.pipe(onward);
}

function finish(
  failure: Failure | undefined,
  answer: IncomingMessage,
  body: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (failure?.kind === "lost-answer") {
    reset(request);
    return;
  }
  if (failure?.kind === "cut-answer" && (body.length < 2 || request.method === "HEAD")) {
    request.socket.end("HTTP/1.1 2");
    return;
  }
  if (failure?.kind === "changed-answer" && body.length > 0) body[0] = (body[0] ?? 0) ^ 1;
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  if (failure?.kind !== "cut-answer") response.end(body);
  else response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
}
