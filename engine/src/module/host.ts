import type { ContainerSpec, RunningContainer, SessionNetwork } from "../run/container.ts";
import type { Store } from "../store/store.ts";
import type { CallContext } from "./call.ts";

/** What loading and running modules needs of the engine process; `Session` and the session server give it. */
export interface ModuleHost {
  readonly store: Store;
  readonly network: SessionNetwork;
  readonly start: (spec: ContainerSpec) => Promise<RunningContainer>;
  /** Made by `buildBundles`. */
  readonly bundlesDir: string;
  /** Folder on the host with the session server's socket `engine.sock`, and nothing else. */
  readonly socketDir: () => Promise<string>;
  /** Makes the process of that context a client of the session: whoever has the token is answered from the context. */
  readonly openClient: (context: CallContext) => { readonly token: string; close(): void };
  readonly onNote: (text: string) => void;
}
