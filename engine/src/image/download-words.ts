import { open } from "node:fs/promises";
import { readWords } from "./registry/words.ts";

/** How curl's work at one file has ended. */
export interface CurlEnd {
  readonly exitCode: number;
  /** Of HTTP; 0 when nothing was answered. */
  readonly status: number;
  readonly words: string;
}

/** What was expected of a file, and what came. */
export interface Difference {
  readonly name: string;
  readonly url: string;
  /** Of the hash: `SHA-256`. */
  readonly kind: string;
  readonly expected: string;
  readonly got: string;
}

/** The beginning of a file that shows what it is. */
const MOST_SHOWN_BYTES = 4096;
const GZIP = Buffer.from([0x1f, 0x8b]);
/** Codes of curl for a certificate that is not taken, of the server and of a proxy. */
const CERTIFICATE = [35, 51, 58, 60, 77, 83, 91];
/** Codes of curl for a name that is not known, and for a place where nobody answers. */
const NOBODY = [5, 6, 7, 28];

/** A file that is not what a recipe names. */
export async function tellWrongFile(file: string, { name, url, kind, expected, got }: Difference): Promise<string> {
  return [
    `${name} from ${withoutPassword(url)} is not what the recipe names`,
    `  expected: ${kind} ${expected}`,
    `  got:      ${kind} ${got}, ${await describe(file)}`,
  ].join("\n");
}

/** A file that did not come, with curl's words. */
export function tellFailure(file: { readonly name: string; readonly url: string }, { words }: CurlEnd): string {
  return `${file.name} could not be downloaded from ${withoutPassword(file.url)}: ${words}`;
}

/** @param setting says where files of that kind come from */
export function whatToDo(setting: string, { exitCode, status }: CurlEnd): string {
  if (exitCode === 0)
    return `  to do: check what answers there (a mirror, a proxy that wants a login), or set another place by ${setting}; nothing of it was kept`;
  if (status === 404 || status === 410)
    return `  to do: set a place that has it by ${setting}; where it has gone for good, another tag of the image or a newer Slipway names another file`;
  if (CERTIFICATE.includes(exitCode))
    return "  to do: check the clock of this machine (date) and the certificates that it trusts (SSL_CERT_FILE)";
  if (status === 401 || status === 403 || status === 407)
    return `  to do: give curl a login (~/.netrc, or the proxy's), or set another place by ${setting}`;
  if (NOBODY.includes(exitCode))
    return `  to do: make it reachable from this machine (network, HTTPS_PROXY), or set another place by ${setting}`;
  return `  to do: try again, or set another place by ${setting}`;
}

/** An address that may be shown. */
function withoutPassword(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, "$1");
}

async function describe(file: string): Promise<string> {
  const opened = await open(file);
  try {
    const { size } = await opened.stat();
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(MOST_SHOWN_BYTES), 0, MOST_SHOWN_BYTES, 0);
    return `${size} bytes${describeStart(buffer.subarray(0, bytesRead))}`;
  } finally {
    await opened.close();
  }
}

function describeStart(start: Buffer): string {
  if (start.subarray(0, GZIP.length).equals(GZIP)) return ", packed by gzip";
  const { form, text } = readWords(start, "");
  return form === "html" ? `, a web page: ${text}` : "";
}
