import { isUtf8 } from "node:buffer";
import type { Units } from "./line-pieces.ts";
import { Refused } from "./problem.ts";

/** How bytes become text. Never guesses: bytes that mean nothing are refused, and not replaced by U+FFFD. */
export interface Charset {
  readonly name: string;
  /** How its line ends look. */
  readonly units: Units;
  /** Reads whole characters. @throws TypeError at bytes that are none. */
  decode(bytes: Buffer): string;
}

/** The charset that a content type declares. @throws Refused unsupported-charset. */
export function readCharsetName(contentType: string | undefined): string | undefined {
  const declared = [...(contentType ?? "").matchAll(/;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/gi)].map(
    ([, quoted, bare]) => (quoted ?? bare ?? "").trim().toLowerCase(),
  );
  const names = [...new Set(declared)];
  if (names.length > 1) throw new Refused("unsupported-charset", `the content type declares ${names.join(" and ")}`);
  return names[0];
}

/** A charset by its name, any that the WHATWG encoding standard knows. @throws Refused unsupported-charset. */
export function findCharset(name: string): Charset {
  if (/^(utf-?8|unicode-1-1-utf-8)$/.test(name)) return utf8;
  if (/^(us-)?ascii$/.test(name)) return ascii;
  if (name === "utf-16" || name === "ucs-2") {
    const detail = `charset=${name} does not say which byte comes first: begin with a byte order mark, or declare utf-16le or utf-16be`;
    throw new Refused("unsupported-charset", detail);
  }
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  } catch {
    const detail = `charset=${name.slice(0, 40)} is not known here; send utf-8, or declare what it is, for example utf-16le or windows-1252`;
    throw new Refused("unsupported-charset", detail);
  }
  if (decoder.encoding === "windows-1252") return windows1252;
  const { encoding } = decoder;
  const units = encoding === "utf-16le" || encoding === "utf-16be" ? encoding : "bytes";
  return { name: encoding, units, decode: (bytes) => decoder.decode(bytes) };
}

const utf8: Charset = {
  name: "utf-8",
  units: "bytes",
  decode: (bytes) => {
    if (!isUtf8(bytes)) throw new TypeError("not UTF-8");
    return bytes.toString("utf8");
  },
};

/** The standard takes ASCII for windows-1252. Whoever declares ASCII and sends more has declared a wrong thing. */
const ascii: Charset = {
  name: "us-ascii",
  units: "bytes",
  decode: (bytes) => {
    const text = bytes.toString("latin1");
    if (/[\x80-\xff]/.test(text)) throw new TypeError("not ASCII");
    return text;
  },
};

/** What windows-1252 has from 0x80 to 0x9F; a space for the five that mean nothing. */
const CP1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** Also what pages and programs mean by iso-8859-1. Node 20's own decoder leaves 0x80 to 0x9F as control characters. */
const windows1252: Charset = {
  name: "windows-1252",
  units: "bytes",
  decode: (bytes) =>
    bytes.toString("latin1").replace(/[\x80-\x9f]/g, (char) => {
      const meant = CP1252[char.charCodeAt(0) - 0x80] ?? " ";
      if (meant === " ") throw new TypeError("not windows-1252");
      return meant;
    }),
};

const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ["utf-32", [0xff, 0xfe, 0, 0]],
  ["utf-32", [0, 0, 0xfe, 0xff]],
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/**
 * Which charset a body has, by its byte order mark (`skip` bytes) and by what is declared; without both it is UTF-8.
 *
 * @param head The first four bytes, or all of a shorter body.
 * @throws Refused unsupported-charset when mark and declaration contradict each other, or name what is not known.
 */
export function chooseCharset(head: Uint8Array, declared: string | undefined): { charset: Charset; skip: number } {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    throw new Refused("unsupported-encoding", "the body looks like gzip, but no Content-Encoding says so");
  }
  const mark = MARKS.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte));
  if (mark === undefined) return { charset: findCharset(declared ?? "utf-8"), skip: 0 };
  const [name, bytes] = mark;
  const charset = findCharset(name);
  const agrees =
    declared === undefined ||
    (declared === "utf-16" && charset.units !== "bytes") ||
    (declared !== "utf-16" && findCharset(declared).name === charset.name);
  if (agrees) return { charset, skip: bytes.length };
  const detail = `charset=${declared} is declared, but the body begins with the byte order mark of ${name}`;
  throw new Refused("unsupported-charset", detail);
}

/** Longest character of any charset, in bytes. */
const MAX_CHARACTER_BYTES = 4;

/** The text of all of `bytes`. @throws Refused malformed when `what` is none, with a place that counts on from `startAt`. */
export function decodeWhole(charset: Charset, bytes: Buffer, what: string, startAt = 0): string {
  try {
    return charset.decode(bytes);
  } catch {
    throw new Refused("malformed", `${what} is ${findFault(charset, bytes, startAt).told}`);
  }
}

/**
 * Where in `bytes` the first sequence begins that is no character, and what is told of it, with a place that counts on from
 * `startAt`. Only for bytes that cannot be decoded.
 */
export function findFault(
  charset: Charset,
  bytes: Buffer,
  startAt: number,
): { readonly at: number; readonly told: string } {
  /** The last end, at `end` or a few bytes before it, up to which all is whole characters. */
  const lastGood = (end: number) => {
    for (let at = end; at >= Math.max(0, end - MAX_CHARACTER_BYTES + 1); at -= 1)
      if (reads(charset, bytes, at)) return at;
    return undefined;
  };
  let low = 0;
  let high = bytes.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lastGood(middle) === undefined) high = middle;
    else low = middle;
  }
  const at = lastGood(low) ?? 0;
  const shown = [...bytes.subarray(at, at + (charset.units === "bytes" ? 1 : 2))].map((byte) =>
    byte.toString(16).toUpperCase().padStart(2, "0"),
  );
  return { at, told: `not ${charset.name} at byte offset ${startAt + at} (0x${shown.join("")})` };
}

function reads(charset: Charset, bytes: Buffer, end: number): boolean {
  try {
    charset.decode(bytes.subarray(0, end));
    return true;
  } catch {
    return false;
  }
}
