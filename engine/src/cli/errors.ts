export { messageOf } from "../api/errors.ts";

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
