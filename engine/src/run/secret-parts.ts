import { isUtf8 } from "node:buffer";

/** Shorter values are words that stand in any text. */
const SHORTEST = 8;

/** base64(1) breaks its lines here, and PEM here. */
const LINE_LENGTHS = [76, 64];

/** From so many values on only the plain ones are looked for, so that a list of a million is no burden. */
const MOST_ENCODED = 4000;

/** Texts of base64 longer than this are not encoded once more. */
const LONGEST_TWICE = 16 << 10;

/** From so many characters on a value is looked for in several lines, too. */
const LONG = 32;

/** What of a secret must not be shown. Each has eight characters or more. */
export interface SecretParts {
  /** As they stand within a line. */
  readonly inLine: ReadonlySet<string>;
  /** {@link withoutBreaks}: whatever breaks stand in them. */
  readonly acrossLines: ReadonlySet<string>;
}

/**
 * The values in a secret, as they are and as programs pass them on. Values are those of YAML, JSON, PEM and .env files that
 * have eight characters or more, else the lines of a text of several lines.
 */
export function partsOf(plaintext: string): SecretParts {
  const values = valuesOf(plaintext);
  const inLine = new Set<string>();
  const acrossLines = new Set<string>();
  for (const value of values) {
    const isBroken = /[\n\r]/.test(value);
    if (!isBroken) inLine.add(value);
    if (isBroken || value.length >= LONG) addLong(acrossLines, withoutBreaks(value));
  }
  if (values.size > MOST_ENCODED) return { inLine, acrossLines };
  for (const value of values) {
    for (const form of textForms(value)) if (!/[\n\r]/.test(form)) addLong(inLine, form);
    for (const form of [...base64Forms(value), ...hexForms(value)]) addLong(acrossLines, form);
  }
  for (const line of brokenLines(plaintext)) acrossLines.add(line);
  return { inLine, acrossLines };
}

function addLong(parts: Set<string>, part: string): void {
  if (part.length >= SHORTEST) parts.add(part);
}

const BACKSLASH = 92;
const LETTER_N = 110;
const LETTER_R = 114;
const LETTER_T = 116;

/** Whether a character only breaks a text, by its code and by the one before it: white space, also as `\n` and the like. */
export function isBreak(code: number, before: number): boolean {
  if (code <= 32 || code === BACKSLASH) return true;
  return before === BACKSLASH && (code === LETTER_N || code === LETTER_R || code === LETTER_T);
}

function withoutBreaks(text: string): string {
  return text.replace(/\\+[nrt]?|[\0-\x20]+/g, "");
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

/** As it stands in a JSON text, also Go's, in an address, in a command of a shell and in HTML. */
function textForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const go = json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [json, go, JSON.stringify(json).slice(1, -1), ...urlForms(value), ...shellForms(value), ...htmlForms(value)];
}

function urlForms(value: string): readonly string[] {
  // Half of a pair of characters has no form in an address.
  if (Buffer.from(value).toString("utf8") !== value) return [];
  const url = encodeURIComponent(value);
  const strict = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return [url, strict].flatMap((form) => {
    const lower = form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    return [form, form.replaceAll("%20", "+"), lower, lower.replaceAll("%20", "+")];
  });
}

/** As `set -x` of bash and of dash shows it, as `printf %q` does, and in double quotes. */
function shellForms(value: string): readonly string[] {
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    value.replace(/[^\w%+,./:=@^\u0080-\uffff-]/g, "\\$&"),
    value.replace(/["$`\\]/g, "\\$&"),
  ];
}

function htmlForms(value: string): readonly string[] {
  const html = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [
    html,
    html.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    html.replaceAll('"', "&#34;").replaceAll("'", "&#39;"),
    html.replaceAll('"', "&quot;").replaceAll("'", "&#x27;"),
  ];
}

function hexForms(value: string): readonly string[] {
  const hex = Buffer.from(value).toString("hex");
  return [hex, hex.toUpperCase()];
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

/** The lines into which base64 of the whole secret is broken, for whom only some of them are shown. */
function brokenLines(plaintext: string): readonly string[] {
  const text = Buffer.from(plaintext).toString("base64");
  return LINE_LENGTHS.flatMap((length) => {
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += length) lines.push(text.slice(at, at + length));
    return lines.filter((line) => line.length >= SHORTEST);
  });
}
