import type { CODES } from "./codes.ts";

/** The name of a reason: part of the public contract, for scripts to look for. */
export type Code = keyof typeof CODES;

/** What happened, where, and what to do: the three things a person needs. */
export interface Account {
  readonly what: string;
  readonly where: string;
  readonly todo: string;
}

/** The account as the text a person reads, three lines or more; with a code in brackets behind the first one. */
export function tellAccount({ what, where, todo }: Account, code?: Code): string {
  return `${code === undefined ? what : markCode(what, code)}\n  where: ${where}\n  to do: ${todo}`;
}

/** Puts the code behind the first line of a text: `… [not-newer]`. */
export function markCode(text: string, code: Code): string {
  return text.replace(/:?(?=\n|$)/, (colon) => ` [${code}]${colon}`);
}

/**
 * An error that a person can act on: the one that the pipeline throws.
 *
 * Everything worth knowing goes into `message`, the code too, because Dagger forwards nothing else of a thrown error to
 * the caller.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: Code;

  /** @param told an account, or a whole report; one that names the code nowhere gets it behind its first line */
  constructor(code: Code, told: Account | string) {
    super(typeof told === "string" ? nameCode(told, code) : tellAccount(told, code));
    this.code = code;
  }
}

function nameCode(report: string, code: Code): string {
  return report.includes(`[${code}]`) ? report : markCode(report, code);
}
