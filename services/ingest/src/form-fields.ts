import { decodeWhole, findCharset, readCharsetName } from "./charset.ts";
import { Refused } from "./problem.ts";

/** What a person has sent. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly file?: { readonly bytes: Buffer; readonly contentType: string | undefined };
}

interface Part {
  readonly name: Buffer;
  readonly value: Buffer;
  /** There for a file. */
  readonly isFile: boolean;
  readonly contentType?: string | undefined;
}

/** Longest text of a field. */
const MAX_FIELD_BYTES = 8 * 1024;

/** Headers of one part. */
const MAX_HEAD_BYTES = 8 * 1024;

/**
 * Reads a form, either as `application/x-www-form-urlencoded` or as `multipart/form-data`. Texts are UTF-8, or what the
 * part, the field `_charset_` or the content type declares.
 *
 * @throws Refused for a form that is none, has too many parts, or has bytes that are no text.
 */
export function readForm(contentType: string | undefined, body: Buffer, maxParts: number): Form {
  const parts = contentType?.toLowerCase().startsWith("multipart/form-data")
    ? readParts(body, readBoundary(contentType), maxParts)
    : readPairs(body, maxParts);
  const named = parts.find(({ name, isFile }) => !isFile && name.toString("latin1") === "_charset_");
  const charset = named?.value.toString("latin1").trim().toLowerCase() ?? readCharsetName(contentType) ?? "utf-8";
  const fields = new Map<string, string>();
  let file: Form["file"];
  for (const part of parts) {
    const name = decodeWhole(findCharset(charset), part.name, "the name of a field");
    if (fields.has(name) || (part.isFile && file !== undefined)) {
      throw new Refused("malformed", `the form has ${JSON.stringify(name.slice(0, 40))} more than once`);
    }
    if (part.isFile) {
      file = { bytes: part.value, contentType: part.contentType };
      continue;
    }
    if (part.value.length > MAX_FIELD_BYTES) {
      throw new Refused(
        "too-large",
        `the field ${JSON.stringify(name.slice(0, 40))} is longer than ${MAX_FIELD_BYTES} bytes`,
      );
    }
    const own = findCharset(readCharsetName(part.contentType) ?? charset);
    fields.set(name, decodeWhole(own, part.value, `the field ${JSON.stringify(name)}`));
  }
  return { fields, ...(file === undefined ? {} : { file }) };
}

function readPairs(body: Buffer, maxParts: number): Part[] {
  const text = body.toString("latin1");
  let count = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) count += 1;
  if (count > maxParts) throw new Refused("too-large", `expected at most ${maxParts} fields`);
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      const [name, value] = at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
      return { name: unpercent(name), value: unpercent(value), isFile: false };
    });
}

/** Percent encoding gives bytes; which characters they are, the charset says. */
function unpercent(text: string): Buffer {
  const plain = text
    .replaceAll("+", " ")
    .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, "latin1");
}

function readBoundary(contentType: string): Buffer {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined || boundary.length > 70)
    throw new Refused("malformed", "the content type names no boundary");
  return Buffer.from(`\r\n--${boundary}`, "latin1");
}

function readParts(body: Buffer, boundary: Buffer, maxParts: number): Part[] {
  const cut = () => new Refused("malformed", "the form ends before its last boundary");
  const parts: Part[] = [];
  // The first boundary may stand at the very beginning, without a line end before it.
  let at = body.subarray(0, boundary.length - 2).equals(boundary.subarray(2)) ? -2 : body.indexOf(boundary);
  if (at === -1) throw cut();
  for (;;) {
    const after = at + boundary.length;
    const sign = body.toString("latin1", after, after + 2);
    if (sign === "--") return parts;
    const headEnd = body.indexOf("\r\n\r\n", after);
    if (sign !== "\r\n" || headEnd === -1) throw cut();
    if (parts.length >= maxParts) throw new Refused("too-large", `expected at most ${maxParts} parts`);
    if (headEnd - after > MAX_HEAD_BYTES)
      throw new Refused("too-large", `the head of a part is longer than ${MAX_HEAD_BYTES} bytes`);
    // An empty part has its boundary right behind the head.
    at = body.indexOf(boundary, headEnd + 2);
    if (at === -1) throw cut();
    parts.push(
      readPart(body.toString("latin1", after + 2, headEnd), body.subarray(headEnd + 4, Math.max(at, headEnd + 4))),
    );
  }
}

function readPart(head: string, value: Buffer): Part {
  const headers = new Map(
    head.split("\r\n").map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const disposition = headers.get("content-disposition") ?? "";
  const [, quoted, bare] = /;\s*name\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(disposition) ?? [];
  const name = quoted ?? bare;
  if (name === undefined) throw new Refused("malformed", "a part of the form has no name");
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "binary";
  if (!["binary", "8bit", "7bit"].includes(encoding)) {
    throw new Refused("unsupported-encoding", `Content-Transfer-Encoding ${encoding.slice(0, 40)} is not known here`);
  }
  const isFile = /;\s*filename\*?\s*=/i.test(disposition);
  return { name: Buffer.from(name, "latin1"), value, isFile, contentType: headers.get("content-type") };
}
