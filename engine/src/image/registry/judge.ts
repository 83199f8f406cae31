import { STATUS_CODES } from "node:http";
import { type FaultFacts, RegistryError, type RegistryProblem, type Speaker } from "./fault.ts";
import type { Words } from "./words.ts";

/** An answer that is not what was hoped for. */
export interface Refusal {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly words: Words;
  /** Whom the request was for. */
  readonly asked: "registry" | "token server" | "storage";
}

/** Answers after which the same request can succeed; 520 to 527 are what a content network says of the server behind it. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527]);

/** An upload that the registry has forgotten is begun anew. */
const LOST_UPLOAD = ["BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID"];

/**
 * The one place that decides who spoke, what it means and whether asking again helps. The words that were answered are
 * always part of the message, whole.
 */
export function judgeRefusal(refusal: Refusal): RegistryError {
  const { method, url, status, headers, words } = refusal;
  const speaker = speakerOf(refusal);
  const retryAfterMs = readRetryAfter(headers["retry-after"]);
  const facts: FaultFacts = {
    speaker,
    isTransient: isTransient(refusal),
    codes: words.codes,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  const said = words.text === "" ? "" : `: ${words.text}`;
  const line = `unexpected status from ${method} request to ${withoutQuery(url)}: ${status} ${STATUS_CODES[status] ?? ""}`;
  return new RegistryError(problemOf(refusal, speaker), `${line.trim()}${said}${nameSpeaker(refusal, speaker)}`, facts);
}

/** What only a registry writes: its error form, or the header by which clients know it. */
function speakerOf({ asked, headers, words }: Refusal): Speaker {
  if (words.form === "registry" || headers["docker-distribution-api-version"] !== undefined) return asked;
  if (words.form === "html") return "proxy";
  return asked;
}

function nameSpeaker({ headers, words }: Refusal, speaker: Speaker): string {
  const server = headers["server"] === undefined ? "" : ` by ${headers["server"]}`;
  if (speaker === "proxy")
    return `\n  answered in HTML${server}: by something in front of the registry, or by its maintenance page`;
  if (speaker === "token server") return "\n  answered by the server that gives out the registry's tokens";
  if (speaker === "storage") return `\n  answered${server} by the storage that the registry sent us to`;
  return words.form === "none" && server !== "" ? `\n  answered${server}, without any text` : "";
}

function isTransient({ status, words, method }: Refusal): boolean {
  if (words.codes.some((code) => LOST_UPLOAD.includes(code)) && method !== "POST") return true;
  if (!TRANSIENT.has(status)) return false;
  // A pull limit counts hours: waiting a minute only makes the person wait.
  return !/pull rate limit/i.test(words.text);
}

function problemOf({ status, words, asked }: Refusal, speaker: Speaker): RegistryProblem {
  if (asked === "registry" && status === 404 && !words.codes.some((code) => LOST_UPLOAD.includes(code))) {
    return "not-found";
  }
  if (status === 401 || status === 403) return "unauthorized";
  return speaker === "proxy" && [502, 503, 504].includes(status) ? "unreachable" : "failed";
}

/** Seconds, or a date. */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** The query of an upload's or a storage's address is a signature. */
export function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
