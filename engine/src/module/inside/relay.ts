import { type AddressInfo, connect, createServer } from "node:net";

/**
 * Offers the engine's socket on a free port of 127.0.0.1, which is the only place where the SDK looks for it.
 *
 * Neither the server nor a connection keeps the process alive: a function is over when its own work is.
 *
 * @returns the port
 */
export async function offerSocket(socketFile: string): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const engine = connect({ path: socketFile, allowHalfOpen: true });
    client.unref();
    engine.unref();
    client.on("error", () => engine.destroy());
    engine.on("error", () => client.destroy());
    client.pipe(engine);
    engine.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  return (server.address() as AddressInfo).port;
}
