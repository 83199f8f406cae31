/** What one call of kubectl came to. */
export interface KubectlAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one way to a cluster: everything that Slipway reads or writes there is one call of kubectl. */
export interface Kubectl {
  /**
   * Runs kubectl with these arguments and this standard input, to its end.
   *
   * @throws whatever the adapter's engine throws when kubectl cannot be started; never because of an exit code.
   */
  run(args: readonly string[], stdin?: string): Promise<KubectlAnswer>;
}

/**
 * What an answer means:
 *
 * - `done`: exit code 0
 * - `conflict`: the object has another version than the caller had read
 * - `exists`: what was to be created is there already
 * - `test-failed`: a `test` operation of a JSON patch did not hold
 * - `not-found`: the object, its namespace or its kind is not there
 * - `owned`: another manager owns a field that an apply would change
 * - `unreachable`: nobody answered; a write may have happened
 * - `unavailable`: somebody answered that it does not work now, or not in time; a write may have happened
 * - `unauthorised`: the credentials are not known, or not allowed to do this
 * - `refused`: anything else; trying again changes nothing
 */
export type Outcome =
  | "done"
  | "conflict"
  | "exists"
  | "test-failed"
  | "not-found"
  | "owned"
  | "unreachable"
  | "unavailable"
  | "unauthorised"
  | "refused";

/** The reason that kubectl prints for an error of the API server: `Error from server (Conflict): …`. */
const REASONS: Readonly<Record<string, Outcome>> = {
  Conflict: "conflict",
  AlreadyExists: "exists",
  NotFound: "not-found",
  Forbidden: "unauthorised",
  Unauthorized: "unauthorised",
  Timeout: "unavailable",
  ServerTimeout: "unavailable",
  TooManyRequests: "unavailable",
  ServiceUnavailable: "unavailable",
  InternalError: "unavailable",
};

/**
 * Sentences that come without such a reason, in kubectl's own words (cmd/util/helpers.go, cmd/apply and client-go). Those
 * about one of several objects lack the `error:` in front.
 */
const SENTENCES: readonly (readonly [RegExp, Outcome])[] = [
  // The API server answers 422 without a word about the operation that failed.
  [/^The request is invalid: the server rejected our request due to an error in our request/m, "test-failed"],
  // Before what can be tried again: of several objects one may be in conflict, and another one owned.
  [/^(error: )?Apply failed with \d+ conflicts?:/m, "owned"],
  // A server-side apply tells this without a reason.
  [/^(error: )?Operation cannot be fulfilled on /m, "conflict"],
  [/^error: You must be logged in to the server/m, "unauthorised"],
  // Without credentials kubectl asks for a name and a password, and finds the end of its input or something else there.
  [/^error: EOF\s*$/m, "unauthorised"],
  [/error: error reading input for (Username|Password)\s*$/m, "unauthorised"],
  [/^error: the server doesn't have a resource type/m, "not-found"],
  [/^(error: resource mapping not found for|unable to recognize no matches for kind)/m, "not-found"],
  [/^The connection to the server .* was refused/m, "unreachable"],
  [/^(Unable to connect to the server|error: .*"https?:[^"]*"): .*(x509|certificate)/m, "unauthorised"],
  [/^Unable to connect to the server/m, "unreachable"],
  [
    /(context deadline exceeded|Client\.Timeout|TLS handshake timeout|i\/o timeout|connection reset by peer)/,
    "unreachable",
  ],
  // How Go tells a request that got no answer. What the API server asked of others in vain has a reason in front.
  [/^error: .*\b(Get|Post|Put|Patch|Delete) "https?:[^"]*": /m, "unreachable"],
  // Before a write kubectl asks what the API server knows; what keeps it from that says nothing about the object.
  [/^error: .*: the server has asked for the client to provide credentials/m, "unauthorised"],
  [/^error: error validating .*\bforbidden: /m, "unauthorised"],
  [
    /^error: (.*: )?(the server (is currently unable|was unable to return|has received too many)|an error on the server)/m,
    "unavailable",
  ],
  [/^error: .*: failed to download openapi: /m, "unavailable"],
  [/etcdserver: (request timed out|leader changed)/, "unavailable"],
];

/** Reads an answer: the only place that looks at kubectl's words. */
export function judgeAnswer({ exitCode, stderr }: KubectlAnswer): Outcome {
  if (exitCode === 0) return "done";
  for (const [sentence, outcome] of SENTENCES) if (sentence.test(stderr)) return outcome;
  const reason = /^Error from server \((\w+)\)/m.exec(stderr)?.[1];
  return REASONS[reason ?? ""] ?? "refused";
}

/** What the cluster takes, but warns of: a version that will go, a rule of the namespace that would not be kept. */
export function listWarnings({ stderr }: KubectlAnswer): string[] {
  return stderr.split("\n").filter((line) => line.startsWith("Warning: "));
}

/** What kubectl complained about, in one line for a report. Of the same complaint about many objects only the first. */
export function tellComplaint({ exitCode, stdout, stderr }: KubectlAnswer): string {
  const said = (text: string) => {
    const lines = text.split("\n").filter((line) => !/^(Warning:|[EWI]\d{4} )/.test(line));
    const refusals = lines.filter((line) => line.startsWith("Error from server"));
    const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more like it)` : "";
    const told = refusals.length > 1 ? lines.filter((line) => !refusals.slice(1).includes(line)) : lines;
    return `${told.join(" ").trim()}${more}`;
  };
  // What it could still read when it failed says nothing about why.
  const text = (said(stderr) || said(stdout)).slice(0, 2000);
  return text === "" ? `kubectl ended with ${exitCode} and said nothing` : text;
}
