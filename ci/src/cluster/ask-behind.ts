import { refuseAnswer } from "./cluster-error.ts";
import { tellComplaint } from "./complaints.ts";
import { readVerdict } from "./judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "./kubectl.ts";
import type { Outcome } from "./verdict.ts";

/**
 * How long a pod may take. The API server waits for ever for what it passes on, so that kubectl is ended. Far below the
 * time of a lease, which has to be renewed in between.
 */
const PATIENCE_S = 10;
const SERVER_PATIENCE_S = 5;

/** Nobody needs a right for this, only credentials that the API server knows. */
const SERVER_ITSELF = "/version";

/** After these nobody can tell by the words alone who spoke: a pod, a proxy or the API server, or nobody at all. */
const OPEN: ReadonlySet<Outcome> = new Set(["unreachable", "unavailable", "unauthorised"]);

/** What is asked through the API server, and how the right to do so is called. */
export interface Behind {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** `services/http:NAME:PORT` or `pods/NAME:PORT` */
  readonly target: string;
  /** As `pathSchema` takes it: kubectl hands it on unchanged. */
  readonly path: string;
}

export type BehindAnswer =
  | { readonly body: string }
  /** It was asked, and did not answer as it should. */
  | { readonly wrong: string }
  /** The API server could not be asked, so that nothing is known. */
  | { readonly unasked: string }
  /** The account may not ask this. */
  | { readonly denied: KubectlAnswer };

/**
 * Asks a Service or a pod by the API server's own way to it, so that nothing but kubectl is needed.
 *
 * A pod that hangs, an API server that hangs and a broken network look alike to kubectl. So after an answer that may be
 * anybody's the API server itself is asked: when it answers, the one behind it did not.
 *
 * @throws ClusterError when the API server does not know the credentials any more.
 */
export async function askBehind({ kubectl, namespace, target, path }: Behind): Promise<BehindAnswer> {
  const where = `/api/v1/namespaces/${namespace}/${target}/proxy${path}`;
  const answer = await kubectl.run(["get", `--raw=${where}`], undefined, PATIENCE_S);
  const { outcome, speaker, unsent = false } = readVerdict(answer);
  if (outcome === "done") return { body: answer.stdout };
  const said = tellComplaint(answer);
  const right = `${target.slice(0, target.indexOf("/"))}/proxy`;
  // The pod's own 401 and 403 come the same way, but then the account may do it.
  if (outcome === "unauthorised" && answer.stderr.includes(`resource "${right}"`)) return { denied: answer };
  if (unsent && outcome === "unreachable") return { unasked: said };
  if (speaker === "backend" || !OPEN.has(outcome)) return { wrong: said };
  const itself = await kubectl.run(["get", `--raw=${SERVER_ITSELF}`, `--request-timeout=${SERVER_PATIENCE_S}s`]);
  const server = readVerdict(itself);
  // To be forbidden something is an answer of the API server too.
  if (server.outcome === "done" || itself.stderr.includes(`path "${SERVER_ITSELF}"`)) {
    return { wrong: outcome === "unreachable" ? `no answer, while the API server answers: ${said}` : said };
  }
  if (server.outcome === "unauthorised") throw refuseAnswer(itself, "let Slipway ask the release", namespace);
  return { unasked: tellComplaint(itself) };
}
