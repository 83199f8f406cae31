import { connect, createServer, type Socket } from "node:net";

const PRODUCE = 0;

export interface ReplyDropper {
  readonly port: number;
  /** Replies to produce requests that never reached the client. */
  readonly dropped: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Stands between a client and a broker and loses replies: for each produce request whose number (from 1) `isLost`, the
 * broker has stored the records, and the connection breaks before the client hears of it.
 */
export async function dropReplies(broker: string, isLost: (request: number) => boolean): Promise<ReplyDropper> {
  const [host = "", brokerPort = ""] = broker.split(":");
  const sockets = new Set<Socket>();
  let requests = 0;
  let dropped = 0;
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(brokerPort) });
    const lost = new Set<number>();
    const breakBoth = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", breakBoth);
      socket.on("close", breakBoth);
    }
    const readRequests = splitFrames((frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        requests += 1;
        if (isLost(requests)) lost.add(frame.readInt32BE(8));
      }
      upstream.write(frame);
    });
    const readReplies = splitFrames((frame) => {
      if (lost.has(frame.readInt32BE(4))) {
        dropped += 1;
        breakBoth();
        return;
      }
      client.write(frame);
    });
    client.on("data", readRequests);
    upstream.on("data", readReplies);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    dropped: () => dropped,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Cuts a byte stream into Kafka's frames: four bytes of length, then so many bytes. Hands them out whole, length included. */
function splitFrames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      onFrame(frame);
    }
  };
}
