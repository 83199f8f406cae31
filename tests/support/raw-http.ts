import { connect, type Socket } from "node:net";

/** A connection on which a test says every byte itself. */
export interface RawConnection {
  readonly socket: Socket;
  /** Resolves when the other side has taken it. */
  readonly send: (bytes: string | Uint8Array) => Promise<void>;
  /** All that has come so far. */
  readonly received: () => string;
  /** Resolves with all that came, when the other side has closed. */
  readonly closed: Promise<string>;
}

/** Opens a connection to a server on this machine. */
export async function openRaw(url: string): Promise<RawConnection> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  const chunks: Buffer[] = [];
  const received = () => Buffer.concat(chunks).toString("utf8");
  socket.on("data", (chunk) => chunks.push(chunk));
  // What comes before a reset counts as well.
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received())));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const send = (bytes: string | Uint8Array) =>
    new Promise<void>((resolve) => {
      socket.write(bytes, () => resolve());
    });
  return { socket, send, received, closed };
}

/** The head of a POST. */
export function headOf(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\nHost: ingest\r\n${lines.join("")}\r\n`;
}

/** One chunk of a body in chunked transfer encoding. */
export function chunkOf(bytes: string | Uint8Array): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}
