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

/** Ends the command with that code; everything that is to be said was said. */
export class Exit extends Error {
  override readonly name = "Exit";

  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
