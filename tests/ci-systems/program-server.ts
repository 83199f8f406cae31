import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What a CI system's program asks the server that it works for. */
export interface Asked {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly contentType: string;
}

/** JSON, the content of a file, or undefined where nothing is found. */
export type Answer = object | Buffer | undefined;

/** A server on loopback for one such program. */
export class ProgramServer {
  /** What has been asked that nobody here knows. */
  readonly unknown: string[] = [];
  readonly #answer: (asked: Asked) => Answer | Promise<Answer>;
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", async () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", this.address());
      const body = Buffer.concat(parts);
      const asked = {
        method: request.method ?? "",
        path: pathname.slice(1).split("/"),
        query: searchParams,
        body: request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body,
        contentType: request.headers["content-type"] ?? "",
      };
      const { code, content } = await this.#decide(asked);
      response.statusCode = code;
      response.end(Buffer.isBuffer(content) ? content : JSON.stringify(content));
    });
  });

  constructor(answer: (asked: Asked) => Answer | Promise<Answer>) {
    this.#answer = answer;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** Without a slash at its end. */
  address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #decide(asked: Asked): Promise<{ readonly code: number; readonly content: object }> {
    try {
      const content = await this.#answer(asked);
      return content === undefined ? { code: 404, content: { message: "not found" } } : { code: 200, content };
    } catch (error) {
      this.unknown.push(`${asked.method} /${asked.path.join("/")}: ${(error as Error).message}`);
      return { code: 422, content: { message: "not known here" } };
    }
  }
}

/** An endpoint that the program should not need. */
export function refuseEndpoint(): never {
  throw new Error("not an endpoint that is known here");
}
