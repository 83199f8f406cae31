import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { isOutside } from "../store/destinations.ts";
import { joinSockets } from "./socket-pair.ts";

const connectTimeoutMs = 30_000;
const answerTimeoutMs = 5_000;
const namePort = 53;

/** The engine's end of the way out where packets cannot be carried: it makes the connections that containers ask for. */
export class WayOut {
  /**
   * @param nameserver address in the session's network at which containers ask for names
   * @param resolvers nameservers of this machine; the first is asked
   */
  constructor(
    readonly nameserver: string,
    readonly resolvers: readonly string[],
  ) {}

  /** Goes on with a connection to `address:port`, or ends it when it leads to this machine. */
  join(incoming: Socket, rest: Buffer, destination: string, track: (socket: Socket) => void): void {
    const [address = "", port = ""] = destination.split(":");
    const isQuestion = address === this.nameserver && Number(port) === namePort;
    const host = isQuestion ? this.resolvers[0] : address;
    if (host === undefined || (!isQuestion && !isOutside(address))) return void incoming.destroy();
    const outgoing = connect({ host, port: Number(port), allowHalfOpen: true });
    track(outgoing);
    outgoing.setTimeout(connectTimeoutMs, () => outgoing.destroy());
    outgoing.once("connect", () => outgoing.setTimeout(0));
    outgoing.write(rest);
    joinSockets(incoming, outgoing);
  }

  /** Asks this machine's resolver a question that came as one packet, and sends its answer back. */
  async answer(incoming: Socket, rest: Buffer): Promise<void> {
    // Not by iteration, which would close the way back as well.
    const parts = [rest];
    incoming.on("data", (part: Buffer) => parts.push(part)).resume();
    await once(incoming, "end");
    const [resolver] = this.resolvers;
    if (resolver === undefined) return void incoming.destroy();
    const socket = createSocket(resolver.includes(":") ? "udp6" : "udp4");
    let isOver = false;
    const end = (answer?: Buffer): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      incoming.end(answer ?? Buffer.alloc(0));
    };
    const timer = setTimeout(end, answerTimeoutMs);
    socket.once("message", end).once("error", () => end());
    socket.send(Buffer.concat(parts), namePort, resolver);
  }
}

/** The nameservers of a resolv.conf. */
export function resolversOf(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? "");
}
