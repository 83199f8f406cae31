import { type Account, type Code, SlipwayError } from "../account.ts";
import { SET_UP } from "../input/setup-file.ts";
import { tellComplaint } from "./complaints.ts";
import { readVerdict } from "./judge-answer.ts";
import type { KubectlAnswer } from "./kubectl.ts";
import type { Outcome } from "./verdict.ts";

/** The cluster did not do what it was asked for, and asking again will not help. */
export class ClusterError extends SlipwayError {
  readonly outcome: Outcome;
  /** What happened, without where and what to do. */
  readonly what: string;

  constructor(outcome: Outcome, account: Account) {
    super(codeOf(outcome), account);
    this.outcome = outcome;
    this.what = account.what;
  }
}

function codeOf(outcome: Outcome): Code {
  switch (outcome) {
    case "unreachable":
    case "unavailable":
    case "unauthorised":
      return `cluster-${outcome}`;
    default:
      return "cluster-refused";
  }
}

const ADVICE: Readonly<Record<Outcome, string>> = {
  done: "read what kubectl printed",
  conflict: "somebody keeps changing the same object: find out who, then run the same command again",
  exists: "somebody keeps creating the same object: find out who, then run the same command again",
  "test-failed": "somebody keeps changing the same object: find out who, then run the same command again",
  "not-found": `create the ring's namespace first, with the account for its deploys: ${SET_UP} (slipway init writes the file); then check the manifests' kinds`,
  owned:
    "give up the field where it is managed now (kubectl get --show-managed-fields), or take it out of the manifests",
  unreachable:
    "check the address and the network; a cluster on this machine's loopback is given as --cluster tcp://127.0.0.1:PORT; then run the same command again: it continues from here",
  unavailable: "wait until the cluster is healthy, then run the same command again: it continues from here",
  unauthorised: "check the kubeconfig or the token and the certificate authority, and what the account may do (RBAC)",
  refused: "fix what the cluster complains about, then run the same command again: it continues from here",
};

/**
 * The error for a cluster that could not be read, also when it was asked again and again.
 *
 * @param silentMs for how long already; 0 for the first time
 */
export function refuseSilence(answer: KubectlAnswer, namespace: string, silentMs = 0): ClusterError {
  const { outcome, advice } = readVerdict(answer);
  const what = outcome === "unreachable" ? "the cluster does not answer" : "the cluster is not working now";
  return new ClusterError(outcome, {
    what: `${what}: ${tellComplaint(answer)}`,
    where: `namespace ${namespace}${silentMs > 0 ? `, for ${Math.round(silentMs / 1000)} seconds` : ""}`,
    todo: advice ?? ADVICE[outcome],
  });
}

/** The error for an answer that ends a verb. `doing` is what was asked for, as in "get the objects". */
export function refuseAnswer(answer: KubectlAnswer, doing: string, namespace: string): ClusterError {
  const { outcome, speaker, advice } = readVerdict(answer);
  return new ClusterError(outcome, {
    what: `${speaker === "kubectl" ? "kubectl" : "the cluster"} did not ${doing}: ${tellComplaint(answer)}`,
    where: `namespace ${namespace}`,
    todo: advice ?? ADVICE[outcome],
  });
}
