import { tellProgramError, tellSystemError } from "../store/system-words.ts";
import { didYouMean } from "./nearest.ts";

/** What a person reads of an error; a refusal of the system in words. */
export function messageOf(error: unknown): string {
  return tellSystemError(error) ?? tellProgramError(error instanceof Error ? error.message : String(error));
}

/** A command that was put wrongly. The hint names the command whose help explains it. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(
    message: string,
    /** `slipway call build`; absent: no hint is shown. */
    readonly commandPath?: string,
    /** Words that may have been meant. */
    readonly meant: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The words that may have been meant instead of what an error is about. */
export function meantBy(error: unknown): readonly string[] {
  return error instanceof UsageError ? error.meant : [];
}

/** What follows the message of an error on standard error: where help is, and what may have been meant. */
export function usageHint(error: unknown, { withHelp = true } = {}): string {
  if (!(error instanceof UsageError)) return "";
  const { commandPath, meant } = error;
  const help = commandPath === undefined || !withHelp ? "" : `Run '${commandPath} --help' for usage.\n`;
  return `${help}${didYouMean(meant)}`;
}
