import { tellProgramError, tellSystemError, wordsIn } from "../store/system-words.ts";
import { didYouMean } from "./nearest.ts";

/** What a person reads of an error; a refusal of the system in words. */
export function messageOf(error: unknown): string {
  // Where it goes is nothing of ours.
  if (error instanceof OutputError) return error.message;
  return tellSystemError(error) ?? tellProgramError(error instanceof Error ? error.message : String(error));
}

/** A result could not be written to where it was to go. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  /** Whether the reader went away, as `head` does: nobody wants to hear of it. */
  readonly isUnread: boolean;

  /** @param file where it was to go, unless that is standard output */
  constructor(cause: Error, file?: string) {
    const words = wordsIn(cause.message) ?? cause.message;
    const todo = file === undefined ? "" : "\n  to do: name a file in a writable folder with enough space";
    super(`the result cannot be written to ${file ?? "standard output"}: ${words}${todo}`, { cause });
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    this.isUnread = ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"].includes(code);
  }
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
