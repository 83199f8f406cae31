import { SET_UP, SETUP_FILE } from "../input/setup-file.ts";
import { findVerdict, type Outcome, type Rule, type Speaker, type Verdict } from "./verdict.ts";

/** The reasons of the API server (apimachinery, meta/v1 StatusReason) that do not mean `refused`. */
const REASONS: Readonly<Record<string, Outcome>> = {
  Conflict: "conflict",
  AlreadyExists: "exists",
  NotFound: "not-found",
  Unauthorized: "unauthorised",
  Timeout: "unavailable",
  ServerTimeout: "unavailable",
  TooManyRequests: "unavailable",
  ServiceUnavailable: "unavailable",
  InternalError: "unavailable",
  // A list was read in pieces for too long, or from too old a version: it has to be read anew.
  Expired: "unavailable",
  Gone: "unavailable",
};

const LATER: ReadonlySet<string> = new Set(["Timeout", "ServerTimeout", "TooManyRequests", "ServiceUnavailable"]);

const rule = (words: RegExp, outcome: Outcome, speaker: Speaker, advice?: (...found: string[]) => string): Rule => ({
  words,
  verdict: ([, ...found]) => ({ outcome, speaker, ...(advice === undefined ? {} : { advice: advice(...found) }) }),
});

const again = "then run the same command again: it continues from here";
const RIGHTS = `the account may not do this (RBAC): ${SETUP_FILE}, which slipway init writes, has an account for each ring with the rights of a deploy: have an administrator run ${SET_UP} (add there what your manifests contain besides), or use another account`;

/** A web page in place of an answer. */
const PAGE: Rule = rule(
  /^\s*<(?:!doctype|html|head|body|center|h1)\b|\("\s*<(?:!doctype|html|head|body|center|h1)\b/i,
  "unavailable",
  "proxy",
  () =>
    `this is a web page, not an answer of an API server: check the address, and the proxy or load balancer in front of it`,
);

/** Nobody but the authoriser of the API server says this. */
const NO_RIGHT: Rule = rule(/\b[Uu]ser ".*?" cannot \S+ (?:resource|path) "/s, "unauthorised", "server", () => RIGHTS);

/** What the API server passes on from others. These come first: their own words may hold anything. */
const PASSED_ON: readonly Rule[] = [
  rule(
    /(?:failed calling webhook|failed to call webhook) "([^"]*)"/,
    "unavailable",
    "admission",
    (name) =>
      `the admission webhook ${name} does not answer as it should: check its Service, its pods and its certificate (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations), ${again}`,
  ),
  rule(
    /conversion webhook for (.+?) failed: /,
    "unavailable",
    "admission",
    (kind) =>
      `the webhook that converts ${kind} does not answer as it should: check its Service and its pods (kubectl get customresourcedefinitions), ${again}`,
  ),
  rule(
    /(?:Validating|Mutating)AdmissionPolicy '([^']*)'/,
    "refused",
    "admission",
    (name) => `the admission policy ${name} rejects it: change what it complains about, or ask whoever maintains it`,
  ),
  rule(
    /error trying to reach service: |no endpoints available for service |no service port \S+ found|error dialing backend: |^(?:Get|Post) "https?:|the backend attempted to redirect/,
    "unavailable",
    "backend",
    () => `the API server could not ask it: check the pods and nodes behind it, ${again}`,
  ),
  PAGE,
  rule(/etcdserver: |etcd\b.*(?:leader|timed? ?out|no space)/, "unavailable", "server"),
];

/** What is forbidden whoever asks, in the words of the admission plugins of Kubernetes 1.34. */
const FORBIDDEN: readonly Rule[] = [
  rule(
    /(?:exceeded|failed) quota: ([^,:]+)/,
    "refused",
    "server",
    (name) =>
      `the ResourceQuota ${name} of the namespace does not allow it: free some of it, ask for a larger one, or meet its demands (kubectl describe quota), ${again}`,
  ),
  rule(
    /insufficient quota to/,
    "refused",
    "server",
    () => `the namespace has no ResourceQuota that covers it, ${again}`,
  ),
  rule(/status unknown for quota: /, "unavailable", "server", () => `the quota is being counted: wait, ${again}`),
  rule(
    /in namespace (\S+) because it is being terminated/,
    "refused",
    "server",
    (name) =>
      `namespace ${name} is being deleted: wait until it is gone (kubectl get namespace ${name} shows what holds it up), create it again, then run the same command again`,
  ),
  rule(
    /violates PodSecurity "([^"]*)"/,
    "refused",
    "server",
    (level) => `the namespace only accepts pods of level ${level}: change the manifests as it says, ${again}`,
  ),
  rule(
    /(?:maximum|minimum) \S+ usage per |limit to request ratio per |No limit is specified|No request is specified/,
    "refused",
    "server",
    () =>
      `a LimitRange of the namespace does not allow it (kubectl describe limitrange): change the manifests, ${again}`,
  ),
  rule(
    /error looking up service account \S+: serviceaccount "([^"]*)" not found/,
    "refused",
    "server",
    (name) =>
      `the ServiceAccount ${name} is missing: add it to the manifests, or wait until the cluster has created it, ${again}`,
  ),
  rule(
    /node "[^"]*" (?:is not allowed|can only|cannot|can not|must not)|node requested token/,
    "unauthorised",
    "server",
    () => "these are the credentials of a node, which has few rights: use those of an account for deployments",
  ),
  rule(
    /not yet ready to handle request/,
    "unavailable",
    "server",
    () => `the API server is still starting: wait, ${again}`,
  ),
  rule(
    /is attempting to grant RBAC permissions not currently held/,
    "unauthorised",
    "server",
    () => "an account cannot grant rights that it does not have: have an administrator apply these roles",
  ),
  NO_RIGHT,
];

const INVALID: readonly Rule[] = [
  // The API server answers 422 without a word about the operation of a JSON patch that failed.
  rule(/the server rejected our request due to an error in our request/, "test-failed", "server"),
  rule(
    /field is immutable|may not (?:be changed|change) once set|is immutable|updates to .* are forbidden/i,
    "refused",
    "server",
    () =>
      `this field can never be changed: leave it as it is, or delete the object first if nothing needs it, ${again}`,
  ),
];

/** What client-go says for an answer without the API server's own form (apimachinery, NewGenericServerResponse). */
const GENERIC: readonly Rule[] = [
  rule(/the server has asked for the client to provide credentials/, "unauthorised", "server"),
  rule(
    /the server (?:is currently unable to handle the request|was unable to return a response|has received too many requests)/,
    "unavailable",
    "server",
  ),
  rule(/an error on the server \(".*"\) has prevented the request/s, "unavailable", "server"),
  rule(/the server responded with the status code (?:408|425|429|5\d\d) but/, "unavailable", "proxy"),
  rule(
    /the server responded with the status code 413 but/,
    "refused",
    "proxy",
    () => "a proxy or load balancer in front of the API server does not accept so much at once: raise its limit",
  ),
  rule(
    /the server responded with the status code (\d+) but/,
    "refused",
    "proxy",
    (code) =>
      `an API server does not answer ${code} here: check the address, and the proxy or load balancer in front of it`,
  ),
];

/** What words say that have no reason with them. `undefined`: they are not the API server's. */
export function judgeGenericWords(words: string): Verdict | undefined {
  return findVerdict([PAGE, NO_RIGHT, ...GENERIC], words);
}

/**
 * What the API server said.
 *
 * @param reason such as `Forbidden`; empty for one that it does not name
 */
export function judgeServerWords(reason: string, words: string): Verdict {
  const denied = /admission webhook "([^"]*)" (?:denied the request|does not support dry run)/.exec(words);
  if (denied !== null) return judgeDenial(denied[1] ?? "", reason);
  const passed = findVerdict(PASSED_ON, words);
  if (passed !== undefined)
    return passed.speaker === "proxy" && reason !== "InternalError"
      ? { ...passed, outcome: outcomeOfPage(reason) }
      : passed;
  if (reason === "Forbidden") {
    return (
      findVerdict(FORBIDDEN, words) ?? {
        outcome: "refused",
        speaker: words === "unknown" || words === "" ? "proxy" : "server",
        advice: `the cluster forbids it, whoever asks: change what it complains about, or ask whoever runs it, ${again}`,
      }
    );
  }
  if (reason === "Invalid") return findVerdict(INVALID, words) ?? { outcome: "refused", speaker: "server" };
  if (reason === "Unauthorized")
    return {
      outcome: "unauthorised",
      speaker: "server",
      advice:
        "check the kubeconfig or the token: the API server does not know these credentials; they have expired, belong to another cluster, or a clock is wrong; with new ones the same command continues where this one stopped",
    };
  if (reason === "RequestEntityTooLarge")
    return { outcome: "refused", speaker: "server", advice: "the objects are too large: make them smaller, or fewer" };
  const outcome = REASONS[reason];
  if (outcome !== undefined) return { outcome, speaker: "server" };
  return findVerdict(GENERIC, words) ?? { outcome: "refused", speaker: "server" };
}

/** A webhook may give any reason for its denial: it says nothing about the account or about versions. */
function judgeDenial(name: string, reason: string): Verdict {
  if (LATER.has(reason))
    return {
      outcome: "unavailable",
      speaker: "admission",
      advice: `the admission webhook ${name} asks for it later: wait, ${again}`,
    };
  return {
    outcome: "refused",
    speaker: "admission",
    advice: `the admission webhook ${name} rejects it: change what it complains about, or ask whoever maintains it`,
  };
}

function outcomeOfPage(reason: string): Outcome {
  return reason === "Unauthorized" ? "unauthorised" : REASONS[reason] === "unavailable" ? "unavailable" : "refused";
}
