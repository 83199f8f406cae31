import { type FaultFacts, RegistryError, type RegistryProblem } from "./fault.ts";
import { withoutQuery } from "./judge.ts";

interface Meaning {
  /** In the words of Go's standard library, which the real engine shows. */
  readonly words: string;
  readonly problem: RegistryProblem;
  readonly facts: FaultFacts;
}

interface SystemError extends Error {
  readonly code?: string;
  readonly errors?: readonly SystemError[];
  readonly cause?: unknown;
}

/** Nobody was there, or the connection ended: what that was, and whether asking again helps. */
export function judgeNetwork(error: unknown, method: string, url: string): RegistryError {
  const { words, problem, facts } = meaningOf(rootOf(error), new URL(url));
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`;
  return new RegistryError(problem, `failed to do request: ${verb} "${withoutQuery(url)}": ${words}`, facts);
}

/** What became of a connection, in the words of Go's standard library. */
export function networkWords(error: unknown, url: URL): string {
  return meaningOf(rootOf(error), url).words;
}

/** How far a conversation came that failed: nobody was found, nobody answered, or somebody did. */
export function reachOf({ facts, message }: RegistryError): "nobody" | "silence" | "answer" {
  if (facts.speaker === "proxy" && message.endsWith(" to CONNECT")) return "nobody";
  if (facts.speaker !== "network") return "answer";
  return message.includes(": dial tcp") ? "nobody" : "silence";
}

/** Of several addresses that were tried the first one counts; a library's own error has the system's as its cause. */
function rootOf(error: unknown): SystemError {
  const own = (error instanceof Error ? error : new Error(String(error))) as SystemError;
  if (own.errors?.[0] !== undefined) return rootOf(own.errors[0]);
  return own.code === undefined && own.cause instanceof Error ? rootOf(own.cause) : own;
}

const BROKEN: Readonly<Record<string, string>> = {
  ECONNRESET: "connection reset by peer",
  EPIPE: "write: broken pipe",
  ECONNABORTED: "software caused connection abort",
  UND_ERR_SOCKET: "EOF",
  UND_ERR_HEADERS_TIMEOUT: "net/http: timeout awaiting response headers",
  UND_ERR_BODY_TIMEOUT: "i/o timeout",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "unexpected EOF",
  HPE_INVALID_EOF_STATE: "unexpected EOF",
  ERR_STREAM_PREMATURE_CLOSE: "unexpected EOF",
};

const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "certificate has expired or is not yet valid",
  CERT_REVOKED: "certificate is revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate signed by unknown authority",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate signed by unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate signed by unknown authority",
};

function meaningOf(error: SystemError, url: URL): Meaning {
  const code = error.code ?? "";
  const nobody = dialWords(code, url, error);
  if (nobody !== undefined) return passing(`dial tcp${nobody}`, "unreachable");
  const broken = BROKEN[code];
  if (broken !== undefined) return passing(broken, "unreachable");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return lasting(
      `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}: ${error.message}`,
    );
  const certificate = CERTIFICATES[code];
  if (certificate !== undefined) return lasting(`tls: failed to verify certificate: x509: ${certificate}`);
  if (/WRONG_VERSION_NUMBER|wrong version number|packet length too long/i.test(`${code} ${error.message}`)) {
    return lasting("http: server gave HTTP response to HTTPS client");
  }
  const tunnel = /^Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (tunnel !== undefined) return refusedByProxy(Number(tunnel));
  if (code.startsWith("HPE_"))
    return lasting(`net/http: HTTP/1.x transport connection broken: malformed HTTP response: ${error.message}`);
  return lasting(error.message);
}

function dialWords(code: string, { hostname, port, protocol }: URL, error: SystemError): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, "");
  const at = ` ${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const reasons: Readonly<Record<string, string>> = {
    ENOTFOUND: `: lookup ${host}: no such host`,
    EAI_AGAIN: `: lookup ${host}: temporary failure in name resolution`,
    ECONNREFUSED: `${at}: connect: connection refused`,
    ENETUNREACH: `${at}: connect: network is unreachable`,
    ENETDOWN: `${at}: connect: network is down`,
    EHOSTUNREACH: `${at}: connect: no route to host`,
    ETIMEDOUT: `${at}: i/o timeout`,
    UND_ERR_CONNECT_TIMEOUT: `${at}: i/o timeout`,
  };
  if (code === "EACCES" || code === "EPERM") return `${at}: connect: ${error.message}`;
  return reasons[code];
}

/** A proxy that does not let a connection through says so by a status alone. */
function refusedByProxy(status: number): Meaning {
  const isTransient = [408, 429, 500, 502, 503, 504].includes(status);
  const words = `the proxy answered ${status} to CONNECT`;
  return { words, problem: "unreachable", facts: { speaker: "proxy", isTransient } };
}

function passing(words: string, problem: RegistryProblem): Meaning {
  return { words, problem, facts: { speaker: "network", isTransient: true } };
}

function lasting(words: string): Meaning {
  return { words, problem: "failed", facts: { speaker: "network" } };
}
