/** Where a port of the gateway leads. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** What the gateway is told, as the one argument of its program. */
export interface GatewayTask {
  /** By port. */
  readonly targets: Readonly<Record<string, Target>>;
  /** What a person should know of the stack: a line each. */
  readonly notes: readonly string[];
  /** A port at which a page has the notes, where there is nothing else to open. */
  readonly page?: number;
}

/**
 * A program for `node -e`: forwards each port to its target, as its argument says (`GatewayTask`, as JSON).
 *
 * TCP and not HTTP, so that streams, uploads and half-closed connections pass as they are.
 */
export const gatewayScript = `
const net = require("node:net");
const http = require("node:http");
const { pipeline } = require("node:stream");
const { targets, notes, page } = JSON.parse(process.argv[1]);
const ignore = () => {};
const tell = (line) => console.log(line);
for (const note of notes) tell(note);
for (const [port, target] of Object.entries(targets)) {
  net.createServer({ allowHalfOpen: true }, (client) => {
    const server = net.connect({ ...target, allowHalfOpen: true });
    pipeline(client, server, ignore);
    pipeline(server, client, ignore);
  }).listen(Number(port), () => tell("port " + port + " leads to " + target.host + ":" + target.port));
}
if (page !== undefined) {
  const text = notes.map((note) => note + "\\n").join("");
  http.createServer((_request, response) => response.end(text)).listen(page);
}
`;
