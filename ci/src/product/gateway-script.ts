/** Where a port of the gateway leads. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * A program for `node -e`: forwards each port to its target, as its first argument says: `{"8080": {host, port}}`.
 *
 * TCP and not HTTP, so that streams, uploads and half-closed connections pass as they are.
 */
export const gatewayScript = `
const net = require("node:net");
const { pipeline } = require("node:stream");
const ignore = () => {};
for (const [port, target] of Object.entries(JSON.parse(process.argv[1]))) {
  net.createServer({ allowHalfOpen: true }, (client) => {
    const server = net.connect({ ...target, allowHalfOpen: true });
    pipeline(client, server, ignore);
    pipeline(server, client, ignore);
  }).listen(Number(port), () => console.log("port " + port + " leads to " + target.host + ":" + target.port));
}
`;
