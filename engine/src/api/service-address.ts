import type { Address } from "../image/connections.ts";
import type { Graph, Obj } from "./graph.ts";
import { sessionOf } from "./session.ts";

/**
 * Runs a service for as long as something connects to one of its ports.
 *
 * @param use gets where to connect to; nothing for a tunnel, which is where its own address says
 */
export async function withServiceAddress<T>(
  graph: Graph,
  service: Obj,
  port: number,
  use: (address: Address | undefined) => Promise<T>,
): Promise<T> {
  const session = sessionOf(graph);
  const { run, release } = await session.services.use(session, service);
  try {
    if (run.lease === undefined) return await use(undefined);
    const forward = await session.network.forwardFromHost(run.lease, 0, port);
    try {
      return await use({ host: "127.0.0.1", port: forward.port });
    } finally {
      await forward.close();
    }
  } finally {
    release();
  }
}
