import { ADVISED, type Spoken, TIMED_OUT, UNVALIDATED, WEBHOOK } from "./server-answers.ts";

/** What kubectl 1.34 says when nobody answers, or by itself. */
export const onTheWay: readonly Spoken[] = [
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
