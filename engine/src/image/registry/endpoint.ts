import type { Address } from "../connections.ts";

/** A registry that is a service of the session: what its name means elsewhere does not count. */
export interface Endpoint {
  /** The same for the same service. */
  readonly key: string;
  /** Whether it is asked without TLS when it has none: what is sent stays on this machine. */
  readonly mayBePlain: boolean;
  /** Runs the service while it is used; without an address for one that is where the registry's name says. */
  reach<T>(use: (address: Address | undefined) => Promise<T>): Promise<T>;
}
