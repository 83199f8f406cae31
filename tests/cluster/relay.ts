/**
 * Leads connections on: from a port of the loopback or a socket to another one. Prints `ready` when it listens.
 *
 *     node --import tsx tests/cluster/relay.ts 7443 /tmp/api.sock
 */
import { connect, createServer, type NetConnectOpts } from "node:net";

const [listenAt = "", leadTo = ""] = process.argv.slice(2);

function place(word: string): NetConnectOpts {
  return /^\d+$/.test(word) ? { host: "127.0.0.1", port: Number(word) } : { path: word };
}

const server = createServer((incoming) => {
  const outgoing = connect(place(leadTo));
  incoming.pipe(outgoing).pipe(incoming);
  incoming.on("error", () => outgoing.destroy());
  outgoing.on("error", () => incoming.destroy());
});
server.listen(place(listenAt), () => console.log("ready"));
