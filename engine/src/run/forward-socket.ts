import { chmodSync, chownSync, closeSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { joinSockets } from "./socket-pair.ts";

const SOCKET_MODE = 0o600;

/**
 * A socket that leads to another one: each connection to `path` is passed on to `target`, which is looked for then. Where
 * nothing answers there, the connection ends at once.
 *
 * @param path of this process, however long; it belongs to `owner` alone
 */
export async function forwardSocket(
  path: string,
  target: string,
  owner: { readonly uid: number; readonly gid: number },
): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => open.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    track(incoming);
    const outgoing = track(connect({ path: target, allowHalfOpen: true }));
    outgoing.once("error", () => incoming.destroy());
    joinSockets(incoming, outgoing);
  });
  // The path of a socket may have 107 bytes only, that of its folder any number.
  const folder = openSync(dirname(path), "r");
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(`/proc/self/fd/${folder}/${basename(path)}`, resolve);
    });
  } finally {
    closeSync(folder);
  }
  // Who only waits for connections does not keep the command alive.
  server.unref();
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(path, { force: true });
  };
  try {
    chownSync(path, owner.uid, owner.gid);
    chmodSync(path, SOCKET_MODE);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
