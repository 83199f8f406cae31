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

/**
 * Whose words an answer is:
 *
 * - `server`: the API server
 * - `admission`: a webhook or a policy that the API server asks, or one that converts objects
 * - `aggregated`: an API of the cluster that another server answers for
 * - `backend`: a pod, a Service or a node that was asked through the API server
 * - `proxy`: somebody between kubectl and the API server, or somebody else at its address
 * - `network`: nobody answered, or not as the one that kubectl trusts
 * - `kubectl`: kubectl itself: its options, files, kubeconfig, or the plugin for credentials
 */
export type Speaker = "server" | "admission" | "aggregated" | "backend" | "proxy" | "network" | "kubectl";

export interface Verdict {
  readonly outcome: Outcome;
  readonly speaker: Speaker;
  /** What to do in this case, where that is more than what the outcome says. */
  readonly advice?: string;
  /** Nothing of the request can have arrived anywhere. */
  readonly unsent?: true;
}

/** What words say that one pattern knows. `matched` are the words that were found. */
export interface Rule {
  readonly words: RegExp;
  readonly verdict: (matched: RegExpExecArray) => Verdict;
}

/** The first rule that knows something of the words. */
export function findVerdict(rules: readonly Rule[], words: string): Verdict | undefined {
  for (const { words: pattern, verdict } of rules) {
    const matched = pattern.exec(words);
    if (matched !== null) return verdict(matched);
  }
  return undefined;
}
