import type { ErrorValue } from "../api/error.ts";
import { ApiError } from "../api/errors.ts";
import { WorkspaceReads } from "../api/workspace-reads.ts";
import type { Exit } from "../run/container.ts";
import type { LoadedModule } from "./loaded-module.ts";

/** One call of a function, in the terms of the SDK: names as written in the source, values as JSON text. */
export interface FunctionCall {
  /** Class as written. */
  readonly parentName: string;
  /** Method or its alias as written; empty: the constructor. */
  readonly name: string;
  /** State of the object; `null` for constructors. */
  readonly parent: string;
  /** Arguments in the order of the signature; what is to keep its default in TypeScript is left out. */
  readonly inputArgs: readonly { readonly name: string; readonly value: string }[];
}

/** How a function's process ended. */
export type CallOutcome =
  /** `returned` is JSON text. */
  | { readonly returned: string }
  | { readonly error: ErrorValue }
  /** It ended on its own, without saying anything. */
  | { readonly exit: Exit; readonly stdout: string; readonly stderr: string };

/**
 * What the session server knows of one function process: the answers to `currentFunctionCall` of the client that has the
 * process's token, and the place for its result.
 */
export class CallContext {
  /** Resolves when the process has been given its call: it may have been started before anybody knew it. */
  readonly call: Promise<FunctionCall>;
  /** What the function asks its workspace, also by functions that it calls. */
  readonly reads = new WorkspaceReads();
  #assign: (call: FunctionCall) => void = () => undefined;
  #returned: string | undefined;
  #error: ErrorValue | undefined;
  /** Folder of the host that is `/` of the process; what its `host` field reads. */
  rootDir = "";
  /** The step that its call is shown as: what it makes happen is a part of that. */
  stepId: string | undefined;
  /** Brings the names of running services into the process's hosts file. */
  refreshNames: () => Promise<void> = async () => undefined;

  constructor(readonly module: LoadedModule) {
    this.call = new Promise((resolve) => {
      this.#assign = resolve;
    });
  }

  assign(call: FunctionCall): void {
    this.#assign(call);
  }

  /** @throws ApiError when it has returned before */
  returnValue(json: string): void {
    this.#checkReturn();
    this.#returned = json;
  }

  /** @throws ApiError when it has returned before */
  returnError(error: ErrorValue): void {
    this.#checkReturn();
    this.#error = error;
  }

  #checkReturn(): void {
    if (this.#returned !== undefined || this.#error !== undefined)
      throw new ApiError("function call return already set");
  }

  /** An error that was returned counts more than the exit code, and that more than a value. */
  outcome(exit: Exit, stdout: string, stderr: string): CallOutcome {
    if (this.#error !== undefined) return { error: this.#error };
    if (exit.code === 0 && this.#returned !== undefined) return { returned: this.#returned };
    return { exit, stdout, stderr };
  }
}
