import { isUtf8 } from "node:buffer";

/** Shorter values are words that stand in any text. */
const SHORTEST = 8;

/** base64(1) breaks its lines here, and PEM here. */
const LINE_LENGTHS = [76, 64];

/** From so many values on only the plain ones are looked for, so that a list of a million is no burden. */
const MOST_ENCODED = 4000;

/** Texts of base64 longer than this are not encoded once more. */
const LONGEST_TWICE = 16 << 10;

/**
 * What of a secret must not be shown: the values in it, as they are and as programs pass them on. Values are those of YAML,
 * JSON, PEM and .env files that have eight characters or more, else the lines of a text of several lines.
 *
 * Each of the answers has eight characters or more.
 */
export function partsOf(plaintext: string): ReadonlySet<string> {
  const values = valuesOf(plaintext);
  const parts = new Set<string>(values);
  if (values.size > MOST_ENCODED) return parts;
  for (const value of values) {
    for (const form of [...textForms(value), ...base64Forms(value)]) if (form.length >= SHORTEST) parts.add(form);
  }
  for (const line of brokenLines(plaintext)) parts.add(line);
  return parts;
}

/** The values of a secret, also those in a value that is base64 itself, as a kubeconfig has its keys. */
function valuesOf(plaintext: string, found = new Set<string>(), depth = 0): Set<string> {
  const text = plaintext.replaceAll("\r\n", "\n");
  for (const value of [plaintext, text.trim(), ...jsonValues(text), ...lineValues(text)]) {
    if (value.length < SHORTEST || found.has(value)) continue;
    found.add(value);
    const inner = depth < 2 ? decodedText(value) : undefined;
    if (inner !== undefined) valuesOf(inner, found, depth + 1);
  }
  const body = [...text.matchAll(/-----BEGIN [^-]+-----\n([\s\S]*?)-----END /g)].map((match) => match[1] ?? "");
  for (const lines of body) if (lines.length >= SHORTEST) found.add(lines.replace(/\s/g, ""));
  return found;
}

function jsonValues(text: string): readonly string[] {
  if (!/^\s*[[{"]/.test(text)) return [];
  const values: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") values.push(value, ...lineValues(value));
    else if (typeof value === "number") values.push(String(value));
    else if (value !== null && typeof value === "object") Object.values(value).forEach(collect);
  };
  try {
    collect(JSON.parse(text));
  } catch {
    return [];
  }
  return values;
}

const KEY = /^(?:export\s+)?(?:"[^"]*"|'[^']*'|[\w./-]+)\s*(?:=|:(?=\s|$))\s*(.*)$/;

/** Values of a text of several lines, by the forms that YAML and .env files share. */
function lineValues(text: string): readonly string[] {
  if (!text.includes("\n") && !KEY.test(text.trim())) return urlPasswords(text);
  const lines = text.replace(/\\\n\s*/g, "").split("\n");
  const hasKeys = lines.some((line) => KEY.test(line.trim()));
  return lines.flatMap((line) => {
    // Of a list of lists or of objects.
    const bare = line.trim().replace(/^(?:-\s+)+/, "");
    if (/^-----(?:BEGIN|END) /.test(bare) || (hasKeys && bare.startsWith("#"))) return [];
    return scalarsOf(KEY.exec(bare)?.[1] ?? bare);
  });
}

/** A value as it is written and without its quotes, comment and tag; of a list or an object in one line what is in it. */
function scalarsOf(written: string): readonly string[] {
  const plain = written.replace(/^(?:[!&][^\s]*\s+)+/, "");
  const quoted = [...plain.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*(?:''[^']*)*)'/g)].flatMap((match) =>
    match[1] === undefined ? [(match[2] ?? "").replaceAll("''", "'")] : [match[1], unescaped(match[1])],
  );
  const flow = /^[[{]/.test(plain) ? plain.split(/[[\]{},]\s*|:\s/).map((item) => item.trim()) : [];
  const whole = /^["'[{]/.test(plain) ? [] : [plain, plain.replace(/\s+#.*$/, "")];
  return [...quoted, ...flow, ...whole].flatMap((value) => [value, ...urlPasswords(value)]);
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text.replace(/\\(.)/g, "$1");
  }
}

function urlPasswords(value: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s/@]+)@/i.exec(value)?.[1];
  return password === undefined ? [] : [password, decodedUrl(password)];
}

function decodedUrl(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What base64 says, when it is text. */
function decodedText(value: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]{12,}={0,2}$/.test(value)) return undefined;
  const bytes = Buffer.from(value, "base64");
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : undefined;
}

/** As it stands in a JSON text, also Go's, and in an address. */
function textForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const go = json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // Half of a pair of characters has no form in an address.
  const url = Buffer.from(value).toString("utf8") === value ? encodeURIComponent(value) : value;
  return [json, go, JSON.stringify(json).slice(1, -1), url, url.replaceAll("%20", "+")];
}

/** In base64 of anything that the value is in, and once more in base64 of that; also in the alphabet of addresses. */
function base64Forms(value: string): readonly string[] {
  const once = coresOf(Buffer.from(value));
  const twice = value.length > LONGEST_TWICE ? [] : once.flatMap((core) => coresOf(Buffer.from(core)));
  const all = [...once, ...twice];
  return [...all, ...all.map((core) => core.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** The characters of base64 that depend on these bytes alone, for each place in a group of three where they may begin. */
function coresOf(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), end);
  });
}

/** The lines into which base64 of the whole secret is broken. */
function brokenLines(plaintext: string): readonly string[] {
  const text = Buffer.from(plaintext).toString("base64");
  return LINE_LENGTHS.flatMap((length) => {
    const lines: string[] = [];
    for (let at = 0; at + length <= text.length; at += length) lines.push(text.slice(at, at + length));
    return lines;
  });
}
