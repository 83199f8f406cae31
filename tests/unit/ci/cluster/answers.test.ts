/** What kubectl 1.34 said to a real API server, and what it means. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseAnswer } from "../../../../ci/src/cluster/cluster-error.ts";
import { listWarnings, tellComplaint } from "../../../../ci/src/cluster/complaints.ts";
import { judgeAnswer, readVerdict } from "../../../../ci/src/cluster/judge-answer.ts";
import type { Outcome, Speaker } from "../../../../ci/src/cluster/verdict.ts";
import { listKinds } from "../../../../ci/src/delivery/ring.ts";

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

const NO = "has prevented the request from succeeding";
const PAGE = "<html>\\r\\n<head><title>502 Bad Gateway</title></head>\\r\\n</html>";
const CREATING = 'error when creating "STDIN": ';
const TIMED_OUT = "net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
const WEBHOOK = 'Internal error occurred: failed calling webhook "a.b": failed to call webhook: ';

/** Who says it, and what it means; the words are those of kubectl 1.34 with an API server 1.34, or from their source. */
const spoken: readonly (readonly [Speaker, Outcome, string])[] = [
  // Forbidden, and not because of the account.
  [
    "server",
    "refused",
    `Error from server (Forbidden): ${CREATING}pods "p" is forbidden: exceeded quota: q1, requested: pods=1, used: pods=0, limited: pods=0`,
  ],
  [
    "server",
    "refused",
    `Error from server (Forbidden): ${CREATING}pods "p" is forbidden: failed quota: q2: must specify limits.cpu for: c`,
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: insufficient quota to consume: limits.cpu',
  ],
  [
    "server",
    "unavailable",
    'Error from server (Forbidden): pods "p" is forbidden: status unknown for quota: q1, resources: pods',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): configmaps "x" is forbidden: unable to create new content in namespace term because it is being terminated',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: maximum cpu usage per Container is 100m, but limit is 2',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: error looking up service account t/nobody: serviceaccount "nobody" not found',
  ],
  [
    "server",
    "refused",
    'Error from server (Forbidden): pods "p" is forbidden: no PriorityClass with name nobody was found',
  ],
  ["server", "unavailable", 'Error from server (Forbidden): pods "p" is forbidden: not yet ready to handle request'],
  [
    "server",
    "unauthorised",
    'Error from server (Forbidden): nodes "a" is forbidden: node "b" is not allowed to modify node "a"',
  ],
  [
    "server",
    "unauthorised",
    'Error from server (Forbidden): roles.rbac.authorization.k8s.io "r" is forbidden: user "u" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
  ],
  [
    "server",
    "unauthorised",
    'Error from server (Forbidden): users "a" is forbidden: User "u" cannot impersonate resource "users" in API group "" at the cluster scope',
  ],
  [
    "server",
    "unauthorised",
    'Error from server (Forbidden): forbidden: User "system:anonymous" cannot get path "/version"',
  ],
  [
    "admission",
    "refused",
    "Error from server (Forbidden): configmaps \"vap-f\" is forbidden: ValidatingAdmissionPolicy 'p-f' with binding 'b-f' denied request: no such thing here",
  ],
  [
    "admission",
    "refused",
    "The configmaps \"vap-i\" is invalid: : ValidatingAdmissionPolicy 'p-i' with binding 'b-i' denied request: no such thing here",
  ],
  [
    "admission",
    "refused",
    "Error from server (RequestEntityTooLarge): configmaps \"vap-l\" is forbidden: ValidatingAdmissionPolicy 'p-l' with binding 'b-l' denied request: no such thing here",
  ],
  ["proxy", "refused", "Error from server (Forbidden): <html>\n<head><title>403 X</title></head>\n</html>"],
  ["proxy", "refused", "Error from server (Forbidden): unknown"],
  // A webhook gives any reason that it likes.
  [
    "admission",
    "refused",
    `Error from server: ${CREATING}admission webhook "a.b" denied the request: no images from there`,
  ],
  ["admission", "refused", 'Error from server: admission webhook "a.b" denied the request without explanation'],
  [
    "admission",
    "refused",
    'Error from server (Forbidden): admission webhook "a.b" denied the request: User "x" cannot create resource "y"',
  ],
  [
    "admission",
    "refused",
    `error: You must be logged in to the server (${CREATING}admission webhook "a.b" denied the request: who)`,
  ],
  ["admission", "refused", 'Error from server (Conflict): admission webhook "a.b" denied the request: i/o timeout'],
  ["admission", "refused", 'Error from server (NotFound): admission webhook "a.b" denied the request: not here'],
  [
    "admission",
    "refused",
    'Error from server: admission webhook "a.b" denied the request: line one\nError from server (Conflict): forged\nline three',
  ],
  [
    "admission",
    "unavailable",
    'Error from server (TooManyRequests): admission webhook "a.b" denied the request: later',
  ],
  ["admission", "refused", 'Error from server (BadRequest): admission webhook "a.b" does not support dry run'],
  // A webhook that does not answer is not the API server that does not.
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${CREATING}${WEBHOOK}Post "https://a.b.svc:443/x?timeout=10s": context deadline exceeded`,
  ],
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${WEBHOOK}Post "https://a.b.svc:443/x?timeout=10s": dial tcp 10.96.0.9:443: i/o timeout`,
  ],
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${WEBHOOK}Post "https://a.b.svc:443/x?timeout=10s": EOF`,
  ],
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${WEBHOOK}Post "https://a.b.svc:443/x?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ],
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${WEBHOOK}an error on the server ("<html>broken") ${NO}`,
  ],
  [
    "admission",
    "unavailable",
    `Error from server (InternalError): ${WEBHOOK}couldn't get version/kind; json parse error: invalid character '<' looking for beginning of value`,
  ],
  [
    "admission",
    "unavailable",
    'Error from server: conversion webhook for x.test/v1, Kind=Widget failed: Post "https://c.d.svc:443/convert?timeout=30s": dial tcp 10.96.0.7:443: connect: connection refused',
  ],
  // A pod or a node behind the API server.
  [
    "backend",
    "unavailable",
    "Error from server (ServiceUnavailable): error trying to reach service: dial tcp 10.244.0.5:8080: i/o timeout",
  ],
  [
    "backend",
    "unavailable",
    "Error from server (ServiceUnavailable): error trying to reach service: read tcp 10.98.0.1:37690->10.98.0.1:7003: read: connection reset by peer",
  ],
  [
    "backend",
    "unavailable",
    "Error from server (ServiceUnavailable): error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority",
  ],
  [
    "backend",
    "unavailable",
    `Error from server (InternalError): an error on the server ("error trying to reach service: dial tcp 10.0.0.1:80: i/o timeout") ${NO}`,
  ],
  [
    "backend",
    "unavailable",
    'Error from server (ServiceUnavailable): no endpoints available for service "http:web:http"',
  ],
  [
    "backend",
    "unavailable",
    'Error from server: Get "https://10.98.0.1:10250/containerLogs/t/p/c": dial tcp 10.98.0.1:10250: i/o timeout',
  ],
  [
    "backend",
    "unavailable",
    "Error from server: error dialing backend: dial tcp 10.98.0.1:10250: connect: connection refused",
  ],
  // A proxy or a load balancer before the API server.
  ["proxy", "unavailable", `Error from server (InternalError): an error on the server ("${PAGE}") ${NO}`],
  ["proxy", "unavailable", `${UNVALIDATED}an error on the server ("${PAGE}") ${NO}${ADVISED}`],
  ["proxy", "unauthorised", "error: You must be logged in to the server (<html>log in</html>)"],
  [
    "proxy",
    "refused",
    "Error from server: the server responded with the status code 413 but did not return more information",
  ],
  [
    "proxy",
    "refused",
    "Error from server: the server responded with the status code 301 but did not return more information",
  ],
  [
    "proxy",
    "unavailable",
    "Error from server: the server responded with the status code 408 but did not return more information",
  ],
  [
    "proxy",
    "refused",
    `${UNVALIDATED}the server responded with the status code 413 but did not return more information${ADVISED}`,
  ],
  ["proxy", "unavailable", "error: invalid character '<' looking for beginning of value"],
  ["proxy", "unavailable", `${UNVALIDATED}proto: cannot parse invalid wire-format data${ADVISED}`],
  ["proxy", "refused", "Unable to connect to the server: http: server gave HTTP response to HTTPS client"],
  ["proxy", "unauthorised", "Unable to connect to the server: Proxy Authentication Required"],
  // The API server, for a while.
  [
    "server",
    "unavailable",
    "Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later",
  ],
  [
    "server",
    "unavailable",
    "Error from server (TooManyRequests): Too many requests: apiserver is shutting down, please try again later",
  ],
  [
    "server",
    "unavailable",
    "Error from server (Timeout): Timeout: request did not complete within requested timeout - context deadline exceeded",
  ],
  [
    "server",
    "unavailable",
    "Error from server (ServerTimeout): The create operation against configmaps could not be completed at this time, please try again.",
  ],
  [
    "server",
    "unavailable",
    "Error from server (Expired): The provided continue parameter is too old to display a consistent list result.",
  ],
  ["server", "unavailable", "Error from server (Gone): too old resource version: 1 (2)"],
  ["server", "unavailable", "Error from server: etcdserver: leader changed"],
  [
    "server",
    "unavailable",
    "Error from server (Timeout): etcdserver: request timed out, possibly due to previous leader failure",
  ],
  ["server", "unavailable", "Error from server: rpc error: code = Unavailable desc = etcdserver: too many requests"],
  [
    "aggregated",
    "unavailable",
    `E1127 22:15:50.9 30743 memcache.go:287] "Unhandled Error" err="couldn't get resource list for ext.test/v1: the server is currently unable to handle the request"\nerror: the server doesn't have a resource type "widgets"`,
  ],
  [
    "aggregated",
    "unavailable",
    "error: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request",
  ],
  // The API server, for good.
  [
    "server",
    "refused",
    'The Deployment "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
  ],
  ["server", "refused", 'The ConfigMap "im" is invalid: data: Forbidden: field is immutable when `immutable` is set'],
  [
    "server",
    "refused",
    'Error from server (Invalid): error when creating "STDIN": ConfigMap "P" is invalid: metadata.name: Invalid value: "P"',
  ],
  ["server", "refused", "Error from server (RequestEntityTooLarge): Request entity too large: limit is 3145728"],
  [
    "server",
    "refused",
    "Error from server: failed to create typed patch object (t/st; /v1, Kind=ConfigMap): .nonsense: field not declared in schema",
  ],
  [
    "server",
    "refused",
    `Error from server (BadRequest): ${CREATING}Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string`,
  ],
  [
    "server",
    "refused",
    "Error from server (NotAcceptable): the server was unable to respond with a content type that the client supports",
  ],
  [
    "server",
    "refused",
    "Error from server (MethodNotAllowed): the server does not allow this method on the requested resource",
  ],
  [
    "server",
    "refused",
    "Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted media types include: application/json-patch+json",
  ],
  ["server", "refused", 'Error from server: unable to upgrade connection: container not found ("c")'],
  // Nobody, or not the one who is trusted.
  ["network", "unreachable", `Unable to connect to the server: ${TIMED_OUT}`],
  [
    "network",
    "unreachable",
    "Unable to connect to the server: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
  ],
  ["network", "unreachable", "Unable to connect to the server: EOF"],
  ["network", "unreachable", "Unable to connect to the server: net/http: TLS handshake timeout"],
  ["network", "unreachable", "Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: no route to host"],
  ["network", "unreachable", "error: unexpected EOF"],
  [
    "network",
    "unreachable",
    "error: unexpected error when reading response body. Please retry. Original error: unexpected EOF",
  ],
  [
    "network",
    "unreachable",
    "error: stream error when reading response body, may be caused by closed connection. Please retry. Original error: stream error: stream ID 5; INTERNAL_ERROR",
  ],
  [
    "network",
    "unreachable",
    "error: net/http: request canceled (Client.Timeout or context cancellation while reading body)",
  ],
  [
    "network",
    "unreachable",
    "error: client rate limiter Wait returned an error: context deadline exceeded - error from a previous attempt: EOF",
  ],
  [
    "network",
    "unreachable",
    'error when creating "STDIN": Post "https://127.0.0.1:6443/api/v1/namespaces/t/configmaps": http2: client connection lost',
  ],
  [
    "network",
    "unreachable",
    'error: error when creating "STDIN": Post "https://127.0.0.1:6443/api/v1/namespaces/t/configmaps": read tcp 127.0.0.1:1->127.0.0.1:6443: read: connection reset by peer',
  ],
  [
    "network",
    "unreachable",
    "Unable to connect to the server: proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused",
  ],
  [
    "network",
    "unauthorised",
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-27T22:15:54Z is after 2025-11-27T22:15:54Z",
  ],
  [
    "network",
    "unauthorised",
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for localhost, not wrong.test",
  ],
  [
    "network",
    "unauthorised",
    "Unable to connect to the server: tls: failed to verify certificate: x509: cannot validate certificate for 198.51.100.7 because it doesn't contain any IP SANs",
  ],
  ["network", "unauthorised", "Unable to connect to the server: remote error: tls: expired certificate"],
  // kubectl, before it asks anybody.
  [
    "kubectl",
    "unauthorised",
    "Unable to connect to the server: getting credentials: exec: executable aws not found\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.",
  ],
  [
    "kubectl",
    "unauthorised",
    "token expired\nUnable to connect to the server: getting credentials: exec: executable sh failed with exit code 3",
  ],
  [
    "kubectl",
    "unauthorised",
    `${UNVALIDATED}Get "https://127.0.0.1:6443/openapi/v2?timeout=2s": getting credentials: exec: executable aws not found${ADVISED}`,
  ],
  ["kubectl", "refused", "Error in configuration: context was not found for specified context: nope"],
  [
    "kubectl",
    "refused",
    "Error in configuration: \n* unable to read client-cert /nope for admin due to open /nope: no such file or directory",
  ],
  [
    "kubectl",
    "refused",
    "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
  ],
  ["kubectl", "refused", "open /no/token: no such file or directory\nopen /no/token: no such file or directory"],
  ["kubectl", "refused", "tls: failed to find any PEM data in certificate input"],
  ["kubectl", "refused", "error: stat /nope: no such file or directory"],
  ["kubectl", "refused", 'error: error loading config file "/x": yaml: line 1: did not find expected node content'],
  ["kubectl", "refused", "error: unknown flag: --nope\nSee 'kubectl get --help' for usage."],
  ["kubectl", "refused", "error: unable to load root certificates: unable to parse bytes as PEM block"],
  ["kubectl", "refused", "error: error parsing STDIN: error converting YAML to JSON: unexpected EOF"],
  [
    "kubectl",
    "refused",
    "error: error parsing STDIN: invalid character 'n' looking for beginning of object key string",
  ],
  [
    "server",
    "unauthorised",
    'I1127 22:15:52.0 1 helper.go:246] Server response object: [{\n  "metadata": {},\n}]\nerror: You must be logged in to the server (Unauthorized)',
  ],
  ["kubectl", "refused", "error: no objects passed to apply"],
  [
    "kubectl",
    "unreachable",
    "panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 1 [running]:",
  ],
  // Of several objects what cannot heal counts.
  [
    "admission",
    "refused",
    `Error from server (InternalError): ${WEBHOOK}Post "https://a.b.svc:443/x": context deadline exceeded\nError from server: admission webhook "c.d" denied the request: no\nError from server (Conflict): Operation cannot be fulfilled on configmaps "a": the object has been modified`,
  ],
  [
    "server",
    "conflict",
    'Error from server (InternalError): etcdserver: request timed out\nError from server (Conflict): Operation cannot be fulfilled on configmaps "a": the object has been modified',
  ],
];

for (const [speaker, outcome, stderr] of spoken) {
  answers(`is told as ${speaker}'s, ${outcome}: ${stderr}`, () => {
    const verdict = readVerdict({ exitCode: 1, stdout: "", stderr });
    assert.equal([verdict.speaker, verdict.outcome], [speaker, outcome]);
  });
}

const advised: readonly (readonly [string, string])[] = [
  [
    'configmaps "a2" is forbidden: exceeded quota: q1, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    "the ResourceQuota q1 of the namespace does not let it: make room, ask for a larger one, or fulfil what it demands (kubectl describe quota), then run the same command again: it goes on from here",
  ],
  [
    'configmaps "x" is forbidden: unable to create new content in namespace term because it is being terminated',
    "namespace term is being deleted: wait until it is gone (kubectl get namespace term tells what keeps it), make it anew, then run the same command again",
  ],
  [
    'admission webhook "a.b" denied the request: no',
    "the admission webhook a.b does not take it: change what it complains about, or ask who keeps it",
  ],
  [
    'pods "p" is forbidden: something new',
    "the cluster forbids it, whoever asks: change what it complains about, or ask who runs it, then run the same command again: it goes on from here",
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
    `the cluster did not apply: ${stderr} [cluster-unavailable]\n  where: namespace canary\n  to do: the admission webhook a.b does not answer as it should: look at its Service, its pods and its certificate (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations), then run the same command again: it goes on from here`,
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
  "the kubeconfig names files of this machine, and the container in which kubectl runs does not see them: write one that holds them (kubectl config view --raw --flatten --minify > FILE), and give that";
const NO_PEM =
  "a certificate or a key of the kubeconfig, or that of --certificate-authority, is not in the form PEM: look whether it is the file that is meant, and whole";
const NO_KUBECONFIG = "this is no kubeconfig: look whether --kubeconfig names the file that is meant";

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
      "  to do: check the kubeconfig or the token: the API server does not know these credentials; they have run out, are of another cluster, or a clock is wrong",
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
