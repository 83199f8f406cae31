import { listComplaints, listLogLines, skipLead } from "./complaints.ts";
import type { KubectlAnswer } from "./kubectl.ts";
import { findVerdict, type Outcome, type Rule, type Verdict } from "./verdict.ts";
import { judgeGenericWords, judgeServerWords } from "./words-of-server.ts";
import { judgeSilence, STRANGE_ANSWER } from "./words-on-the-way.ts";

/** Of several objects each has its own verdict: what cannot heal goes before what can be tried again. */
const PRECEDENCE: readonly Outcome[] = [
  "owned",
  "unauthorised",
  "refused",
  "not-found",
  "test-failed",
  "conflict",
  "exists",
  "unreachable",
  "unavailable",
];

/** The exit code of a program that a signal ended is 128 and more. */
const KILLED = 128;

const KUBECTL_ENDED: Verdict = {
  outcome: "unreachable",
  speaker: "kubectl",
  advice:
    "kubectl itself was killed: check the memory of the machine, then run the same command again: it continues from here",
};

const KUBECTL_REFUSES: Verdict = {
  outcome: "refused",
  speaker: "kubectl",
  advice: "kubectl itself complains, the cluster was not changed: check the kubeconfig and the manifests",
};

/** What an answer means. */
export function judgeAnswer(answer: KubectlAnswer): Outcome {
  return readVerdict(answer).outcome;
}

/** Who spoke, and what an answer means: the only place that looks at kubectl's words. */
export function readVerdict(answer: KubectlAnswer): Verdict {
  const { exitCode, stderr } = answer;
  if (exitCode === 0) return { outcome: "done", speaker: "server" };
  const verdicts = listComplaints(stderr).map((complaint) => judgeComplaint(skipLead(complaint), stderr));
  const first = PRECEDENCE.flatMap((outcome) => verdicts.find((verdict) => verdict.outcome === outcome) ?? [])[0];
  if (first !== undefined && exitCode < KILLED) return first;
  return exitCode >= KILLED ? KUBECTL_ENDED : KUBECTL_REFUSES;
}

function judgeComplaint(complaint: string, stderr: string): Verdict {
  const [, reason = "", words] =
    /^Error from server(?: \((\w+)\))?: (?:error when \w+ "[^"]*": )?(.*)$/s.exec(complaint) ?? [];
  if (words !== undefined) return judgeServerWords(reason, words);
  if (/^(The \S+ ".*?" is invalid|The request is invalid)/.test(complaint))
    return judgeServerWords("Invalid", complaint);
  const [, login] = /^error: You must be logged in to the server \((.*)\)\s*$/s.exec(complaint) ?? [];
  if (login !== undefined) return judgeServerWords("Unauthorized", login);
  // Of several objects kubectl tells these without `error:`.
  const plain = complaint.replace(/^error: /, "");
  if (/^Apply failed with \d+ conflicts?:/.test(plain)) return { outcome: "owned", speaker: "server" };
  // A server-side apply tells this without a reason.
  if (/^Operation cannot be fulfilled on /.test(plain)) return { outcome: "conflict", speaker: "server" };
  return judgeOwnWords(plain, stderr);
}

/** A complaint about the kubeconfig: the same for whatever is asked, and nothing was sent. */
const kubeconfig = (words: RegExp, advice: string): Rule => ({
  words,
  verdict: () => ({ outcome: "refused", speaker: "kubectl", unsent: true, advice }),
});

/** What kubectl says itself, and often with it what it heard from others. */
const OWN: readonly Rule[] = [
  kubeconfig(
    /^The connection to the server localhost:8080 was refused/,
    "the kubeconfig does not say which cluster: kubectl asks localhost:8080 when it names no current context, or one without a cluster. Choose one (kubectl config get-contexts, kubectl config use-context NAME), and give that file",
  ),
  kubeconfig(
    /context was not found for specified context: /,
    "the kubeconfig has no context of that name: choose one that it has (kubectl config get-contexts, kubectl config use-context NAME)",
  ),
  kubeconfig(
    /unable to read (?:client-cert|client-key|certificate-authority) |^open \/.*: no such file or directory$/m,
    "the kubeconfig names files of this machine, and the container in which kubectl runs does not see them: write one that contains them (kubectl config view --raw --flatten --minify > FILE), and give that",
  ),
  kubeconfig(
    /unable to parse bytes as PEM block|failed to find any PEM data|failed to parse .*PEM/,
    "a certificate or a key of the kubeconfig, or that of --certificate-authority, is not PEM: check that it is the right file, and complete",
  ),
  kubeconfig(/error loading config file /, "this is not a kubeconfig: check that --kubeconfig names the right file"),
  // Without credentials kubectl asks for a name and a password, and finds the end of its input or something else there.
  {
    words: /^EOF$|error reading input for (?:Username|Password)\s*$/,
    verdict: () => ({
      outcome: "unauthorised",
      speaker: "kubectl",
      unsent: true,
      advice: "the kubeconfig has no credentials for this cluster, or the API server rejects them: get new ones",
    }),
  },
  {
    words: /unable to retrieve the complete list of server APIs: (\S+): /,
    verdict: ([, group]) => aggregatedFails(group ?? ""),
  },
  // The words of `tellLate`.
  { words: /^no answer within \d+ s$/, verdict: () => ({ outcome: "unreachable", speaker: "network" }) },
  { words: /^(?:panic|fatal error): /m, verdict: () => KUBECTL_ENDED },
];

const UNKNOWN_KIND =
  /^(the server doesn't have a resource type|resource mapping not found for|unable to recognize .*no matches for kind)|no matches for kind "/;

function judgeOwnWords(words: string, stderr: string): Verdict {
  const own = findVerdict(OWN, words);
  if (own !== undefined) return own;
  if (UNKNOWN_KIND.test(words)) return judgeUnknownKind(stderr);
  const inner = words.replace(
    /^error validating "[^"]*": error validating data: (?:failed to download openapi: )?/,
    "",
  );
  return (
    judgeGenericWords(inner) ??
    (isAboutFile(words) ? undefined : (findVerdict([STRANGE_ANSWER], words) ?? judgeSilence(words))) ??
    (/failed to download openapi: /.test(words) ? { outcome: "unavailable", speaker: "server" } : undefined) ??
    KUBECTL_REFUSES
  );
}

/** Files that end too early or are not there are told in words like those of the network. */
function isAboutFile(words: string): boolean {
  return /^(?:error )?(?:parsing|reading|loading config file|decoding) |^(?:open|stat) \//.test(words);
}

/** A kind that a server beside the API server answers for is unknown while that one is silent. */
function judgeUnknownKind(stderr: string): Verdict {
  const [, group] = /couldn't get resource list for (\S+): /.exec(listLogLines(stderr).join("\n")) ?? [];
  if (group !== undefined) return aggregatedFails(group);
  return {
    outcome: "not-found",
    speaker: "server",
    advice:
      "the cluster does not know this kind: install its CustomResourceDefinition first; if another server provides it to the API server, check that it is up (kubectl get apiservices)",
  };
}

function aggregatedFails(group: string): Verdict {
  return {
    outcome: "unavailable",
    speaker: "aggregated",
    advice: `the server of the API ${group} does not answer: check it (kubectl get apiservices), then run the same command again: it continues from here`,
  };
}
