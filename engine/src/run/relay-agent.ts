import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { openWayOut } from "./agent-way-out.ts";
import { joinSockets, readHeader } from "./socket-pair.ts";

/**
 * The engine's hand inside the session's network namespace: a program of its own, because a process is in one network only.
 * Standard input brings orders, standard output answers them, one JSON object a line; the end of standard input ends it.
 * `agent.sock` in the working directory takes connections that begin with a `Dial` line and go on as that connection.
 */
interface Listen {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  /** What the engine is told, in a line at the beginning, for each connection that is accepted. */
  readonly target: string;
}

/** The order to listen no longer, by the name of what the engine was told of each connection. */
interface Close {
  readonly id: number;
  readonly close: string;
}

/** The order to be the way out of the session's network. */
interface Open {
  readonly id: number;
  readonly wayOut: { readonly tcp: number; readonly udp: number };
}

/** First line of a connection to `agent.sock`. */
interface Dial {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

const [agentSocketPath, engineSocketPath] = process.argv.slice(2);
if (agentSocketPath === undefined || engineSocketPath === undefined)
  throw new Error("usage: relay-agent <own socket> <engine's socket>");

function answer(message: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function dial(socket: Socket, header: string, rest: Buffer): void {
  const { host, port, timeoutMs } = JSON.parse(header) as Dial;
  const outgoing = connect({ host, port, allowHalfOpen: true });
  const refuse = (reason: string): void => {
    outgoing.destroy();
    socket.end(`${JSON.stringify({ error: reason })}\n`);
  };
  const timer = setTimeout(() => refuse(`no answer within ${timeoutMs} ms`), timeoutMs);
  const onError = (error: Error): void => {
    clearTimeout(timer);
    refuse(error.message);
  };
  outgoing.once("error", onError);
  outgoing.once("connect", () => {
    clearTimeout(timer);
    outgoing.off("error", onError);
    socket.write(`${JSON.stringify({ ok: true })}\n`);
    outgoing.write(rest);
    joinSockets(socket, outgoing);
  });
}

const listening = new Map<string, Server>();

function listen(order: Listen): void {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (incoming) => {
    const toEngine = connect({ path: engineSocketPath ?? "", allowHalfOpen: true });
    toEngine.write(`${order.target}\n`);
    joinSockets(incoming, toEngine);
  });
  server.once("error", (error) => answer({ id: order.id, error: error.message }));
  server.listen(order.port, order.address, () => {
    listening.set(order.target, server);
    answer({ id: order.id, ok: true });
  });
}

/** Connections that were accepted go on. */
function close({ id, close: target }: Close): void {
  listening.get(target)?.close();
  listening.delete(target);
  answer({ id, ok: true });
}

const agent = createServer({ allowHalfOpen: true }, (socket) => {
  readHeader(socket).then(
    ({ header, rest }) => dial(socket, header, rest),
    () => socket.destroy(),
  );
});
agent.listen(agentSocketPath, () => answer({ id: 0, ok: true }));
const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  const order = JSON.parse(line) as Listen | Close | Open;
  if ("wayOut" in order) openWayOut(engineSocketPath, order.wayOut, () => answer({ id: order.id, ok: true }));
  else if ("close" in order) close(order);
  else listen(order);
});
orders.once("close", () => process.exit(0));
