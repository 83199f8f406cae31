import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a registry answers to an upload that it does not take (distribution specification 1.1, "Error Codes"). */
const refusals = {
  forbidden: { status: 403, code: "DENIED", message: "requested access to the resource is denied" },
  missing: { status: 404, code: "NAME_UNKNOWN", message: "repository name not known to registry" },
  broken: { status: 500, code: "UNKNOWN", message: "unknown error" },
} as const;

/** A registry that lets everybody in and takes no image: a hosted one without the repository, or without the right. */
export async function startRefusingRegistry(
  kind: keyof typeof refusals,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const { status, code, message } = refusals[kind];
  const server = createServer((request, response) => {
    if (request.url === "/v2/") response.end("{}");
    else if (request.method === "HEAD") response.writeHead(404).end();
    else {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code, message }] }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
