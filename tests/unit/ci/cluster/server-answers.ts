/** What a real API server said by way of kubectl, who of its parts said it, and what it means. */
import type { Outcome, Speaker } from "../../../../ci/src/cluster/verdict.ts";

/** What comes around the reason when the schema cannot be had. */
export const UNVALIDATED = 'error: error validating "STDIN": error validating data: failed to download openapi: ';
export const ADVISED = "; if you choose to ignore these errors, turn validation off with --validate=false";

const NO = "has prevented the request from succeeding";
const PAGE = "<html>\\r\\n<head><title>502 Bad Gateway</title></head>\\r\\n</html>";
const CREATING = 'error when creating "STDIN": ';
export const TIMED_OUT = "net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
export const WEBHOOK = 'Internal error occurred: failed calling webhook "a.b": failed to call webhook: ';

/** Who says it, and what it means. */
export type Spoken = readonly [Speaker, Outcome, string];

/** What an API server, its admission and what stands before it say; the words are from one of 1.34, or from their source. */
export const ofServers: readonly Spoken[] = [
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
];
