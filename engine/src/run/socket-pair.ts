import type { Socket } from "node:net";

/** Passes bytes both ways. Each direction ends for itself, as some protocols need; an error ends both. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on("error", () => to.destroy());
    from.once("close", () => {
      // A side that is gone without having said its end takes the other one with it.
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}

const maximumHeaderBytes = 4096;

/** Reads the first line of a connection and stops there. `rest` came behind it already. Rejects when the line never comes. */
export function readHeader(socket: Socket): Promise<{ header: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const stop = (): void => {
      socket.off("data", onData).off("error", onError).off("end", onEnd).off("close", onEnd).pause();
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onEnd = (): void => onError(new Error("the connection ended before its first line"));
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(0x0a);
      if (end < 0) {
        if (bytes.length > maximumHeaderBytes)
          onError(new Error(`the first line is longer than ${maximumHeaderBytes} bytes`));
        return;
      }
      stop();
      resolve({ header: bytes.toString("utf8", 0, end), rest: bytes.subarray(end + 1) });
    };
    // One that we destroy ourselves has no end and no error.
    socket.on("data", onData).on("error", onError).on("end", onEnd).on("close", onEnd);
  });
}
