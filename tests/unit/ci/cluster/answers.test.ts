/** What an answer of kubectl is taken for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseAnswer } from "../../../../ci/src/cluster/cluster-error.ts";
import { listWarnings, tellComplaint } from "../../../../ci/src/cluster/complaints.ts";
import { judgeAnswer, readVerdict } from "../../../../ci/src/cluster/judge-answer.ts";
import type { Outcome } from "../../../../ci/src/cluster/verdict.ts";
import { listKinds } from "../../../../ci/src/delivery/ring.ts";
import { onTheWay } from "./kubectl-answers.ts";
import { ADVISED, ofServers, UNVALIDATED, WEBHOOK } from "./server-answers.ts";

const answers = suite("an answer of kubectl");

const said: readonly (readonly [string, Outcome])[] = [
  [
    'Error from server (Conflict): Operation cannot be fulfilled on configmaps "slipway-head": the object has been modified; please apply your changes to the latest version and try again',
    "conflict",
  ],
  [
    'Error from server (AlreadyExists): error when creating "STDIN": configmaps "slipway-evt-000001" already exists',
    "exists",
  ],
  ["The request is invalid: the server rejected our request due to an error in our request", "test-failed"],
  ['Error from server (NotFound): error when creating "STDIN": namespaces "nowhere" not found', "not-found"],
  ['Error from server (NotFound): services "gone" not found', "not-found"],
  ['error: the server doesn\'t have a resource type "nothings"', "not-found"],
  [
    'error: Apply failed with 1 conflict: conflict with "slipway-switch" using v1: .spec.selector\nPlease review the fields above--they currently have other managers.',
    "owned",
  ],
  ["error: You must be logged in to the server (Unauthorized)", "unauthorised"],
  [
    "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
    "unauthorised",
  ],
  ["error: EOF", "unauthorised"],
  [
    'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
    "unauthorised",
  ],
  [
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "unauthorised",
  ],
  ["The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?", "unreachable"],
  ["Unable to connect to the server: dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host", "unreachable"],
  [
    "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
    "unreachable",
  ],
  ["error: no answer within 10 s", "unreachable"],
  ['Error from server (ServiceUnavailable): no endpoints available for service "ingest-blue"', "unavailable"],
  ["Error from server (InternalError): etcdserver: request timed out", "unavailable"],
  [
    'The Deployment "ingest-blue" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    "refused",
  ],
  [
    'error: Operation cannot be fulfilled on configmaps "slipway-head": the object has been modified; please apply your changes to the latest version and try again\nPlease review the fields above--they currently have other managers.',
    "conflict",
  ],
  [
    'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again\nApply failed with 1 conflict: conflict with "kubectl": .data.a',
    "owned",
  ],
  ['Apply failed with 1 conflict: conflict with "kubectl": .data.a', "owned"],
  ['Operation cannot be fulfilled on configmaps "two": the object has been modified', "conflict"],
  [
    'error: resource mapping not found for name: "a" namespace: "" from "STDIN": no matches for kind "Nothing" in version "x.y/v1"\nensure CRDs are installed first',
    "not-found",
  ],
  ['unable to recognize no matches for kind "Nothing" in version "x.y/v1"', "not-found"],
  ["Please enter Username: Please enter Password: error: error reading input for Password", "unauthorised"],
  [`${UNVALIDATED}the server has asked for the client to provide credentials${ADVISED}`, "unauthorised"],
  [
    `${UNVALIDATED}Get "https://127.0.0.1:6443/openapi/v2?timeout=32s": tls: failed to verify certificate: x509: certificate signed by unknown authority${ADVISED}`,
    "unauthorised",
  ],
  [
    `${UNVALIDATED}Get "https://127.0.0.1:1/openapi/v2?timeout=32s": dial tcp 127.0.0.1:1: connect: connection refused${ADVISED}`,
    "unreachable",
  ],
  [
    `${UNVALIDATED}Get "https://nohost.invalid/openapi/v2?timeout=5s": dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host${ADVISED}`,
    "unreachable",
  ],
  [
    `error: error validating "STDIN": error validating data: the server has asked for the client to provide credentials${ADVISED}`,
    "unauthorised",
  ],
  [`${UNVALIDATED}forbidden: User "nobody" cannot get path "/openapi/v2"${ADVISED}`, "unauthorised"],
  [`${UNVALIDATED}the server was unable to return a response in the time allotted${ADVISED}`, "unavailable"],
  [
    'error: error validating "STDIN": error validating data: an error on the server ("") has prevented the request from succeeding',
    "unavailable",
  ],
  ["error: the server is currently unable to handle the request", "unavailable"],
  [`${UNVALIDATED}context deadline exceeded${ADVISED}`, "unreachable"],
  [`${UNVALIDATED}the server is currently unable to handle the request${ADVISED}`, "unavailable"],
  [
    'error: unable to recognize "STDIN": Get "https://127.0.0.1:1/api?timeout=32s": dial tcp 127.0.0.1:1: connect: connection refused',
    "unreachable",
  ],
  [
    'Error from server (InternalError): Internal error occurred: failed calling webhook "a.b": Post "https://a.b.svc:443/": dial tcp 10.96.0.9:443: connect: connection refused',
    "unavailable",
  ],
  ['error: error validating "STDIN": error validating data: unknown object type "nil" in ConfigMap.data.a', "refused"],
  ["", "refused"],
];

for (const [stderr, outcome] of said) {
  answers(`means ${outcome}: ${stderr.replace(UNVALIDATED, "… openapi: ").slice(0, 60) || "(nothing)"}`, () => {
    assert.is(judgeAnswer({ exitCode: 1, stdout: "", stderr }), outcome);
  });
}

const spoken = [...ofServers, ...onTheWay];

for (const [speaker, outcome, stderr] of spoken) {
  answers(`is told as ${speaker}'s, ${outcome}: ${stderr}`, () => {
    const verdict = readVerdict({ exitCode: 1, stdout: "", stderr });
    assert.equal([verdict.speaker, verdict.outcome], [speaker, outcome]);
  });
}

const advised: readonly (readonly [string, string])[] = [
  [
    'configmaps "a2" is forbidden: exceeded quota: q1, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    "the ResourceQuota q1 of the namespace does not allow it: free some of it, ask for a larger one, or meet its demands (kubectl describe quota), then run the same command again: it continues from here",
  ],
  [
    'configmaps "x" is forbidden: unable to create new content in namespace term because it is being terminated',
    "namespace term is being deleted: wait until it is gone (kubectl get namespace term shows what holds it up), create it again, then run the same command again",
  ],
  [
    'admission webhook "a.b" denied the request: no',
    "the admission webhook a.b rejects it: change what it complains about, or ask whoever maintains it",
  ],
  [
    'pods "p" is forbidden: something new',
    "the cluster forbids it, whoever asks: change what it complains about, or ask whoever runs it, then run the same command again: it continues from here",
  ],
];

for (const [words, advice] of advised) {
  answers(`is shown with the advice after it: ${words}`, () => {
    const stderr = `Error from server (Forbidden): ${words}`;
    assert.is(
      refuseAnswer({ exitCode: 1, stdout: "", stderr }, "apply", "canary").message,
      `the cluster did not apply: ${stderr} [cluster-refused]\n  where: namespace canary\n  to do: ${advice}`,
    );
  });
}

answers("of a webhook that does not answer tells its name, and that it will be tried again", () => {
  const stderr = `Error from server (InternalError): ${WEBHOOK}Post "https://a.b.svc:443/x?timeout=10s": context deadline exceeded`;
  const { outcome, message } = refuseAnswer({ exitCode: 1, stdout: "", stderr }, "apply", "canary");
  assert.is(outcome, "unavailable");
  assert.is(
    message,
    `the cluster did not apply: ${stderr} [cluster-unavailable]\n  where: namespace canary\n  to do: the admission webhook a.b does not answer as it should: check its Service, its pods and its certificate (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations), then run the same command again: it continues from here`,
  );
});

answers("with exit code 0 is done, whatever it warns of", () => {
  const stderr = "Warning: Apply failed with 1 conflict: nobody minds";
  assert.is(judgeAnswer({ exitCode: 0, stdout: "{}", stderr }), "done");
});

answers("is told without kubectl's own log lines and warnings", () => {
  const stderr = [
    'E1125 14:29:08.787606    2642 memcache.go:265] "Unhandled Error" err="couldn\'t get current server API group list"',
    "Warning: something is deprecated",
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
  ].join("\n");
  assert.is(
    tellComplaint({ exitCode: 1, stdout: "", stderr }),
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
  );
  const forbidden = (what: string) => `Error from server (Forbidden): ${what} is forbidden`;
  assert.is(
    tellComplaint({ exitCode: 1, stdout: "", stderr: ["pods", "services", "leases"].map(forbidden).join("\n") }),
    [
      "3 complaints:",
      "    Error from server (Forbidden): pods is forbidden",
      "    Error from server (Forbidden): services is forbidden",
      "    Error from server (Forbidden): leases is forbidden",
    ].join("\n"),
  );
  assert.is(tellComplaint({ exitCode: 137, stdout: "", stderr: "" }), "kubectl ended with 137 and said nothing");
});

const NO_CLUSTER =
  "the kubeconfig does not say which cluster: kubectl asks localhost:8080 when it names no current context, or one without a cluster. Choose one (kubectl config get-contexts, kubectl config use-context NAME), and give that file";
const FILES_OUTSIDE =
  "the kubeconfig names files of this machine, and the container in which kubectl runs does not see them: write one that contains them (kubectl config view --raw --flatten --minify > FILE), and give that";
const NO_PEM =
  "a certificate or a key of the kubeconfig, or that of --certificate-authority, is not PEM: check that it is the right file, and complete";
const NO_KUBECONFIG = "this is not a kubeconfig: check that --kubeconfig names the right file";

/** What kubectl 1.34 says of kubeconfigs that a person has, with what is told. */
const KUBECONFIGS: readonly (readonly [stderr: string, told: string, advice: string])[] = [
  ["The connection to the server localhost:8080 was refused - did you specify the right host or port?", "", NO_CLUSTER],
  [
    `Error in configuration: \n${"* context was not found for specified context: zz\n".repeat(3)}`,
    "Error in configuration: * context was not found for specified context: zz",
    "the kubeconfig has no context of that name: choose one that it has (kubectl config get-contexts, kubectl config use-context NAME)",
  ],
  [
    "error: unable to read certificate-authority /no/ca for a due to open /no/ca: no such file or directory",
    "",
    FILES_OUTSIDE,
  ],
  [
    "Error in configuration: \n* unable to read client-cert /no/c for a due to open /no/c: no such file or directory\n* unable to read client-key /no/k for a due to open /no/k: no such file or directory\n",
    "Error in configuration: * unable to read client-cert /no/c for a due to open /no/c: no such file or directory * unable to read client-key /no/k for a due to open /no/k: no such file or directory",
    FILES_OUTSIDE,
  ],
  [
    "open /no/t: no such file or directory\nopen /no/t: no such file or directory\n",
    "open /no/t: no such file or directory",
    FILES_OUTSIDE,
  ],
  ["error: unable to load root certificates: unable to parse bytes as PEM block", "", NO_PEM],
  ["tls: failed to find any PEM data in certificate input", "", NO_PEM],
  ['error: error loading config file "/x": yaml: line 1: did not find expected node content', "", NO_KUBECONFIG],
  ['error: error loading config file "/x": couldn\'t get version/kind; json parse error: x', "", NO_KUBECONFIG],
  [
    'error: error loading config file "/x": no kind "Secret" is registered for version "v1" in scheme "y"',
    "",
    NO_KUBECONFIG,
  ],
];

for (const [stderr, told, advice] of KUBECONFIGS) {
  answers(`of a kubeconfig that cannot be used says what to do: ${JSON.stringify(stderr)}`, () => {
    assert.is(
      refuseAnswer({ exitCode: 1, stdout: "", stderr }, "list the objects of the ring", "canary").message,
      `kubectl did not list the objects of the ring: ${told || stderr} [cluster-refused]\n  where: namespace canary\n  to do: ${advice}`,
    );
  });
}

answers("that ends a verb becomes an error with what, where and what to do", () => {
  const answer = { exitCode: 1, stdout: "", stderr: "error: You must be logged in to the server (Unauthorized)" };
  const error = refuseAnswer(answer, "list the objects of the ring", "canary");
  assert.is(error.outcome, "unauthorised");
  assert.is(
    error.message,
    [
      "the cluster did not list the objects of the ring: error: You must be logged in to the server (Unauthorized) [cluster-unauthorised]",
      "  where: namespace canary",
      "  to do: check the kubeconfig or the token: the API server does not know these credentials; they have expired, belong to another cluster, or a clock is wrong; with new ones the same command continues where this one stopped",
    ].join("\n"),
  );
});

answers("is told in full, whatever its length, the same words for several objects once and counted", () => {
  const rule = `violates PodSecurity: ${"x".repeat(5000)}`;
  const stderr = [rule, rule, "other"].map((words) => `Error from server (Forbidden): ${words}`).join("\n");
  assert.is(
    tellComplaint({ exitCode: 1, stdout: "", stderr }),
    `3 complaints:\n    Error from server (Forbidden): ${rule} (2 times)\n    Error from server (Forbidden): other`,
  );
  assert.match(
    tellComplaint({ exitCode: 1, stdout: "", stderr: "error: ".padEnd(30_000, "y") }),
    / … and 10000 more characters$/,
  );
});

answers("of which the log goes over several lines is told without the log", () => {
  const stderr = [
    'E1127 22:15:52.018841   30852 memcache.go:265] "Unhandled Error" err=<',
    "\tcouldn't get current server API group list: <html>",
    "\t</html>",
    " >",
    "Error from server (Forbidden): <html>",
    "</html>",
  ].join("\n");
  assert.is(tellComplaint({ exitCode: 1, stdout: "", stderr }), "Error from server (Forbidden): <html> </html>");
});

answers("of kubectl that was killed may hide a write that happened", () => {
  for (const stderr of ["", "Error from server (Forbidden): cut off"])
    assert.is(judgeAnswer({ exitCode: 137, stdout: "", stderr }), "unreachable");
});

answers("is asked for the manifests' own kinds once, with their groups", () => {
  const object = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: "x" } });
  const kinds = listKinds([
    object("v1", "Service"),
    object("v1", "ServiceAccount"),
    object("apps/v1", "StatefulSet"),
    object("policy/v1", "PodDisruptionBudget"),
    object("policy/v1", "PodDisruptionBudget"),
  ]);
  assert.equal(kinds, ["PodDisruptionBudget.policy", "ServiceAccount", "StatefulSet.apps"]);
});

answers("warnings are told line by line, without what else kubectl says", () => {
  const stderr = "I0101 loading\nWarning: policy/v1beta1 is deprecated\nWarning: would violate\nerror: no\n";
  assert.equal(listWarnings({ exitCode: 1, stdout: "Warning: in the output", stderr }), [
    "Warning: policy/v1beta1 is deprecated",
    "Warning: would violate",
  ]);
});

answers.run();
