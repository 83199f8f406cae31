import type { Exit, JoinedProcess, JoiningProcess, NetworkLease } from "../run/container.ts";
import { ApiError } from "./errors.ts";

/** A service that runs. */
export interface ServiceRun {
  readonly hostname: string;
  readonly lease: NetworkLease | undefined;
  /** Ports that others connect to: those of the service, or those on the host for a tunnel. */
  readonly ports: readonly number[];
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<Exit>;
  /** Of one that was ended because a service that it needs had ended: the reason. */
  readonly cause: () => ApiError | undefined;
  /** What its users show when it is gone. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts one more process in its container, with its variables and these. Only a container has one. */
  readonly enter?: (process: Pick<JoiningProcess, "args" | "env" | "terminal">) => Promise<JoinedProcess>;
}

/** It ended well, but before its ports were open. */
export class ExitedBeforeHealthy extends ApiError {}
