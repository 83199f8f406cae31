import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A nameserver in this process, for names with one address of IPv4 each. Of all others it says that they are not there. */
export interface NameServer {
  /** The names that were asked for. */
  readonly asked: string[];
  close(): void;
}

/** @param host where it listens, at the port of all nameservers */
export async function startNameServer(host: string, names: ReadonlyMap<string, string>): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (question, from) => {
    const { name, end } = readName(question);
    asked.push(name);
    const address = names.get(name);
    const isForIpv4 = question.readUInt16BE(end) === 1;
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(address !== undefined && isForIpv4 ? 1 : 0, 6);
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...(address ?? "").split(".").map(Number)]);
    const parts = [header, question.subarray(12, end + 4), ...(address !== undefined && isForIpv4 ? [record] : [])];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  socket.bind(53, host);
  await once(socket, "listening");
  return { asked, close: () => void socket.close() };
}

/** The name that is asked for, and where its kind stands. */
function readName(question: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join("."), end: at + 1 };
}
