import { tellProgramError, tellSystemError } from "../store/system-words.ts";

/**
 * An error that a client sees. `extensions` go into the answer as they are.
 *
 * `status` 422 is for requests that are wrong whatever the state of the world, 200 for what went wrong on the way.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    readonly extensions?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

/** A command that did not end as it was expected to. Both outputs whole; the answer to a client may shorten them. */
export class ExecFailure extends ApiError {
  constructor(
    message: string,
    readonly exec: {
      readonly cmd: readonly string[];
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    },
  ) {
    super(message, { _type: "EXEC_ERROR", ...exec });
  }
}

/** What the real engine can do and this one cannot yet; `why` is a sentence without its end, where there is one. */
export function unsupported(what: string, why?: string): ApiError {
  const because = why === undefined ? "" : `, because ${why}`;
  return new ApiError(
    `${what} is not supported by the embedded engine yet${because}: use the real Dagger engine for it (dagger call …)`,
    { code: "UNSUPPORTED_FIELD" },
  );
}

/** What a client reads of an error; a refusal of the system in words. */
export function messageOf(error: unknown): string {
  if (error instanceof ExecFailure) return error.message;
  return tellSystemError(error) ?? tellProgramError(error instanceof Error ? error.message : String(error));
}
