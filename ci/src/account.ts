/** Why a verb stopped. The code is part of the public contract; the wording is not. */
export type Code =
  | "bad-release"
  | "bad-record"
  | "bad-manifest"
  | "bad-approval"
  | "bad-signers"
  | "bad-signature"
  | "not-approved"
  | "not-verified"
  | "not-newer"
  | "not-as-planned"
  | "drift"
  | "same-release"
  | "fenced"
  | "frozen"
  | "unverified-live"
  | "nothing-to-go-back-to";

/** What happened, where, and what to do: the three things a person needs. */
export interface Account {
  readonly what: string;
  readonly where: string;
  readonly todo: string;
}

/** The account as the text a person reads, three lines or more. */
export function tellAccount({ what, where, todo }: Account): string {
  return `${what}\n  where: ${where}\n  to do: ${todo}`;
}

/**
 * An error that a person can act on.
 *
 * Everything worth knowing goes into `message`, because Dagger forwards nothing else of a thrown error to the caller.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: Code;

  constructor(code: Code, account: Account) {
    super(tellAccount(account));
    this.code = code;
  }
}
