/** What kubectl 1.34 said to a real API server, and what it means. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseAnswer } from "../../../ci/src/cluster/cluster-error.ts";
import { judgeAnswer, listWarnings, type Outcome, tellComplaint } from "../../../ci/src/cluster/kubectl.ts";
import { listKinds } from "../../../ci/src/cluster/ring-reading.ts";

const answers = suite("an answer of kubectl");

/** What comes around the reason when the schema cannot be had. */
const UNVALIDATED = 'error: error validating "STDIN": error validating data: failed to download openapi: ';
const ADVISED = "; if you choose to ignore these errors, turn validation off with --validate=false";

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
    "Error from server (Forbidden): pods is forbidden (and 2 more like it)",
  );
  assert.is(tellComplaint({ exitCode: 137, stdout: "", stderr: "" }), "kubectl ended with 137 and said nothing");
});

answers("that ends a verb becomes an error with what, where and what to do", () => {
  const answer = { exitCode: 1, stdout: "", stderr: "error: You must be logged in to the server (Unauthorized)" };
  const error = refuseAnswer(answer, "list the objects of the ring", "canary");
  assert.is(error.outcome, "unauthorised");
  assert.match(
    error.message,
    /^the cluster did not list the objects of the ring: error: You must be logged in .*\n {2}where: namespace canary\n {2}to do: check the kubeconfig/,
  );
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
