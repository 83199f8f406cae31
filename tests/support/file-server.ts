import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Files by their path, or what answers a request for one. */
export type Served = Map<string, Buffer | string | ((request: IncomingMessage, response: ServerResponse) => void)>;

/** A web server on loopback that tests change while it runs. */
export interface FileServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly files: Served;
  /** `GET /path` of each request so far, in order. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Serves files from memory; for what is not there it answers 404. */
export async function startFileServer(files: Served = new Map()): Promise<FileServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const found = files.get(request.url ?? "");
    if (typeof found === "function") return found(request, response);
    if (found === undefined) response.writeHead(404);
    return void response.end(found ?? "no such file");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
