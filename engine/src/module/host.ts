import type { Session } from "../api/session.ts";
import type { CallContext } from "./call.ts";

/** What loading and running modules needs of the engine process. */
export interface ModuleHost {
  readonly session: Session;
  /** Made by `buildBundles`. */
  readonly bundlesDir: string;
  /** Folder on the host with the session server's socket `engine.sock`, and nothing else. */
  readonly socketDir: () => Promise<string>;
  /** Makes the process of that context a client of the session: whoever has the token is answered from the context. */
  readonly openClient: (context: CallContext) => { readonly token: string; close(): void };
}
