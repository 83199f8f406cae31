import { SlipwayError } from "../../account.ts";
import { readSshKey, type SshKey } from "./ssh-key.ts";
import { MalformedError, readBase64 } from "./ssh-wire.ts";

/** One line of an `allowed_signers` file (ssh-keygen(1), ALLOWED SIGNERS). */
export interface Signer {
  /** Patterns with `*`, `?` and a leading `!`. */
  readonly principals: readonly string[];
  /** Patterns; `null` allows every namespace. */
  readonly namespaces: readonly string[] | null;
  readonly validAfterMs: number | null;
  readonly validBeforeMs: number | null;
  readonly key: SshKey;
  readonly line: number;
}

/**
 * Reads an `allowed_signers` file.
 *
 * @throws SlipwayError `bad-signers` with every line that is not understood. A line that cannot be used refuses the
 * whole file: it would otherwise be unclear who may approve. Certificate authorities are not supported, and times have
 * to be UTC (`Z`), because the local time of a CI machine is nobody's intention.
 */
export function readAllowedSigners(text: string, where = "allowed_signers"): Signer[] {
  const problems: string[] = [];
  const signers: Signer[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) continue;
    try {
      signers.push(readLine(content, index + 1));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      problems.push(`line ${index + 1}: ${error.message}`);
    }
  }
  if (problems.length > 0) {
    throw new SlipwayError("bad-signers", {
      what: ["the list of approvers cannot be used:", ...problems.map((line) => `  ${line}`)].join("\n"),
      where,
      todo: 'write each line as: NAME namespaces="slipway-approval@v1" ssh-ed25519 AAAA… (see ssh-keygen(1))',
    });
  }
  return signers;
}

/** Does the name match the list, as `ssh-keygen` matches it: a `!pattern` that matches refuses, whatever else does. */
export function matchesPatterns(name: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => matchesPattern(name, pattern);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

/** `*` stands for any characters, `?` for one. Linear in the name for each star: no pattern can make it hang. */
function matchesPattern(name: string, pattern: string): boolean {
  let reachable = new Set([0]);
  for (const sign of pattern) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (sign === "*") for (let to = at; to <= name.length; to += 1) next.add(to);
      else if (at < name.length && (sign === "?" || sign === name[at])) next.add(at + 1);
    }
    reachable = next;
  }
  return reachable.has(name.length);
}

function readLine(content: string, line: number): Signer {
  const words = splitWords(content);
  const principals = splitList(unquote(words[0] ?? ""));
  // The type of the key is the first word after the principals that is no option.
  const hasOptions = words[1] !== undefined && !/^(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+$/.test(words[1]);
  const options = hasOptions ? readOptions(words[1] ?? "") : {};
  const [type, blob] = words.slice(hasOptions ? 2 : 1);
  if (type === undefined || blob === undefined) throw new MalformedError("expected a name, options if any, and a key");
  const key = readSshKey(readBase64(blob, "the key"));
  if (key.type !== type) throw new MalformedError(`the key is of type ${key.type}, but the line says ${type}`);
  const { namespaces, "valid-after": after, "valid-before": before } = options;
  const validAfterMs = after === undefined ? null : readTimestamp(after);
  const validBeforeMs = before === undefined ? null : readTimestamp(before);
  if (validAfterMs !== null && validBeforeMs !== null && validBeforeMs <= validAfterMs)
    throw new MalformedError("valid-before is not later than valid-after");
  return {
    principals,
    namespaces: namespaces === undefined ? null : splitList(namespaces),
    validAfterMs,
    validBeforeMs,
    key,
    line,
  };
}

/** Words at white space, quoted parts kept together. */
function splitWords(content: string): string[] {
  const words = content.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  if ((content.match(/"/g)?.length ?? 0) % 2 !== 0) throw new MalformedError("a quote is not closed");
  return words;
}

function unquote(word: string): string {
  return word.startsWith('"') && word.endsWith('"') && word.length > 1 ? word.slice(1, -1) : word;
}

function splitList(text: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part === "" || part === "!"))
    throw new MalformedError(`an empty name in the list ${JSON.stringify(text)}`);
  return parts;
}

type Option = "namespaces" | "valid-after" | "valid-before";

function readOptions(text: string): Partial<Record<Option, string>> {
  const options: Partial<Record<Option, string>> = {};
  for (const option of text.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const [, rawName = "", value] = /^([^=]*)(?:="([^"]*)")?$/.exec(option) ?? [];
    const name = rawName.toLowerCase();
    if (name === "cert-authority")
      throw new MalformedError("cert-authority is not supported: list each approver's own key");
    if (name !== "namespaces" && name !== "valid-after" && name !== "valid-before")
      throw new MalformedError(
        `the option ${option} is not known; expected namespaces="…", valid-after="…" or valid-before="…"`,
      );
    if (value === undefined) throw new MalformedError(`the option ${name} needs a value in double quotes`);
    if (options[name] !== undefined) throw new MalformedError(`the option ${name} appears twice`);
    options[name] = value;
  }
  return options;
}

/** `YYYYMMDDZ` or `YYYYMMDDHHMM[SS]Z`. */
function readTimestamp(text: string): number {
  const [, year, month, day, hour = "00", minute = "00", second = "00"] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(iso);
  // The way back catches the 31st of February, which Date.parse takes for a day in March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso)
    throw new MalformedError(`${JSON.stringify(text)} is not a time; expected YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC`);
  return ms;
}
