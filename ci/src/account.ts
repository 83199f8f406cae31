/** Why something was not done, each under the name that messages print in brackets. Names stay; the wording may change. */
export const CODES = {
  "bad-config": "slipway.yaml cannot be used",
  "nothing-known": "nothing in the repository is known, and slipway.yaml does not say what it is",
  missing: "doctor has found that something is missing which would make other functions fail",
  undecided: "a folder can be read in two ways, and only a person can say which is right",
  "bad-arguments": "the arguments of the call do not go together, or one of them has another form",
  "no-such-ring": "slipway.yaml names no ring like that",
  "no-such-service": "slipway.yaml names no service like that",
  "no-such-check": "the repository has no check like that",
  "foreign-file": "a file that is to be written is there already, and a person has written it",
  "workflows-differ": "the files of CI systems are not as slipway.yaml has them",
  "bad-manifest": "the manifests of a ring cannot be read, or do not hold to the rules",
  "no-commit": "there is no repository, or it lacks the commit or what came before it",
  uncommitted: "files are not as in the commit that the release would name",
  "bad-image-name": "registry and name of an image are missing, or cannot be put together",
  "not-published": "the registry did not take an image",
  "not-signed": "attestations could not be signed with the key that was given",
  "bad-release": "the release file cannot be read",
  "bad-record": "what Slipway keeps in the ring cannot be read, or was changed by somebody",
  "bad-approval": "an approval cannot be read",
  "bad-signers": "the list of those who may approve is missing, or cannot be read",
  "not-approver": "the person is not in the list of those who may approve",
  "not-approved": "the ring's approvals are not there",
  "not-attested": "an image of the release does not carry what the ring demands, or that does not hold",
  "not-verified": "the release has not passed the ring that comes before",
  "not-newer": "what runs in the ring is not contained in the release",
  "not-as-planned": "somebody changed the ring while a verb was at work in it",
  drift: "the ring is not as Slipway left it",
  "same-release": "the release is live already, but with other manifests",
  "unverified-live": "the release is live, but has failed its gate",
  "nothing-to-go-back-to": "the ring has no release before",
  fenced: "another run has taken the ring",
  frozen: "the ring is frozen",
  failed: "the release did not make it; the ring is stable again",
  "cluster-unreachable": "the API server does not answer",
  "cluster-unavailable": "the API server answers that it does not work now",
  "cluster-unauthorised": "the API server does not know the account, or does not let it do this",
  "cluster-refused": "the cluster, or kubectl, refuses what it was asked for",
} as const;

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

  /** @param told an account, or a whole report that has the code in it already */
  constructor(code: Code, told: Account | string) {
    super(typeof told === "string" ? told : tellAccount(told, code));
    this.code = code;
  }
}
