import { tellSystemError } from "../store/system-words.ts";

/** What a person reads of an error; a refusal of the system in words. */
export function messageOf(error: unknown): string {
  return tellSystemError(error) ?? (error instanceof Error ? error.message : String(error));
}

/** A command that was put wrongly. The hint names the command whose help explains it. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(
    message: string,
    /** `slipway call build`; absent: no hint is shown. */
    readonly commandPath?: string,
  ) {
    super(message);
  }
}
