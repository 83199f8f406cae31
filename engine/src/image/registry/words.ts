import { stripVTControlCharacters } from "node:util";

/** What a body says, for a person, and in which form it was said. */
export interface Words {
  /** Empty when there were none. */
  readonly text: string;
  /** `registry`: errors as the distribution specification has them, which only registries and their token servers write. */
  readonly form: "registry" | "json" | "html" | "text" | "none";
  /** Error codes of the distribution specification, as they were written. */
  readonly codes: readonly string[];
}

/** A page can be long; an error of a registry is shown whole. */
const LONGEST_PAGE = 600;
const LONGEST_TEXT = 4_000;

/** Reads the body of an answer that is a refusal. */
export function readWords(body: Buffer, contentType: string): Words {
  const text = clean(body.toString("utf8"));
  if (text === "") return { text, form: "none", codes: [] };
  const json = parseJson(text);
  if (json !== undefined) return readJson(json, text);
  if (/html/i.test(contentType) || /^<(?:!doctype|html|head|body|h1)/i.test(text)) {
    return { text: shorten(readHtml(text), LONGEST_PAGE), form: "html", codes: [] };
  }
  return { text: shorten(oneLine(text), LONGEST_TEXT), form: "text", codes: [] };
}

function readJson(json: object, text: string): Words {
  const { errors } = json as { errors?: unknown };
  const entries = Array.isArray(errors) ? errors.filter(isRecord) : [];
  if (entries.length > 0) {
    const codes = entries.flatMap(({ code }) => (typeof code === "string" ? [code] : []));
    return { text: entries.map(tellEntry).join("; "), form: "registry", codes };
  }
  return { text: shorten(tellFields(json) ?? oneLine(text), LONGEST_TEXT), form: "json", codes: [] };
}

/** `DENIED: requested access to the resource is denied (detail: …)` */
function tellEntry(entry: Readonly<Record<string, unknown>>): string {
  const { code, message, detail } = entry;
  const said = [code, message].filter((part) => typeof part === "string" && part !== "").map(String);
  if (said.length === 0) said.push(JSON.stringify(entry));
  const hasDetail = detail !== undefined && detail !== null && detail !== "" && JSON.stringify(detail) !== "{}";
  const more = typeof detail === "string" ? detail : JSON.stringify(detail);
  return oneLine(`${said.join(": ")}${hasDetail && said.length > 0 ? ` (detail: ${more})` : ""}`);
}

/** The sentences of a JSON answer that is not in the registry's form, such as `{"details": "incorrect username or password"}`. */
function tellFields(json: object): string | undefined {
  const { error, error_description, message, details, detail } = json as Readonly<Record<string, unknown>>;
  const inner = isRecord(error) ? [error["code"], error["message"]] : [error];
  const said = [...inner, error_description, message, details, detail].filter(
    (part) => (typeof part === "string" && part !== "") || typeof part === "number",
  );
  return said.length === 0 ? undefined : oneLine(said.join(": "));
}

function readHtml(page: string): string {
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(page)?.[1] ?? "";
  const body = page
    .replace(/<(script|style|head|title)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<!--[\s\S]*?-->/g, " ")
    .replace(/<[^>]*>/g, " ");
  const [heading, rest] = [title, body].map((part) => oneLine(decodeEntities(part)));
  if (heading === undefined || heading === "" || rest?.startsWith(heading) === true) return rest ?? "";
  return rest === undefined || rest === "" ? heading : `${heading}: ${rest}`;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}

/** Without what could move the cursor or colour a terminal. */
function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\t\n]+/gu, " ")
    .trim();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} characters more)`;
}

function parseJson(text: string): object | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
