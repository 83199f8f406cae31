import { z } from "zod";

/**
 * What a pod is asked by `GET`: a path of HTTP, with a query or without. It stays where it is, and the pod gets it as it is
 * written: kubectl writes each address anew, sorts its query and folds its slashes, so that only what comes out as it went
 * in is taken.
 */
export const pathSchema = z
  .string()
  .regex(/^\/(?!(?:[^?#]*\/)?\.{1,2}(?:[/?]|$))[^\s?#]*(?:\?[^\s#]*)?$/, {
    error: "expected a path, beginning with /, without # and ..",
    abort: true,
  })
  .regex(/^(?:[^%]|%[0-9A-Fa-f]{2})*$/, { error: "expected two hexadecimal digits after each %", abort: true })
  .superRefine((written, { addIssue }) => {
    const arrives = handOn(written);
    if (arrives === written) return;
    addIssue(`expected ${arrives}: so it would arrive, because kubectl rewrites addresses`);
  });

/** What becomes of the path and query of an address on the way through kubectl and the API server. */
function handOn(written: string): string {
  const [path = "", query = ""] = written.split(/\?(.*)/s);
  const parts = path.replaceAll(/\/+/g, "/").split("/");
  const pairs = query.split("&").filter((part) => part !== "");
  const sorted = pairs.map(readPair).toSorted(([left], [right]) => Buffer.compare(left, right));
  const told = sorted.map((pair) => pair.map((text) => escapeBytes(text)).join("=")).join("&");
  // A slash that was escaped is none any more.
  const way = parts.map((part) => escapeBytes(readBytes(part), "$&+,/:;=@")).join("/");
  return `${way}${told === "" ? "" : `?${told}`}`;
}

function readPair(part: string): [Buffer, Buffer] {
  const [name = "", value = ""] = part.replaceAll("+", " ").split(/=(.*)/s);
  return [readBytes(name), readBytes(value)];
}

/** Text with its escapes read. */
function readBytes(text: string): Buffer {
  const pieces = text.split(/(%..)/);
  return Buffer.concat(
    pieces.map((piece) => (piece.startsWith("%") ? Buffer.from(piece.slice(1), "hex") : Buffer.from(piece))),
  );
}

/** @param kept characters that need no escape beside letters, digits and `-_.~` */
function escapeBytes(bytes: Buffer, kept = ""): string {
  return [...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[\w.~-]/.test(character) || kept.includes(character)) return character;
      return byte === 0x20 && kept === "" ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
