import { readCsvRecord } from "../go-texts/csv.ts";
import { readBoolean } from "./directives.ts";
import { DockerfileProblem, quoted } from "./problem.ts";
import { withSuggestion } from "./suggest.ts";

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
const SHARINGS = ["shared", "private", "locked"] as const;
const KEYS =
  "type from source target readonly id sharing required size mode uid gid src dst destination ro rw readwrite env".split(
    " ",
  );

/** A `--mount` of RUN, its variables put in. */
export interface Mount {
  readonly type: (typeof TYPES)[number];
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Bytes; 0: no limit. */
  readonly size: number;
  readonly id: string;
  readonly sharing: (typeof SHARINGS)[number] | undefined;
  readonly required: boolean;
  /** Variable that gets a secret. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * What can be said before the values of variables are known.
 *
 * @throws DockerfileProblem
 */
export function checkMountsEarly(mounts: readonly string[]): void {
  for (const field of mounts.flatMap(fieldsOf)) {
    const { key, value } = partsOf(field);
    const at = value?.indexOf("$") ?? -1;
    if (key !== "from" || value === undefined || at < 0 || at === value.length - 1) continue;
    throw new DockerfileProblem(`'${key}' doesn't support variable expansion, define alias stage instead`);
  }
}

/** What a mount that is not read yet says after `from=`; empty when it says nothing. */
export function rawSourceOf(mount: string): string {
  const found = fieldsOf(mount)
    .map(partsOf)
    .findLast(({ key }) => key === "from");
  return found?.value ?? "";
}

/** The values of a mount as they are found, field by field. */
interface Draft {
  type: Mount["type"];
  readOnly: boolean | undefined;
  required: boolean;
  sharing: Mount["sharing"];
  size: number;
  readonly texts: Map<string, string>;
  readonly numbers: Map<string, number>;
}

/**
 * Reads one mount.
 *
 * @param expand puts variables into a value
 * @throws DockerfileProblem
 */
export function readMount(text: string, expand: (value: string) => string): Mount {
  const draft: Draft = {
    type: "bind",
    readOnly: undefined,
    required: false,
    sharing: undefined,
    size: 0,
    texts: new Map(),
    numbers: new Map(),
  };
  for (const field of fieldsOf(text)) {
    const { key, value } = partsOf(field);
    if (value === undefined) takeSwitch(draft, key, field);
    else takeValue(draft, key, expand(value), field);
  }
  const { texts, numbers, type } = draft;
  const mount: Mount = {
    type,
    from: texts.get("from") ?? "",
    source: texts.get("source") ?? "",
    target: texts.get("target") ?? "",
    readOnly: draft.readOnly ?? (type !== "cache" && type !== "tmpfs"),
    size: draft.size,
    id: texts.get("id") ?? "",
    sharing: draft.sharing,
    required: draft.required,
    env: texts.get("env"),
    mode: numbers.get("mode"),
    uid: numbers.get("uid"),
    gid: numbers.get("gid"),
  };
  checkTogether(mount);
  return mount;
}

function takeSwitch(draft: Draft, key: string, field: string): void {
  if (key === "readonly" || key === "ro") draft.readOnly = true;
  else if (key === "readwrite" || key === "rw") draft.readOnly = false;
  else if (key === "required") takeRequired(draft, () => true);
  else throw new DockerfileProblem(`invalid field '${field}' must be a key=value pair`);
}

function takeRequired(draft: Draft, truth: () => boolean): void {
  if (draft.type !== "secret" && draft.type !== "ssh") throw unexpected("required", draft);
  draft.required = truth();
}

const SAME: Readonly<Record<string, string>> = { src: "source", dst: "target", destination: "target" };

function takeValue(draft: Draft, key: string, value: string, field: string): void {
  const truth = () => readBoolean(value, () => new DockerfileProblem(`invalid value for ${key}: ${value}`));
  const plain = SAME[key] ?? key;
  switch (plain) {
    case "type":
      draft.type = oneOf(value, TYPES, "unsupported mount type");
      return;
    case "sharing":
      draft.sharing = oneOf(value, SHARINGS, "unsupported sharing value");
      return;
    case "readonly":
    case "ro":
      draft.readOnly = truth();
      return;
    case "readwrite":
    case "rw":
      draft.readOnly = !truth();
      return;
    case "required":
      takeRequired(draft, truth);
      return;
    case "size":
      if (draft.type !== "tmpfs") throw unexpected(key, draft);
      draft.size = readSize(value);
      return;
    case "mode":
    case "uid":
    case "gid":
      draft.numbers.set(plain, readNumber(plain, value));
      return;
    case "from":
    case "source":
    case "target":
    case "id":
    case "env":
      draft.texts.set(plain, value);
      return;
    default:
      throw new DockerfileProblem(withSuggestion(`unexpected key '${key}' in '${field}'`, key, KEYS));
  }
}

function unexpected(key: string, { type }: Draft): DockerfileProblem {
  return new DockerfileProblem(`unexpected key '${key}' for mount type '${type}'`);
}

function oneOf<T extends string>(value: string, known: readonly T[], what: string): T {
  const found = known.find((item) => item === value.toLowerCase());
  if (found !== undefined) return found;
  throw new DockerfileProblem(withSuggestion(`${what} ${quoted(value)}`, value, known));
}

function readNumber(key: string, text: string): number {
  const digits = key === "mode" ? /^[0-7]+$/ : /^\d+$/;
  const value = Number.parseInt(text, key === "mode" ? 8 : 10);
  if (digits.test(text) && value <= 0xffff_ffff) return value;
  throw new DockerfileProblem(`invalid value ${text} for ${key}`);
}

function readSize(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  if (count === undefined) throw new DockerfileProblem(`invalid value for size: ${text}`);
  return Math.floor(Number(count) * 1024 ** " kmgtp".indexOf(unit === "" ? " " : unit.toLowerCase()));
}

function checkTogether(mount: Mount): void {
  const { type } = mount;
  if (type === "bind" || type === "tmpfs") {
    for (const key of ["mode", "uid", "gid"] as const) {
      if (mount[key] !== undefined) throw new DockerfileProblem(`${key} not allowed for ${quoted(type)} type mounts`);
    }
  }
  if (type === "secret") checkSecret(mount);
  if (mount.sharing !== undefined && type !== "cache") {
    throw new DockerfileProblem(`invalid cache sharing set for ${type} mount`);
  }
}

function checkSecret({ from, sharing, source, target, id }: Mount): void {
  if (from !== "") throw new DockerfileProblem("secret mount should not have a from");
  if (sharing !== undefined) throw new DockerfileProblem("secret mount should not define sharing");
  if (source === "" && target === "" && id === "") {
    throw new DockerfileProblem("invalid secret mount. one of source, target required");
  }
  if (source !== "" && id !== "") throw new DockerfileProblem("both source and id can't be set");
}

function partsOf(field: string): { readonly key: string; readonly value: string | undefined } {
  const at = field.indexOf("=");
  if (at < 0) return { key: field.toLowerCase(), value: undefined };
  return { key: field.slice(0, at).toLowerCase(), value: field.slice(at + 1) };
}

function fieldsOf(text: string): readonly string[] {
  try {
    return readCsvRecord(text);
  } catch (error) {
    throw new DockerfileProblem(`failed to parse csv mounts: ${(error as Error).message}`);
  }
}
