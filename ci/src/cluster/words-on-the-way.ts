import { findVerdict, type Rule, type Verdict } from "./verdict.ts";

const nobody = (advice?: string): Verdict => ({
  outcome: "unreachable",
  speaker: "network",
  unsent: true,
  ...(advice === undefined ? {} : { advice }),
});

const untrusted = (advice: string): Verdict => ({ outcome: "unauthorised", speaker: "network", unsent: true, advice });

const rule = (words: RegExp, verdict: Verdict): Rule => ({ words, verdict: () => verdict });

const PLUGIN: Verdict = {
  outcome: "unauthorised",
  speaker: "kubectl",
  unsent: true,
  advice:
    "the kubeconfig gets its credentials from a program that is not in kubectl's container, or that failed: give a token instead (--server, --token, --certificate-authority)",
};

/** What Go's net, tls and http packages and client-go say when a request got no answer from an API server. */
const RULES: readonly Rule[] = [
  rule(/getting credentials: /, PLUGIN),
  rule(
    /x509: certificate has expired or is not yet valid/,
    untrusted("the API server's certificate has expired, or a clock is wrong: compare the times, and renew it"),
  ),
  rule(
    /x509: (?:certificate signed by unknown authority|.*unknown authority)/,
    untrusted(
      "the certificate authority is not that of this API server: give the cluster's own (--certificate-authority)",
    ),
  ),
  rule(
    /x509: (?:certificate is (?:valid for|not valid for)|cannot validate certificate|.*doesn't contain any IP SANs|certificate relies on legacy)/,
    untrusted("the API server's certificate is for other names: use an address that it names"),
  ),
  rule(
    /remote error: tls: /,
    untrusted("the API server rejects the client certificate: it has expired, or belongs to another cluster"),
  ),
  rule(
    /x509: |tls: failed to verify/,
    untrusted("the API server's certificate cannot be verified: check it, and the certificate authority"),
  ),
  rule(/Proxy Authentication Required/, {
    ...untrusted(
      "the HTTP proxy on the way wants a password: put it into HTTPS_PROXY, or the API server into NO_PROXY",
    ),
    speaker: "proxy",
  }),
  rule(/proxyconnect /, nobody("the HTTP proxy on the way does not answer: check HTTPS_PROXY and NO_PROXY")),
  rule(
    /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|malformed HTTP response/,
    {
      outcome: "refused",
      speaker: "proxy",
      unsent: true,
      advice: "no API server speaks HTTPS at this address: check the address and the port",
    },
  ),
  rule(/connection refused|was refused - did you specify/, nobody()),
  rule(/no such host|server misbehaving|Temporary failure in name resolution/, nobody()),
  rule(/dial tcp|dial unix|TLS handshake timeout|no route to host|network is unreachable/, nobody()),
  // From here on the request may be with the API server.
  rule(
    /context deadline exceeded|context canceled|Client\.Timeout|request canceled|i\/o timeout|connection reset|broken pipe|use of closed network connection|\bEOF\b|stream error|http2: |GOAWAY|client connection lost|transport connection broken|server closed idle connection|reading response body|connection timed out/,
    { outcome: "unreachable", speaker: "network" },
  ),
];

/** Why a request got no answer; `undefined` when the words do not tell of that. */
export function judgeSilence(words: string): Verdict | undefined {
  return findVerdict(RULES, words);
}

/** Somebody answered, but in no form of an API server. A write may have happened. */
export const STRANGE_ANSWER: Rule = rule(
  /invalid character '.{1,4}' looking for|cannot parse invalid wire-format data|Server returned an unexpected response|couldn't get version\/kind/,
  {
    outcome: "unavailable",
    speaker: "proxy",
    advice: "this answer is not from an API server: check the address, and the proxy or load balancer in front of it",
  },
);
