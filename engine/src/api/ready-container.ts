import type { NetworkLease } from "../run/container.ts";
import { type BoundServices, bindServices } from "./bound-services.ts";
import { type Command, type PreparedContainer, prepareContainer } from "./exec.ts";
import { giveUp } from "./give-up.ts";
import type { Session } from "./session.ts";
import type { ContainerValue } from "./values.ts";

/** A container whose process can be started: it has an address, the services that it is bound to run, and its files are open. */
export interface ReadyContainer {
  readonly lease: NetworkLease;
  readonly bound: BoundServices;
  readonly prepared: PreparedContainer;
  /** Closes its files and keeps what was written. */
  commit: PreparedContainer["commit"];
  /** Gives all of it back; what was written and not kept is gone. Never fails. */
  close(): Promise<void>;
}

/**
 * Makes a container ready, or gives back what it had until it could not.
 *
 * @param as what it is in the session's network, and the words by which it is told that something of it could not be removed
 */
export async function readyContainer(
  session: Session,
  container: ContainerValue,
  command: Command,
  as: { readonly role: "client" | "service"; readonly name: string },
): Promise<ReadyContainer> {
  let lease: NetworkLease | undefined;
  let bound: BoundServices | undefined;
  let prepared: PreparedContainer | undefined;
  const noteClosed = session.containers.add();
  const close = async () => {
    await giveUp(session, as.name, [() => prepared?.discard(), () => bound?.release(), () => lease?.release()]);
    noteClosed();
  };
  try {
    lease = await session.network.lease(as.role);
    bound = await bindServices(session, container.services, lease, command.args);
    const files = await prepareContainer(session, container, command, lease);
    prepared = files;
    const commit = async () => {
      const written = await files.commit();
      prepared = undefined;
      return written;
    };
    return { lease, bound, prepared, commit, close };
  } catch (error) {
    await close();
    throw error;
  }
}
