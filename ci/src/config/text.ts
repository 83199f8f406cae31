import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Problem } from "../input/problems.ts";

/** What to do about a mistake of the first day, by the code of the library for it. */
const ADVICE: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: "; indent this line like the names beside it",
  TAB_AS_INDENT: "; use spaces",
};

/** Where something stands, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a text in YAML holds, and where each part of it stands. */
export interface ConfigText {
  readonly data: unknown;
  /** Nothing else can be said of a text with such problems. */
  readonly problems: readonly (Problem & Place)[];
  find(path: readonly PropertyKey[], aboutKey: boolean): Place;
  /** Whether something stands there. */
  has(path: readonly PropertyKey[]): boolean;
  /** A value as it is written there. */
  show(path: readonly PropertyKey[]): string | undefined;
}

/** Far above what a file of services and rings needs; below what would cost seconds or memory. */
const MAX_CHARACTERS = 200_000;
const MAX_VALUES = 20_000;
const MAX_DEPTH = 50;

const KNOWN_TAGS = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;
/** Neither `010`, which is 8 for some and 10 for others, nor `0x1F`, `1e3`, `.5` or `-0`. */
const PLAIN_NUMBER = /^(?:-?[1-9]\d*|0)(?:\.\d+)?$|^-0\.\d*[1-9]\d*$/;
const WORDS_OF_NUMBERS = /^[-+]?\.(?:inf|nan)$/i;

/** So many dashes, colons and question marks at the beginning of a line open a level each. */
const DEEP_LINE = new RegExp(`^(?:\\s*[-?:]\\s){${MAX_DEPTH}}`, "m");

/** Reads YAML 1.2 that means the same to everybody: what is ambiguous, or would get lost, is a problem. */
export function readConfigText(text: string): ConfigText {
  const reader = new Reader(text);
  reader.read();
  return reader;
}

class Reader implements ConfigText {
  data: unknown;
  readonly problems: (Problem & Place)[] = [];
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #keys = new Map<string, number>();
  readonly #values = new Map<string, { readonly at: number; readonly source: string | undefined }>();
  readonly #anchors = new Map<string, Node>();
  #count = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    if (this.#text.length > MAX_CHARACTERS) {
      this.#complain([], `is longer than ${MAX_CHARACTERS} characters`, 0);
      return;
    }
    // The parser would take all memory, and the process with it.
    if (DEEP_LINE.test(this.#text) || countOpen(this.#text) > MAX_DEPTH) {
      this.#complain([], "is nested too deeply", 0);
      return;
    }
    const damaged = /[\uFFFD]|[^\P{Cc}\t\n\r]/u.exec(this.#text);
    let documents: readonly Document[];
    try {
      const options = { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false, strict: true } as const;
      const parsed = parseAllDocuments(this.#text, options);
      documents = Array.isArray(parsed) ? parsed : [];
    } catch (error) {
      this.#complain(
        [],
        `cannot be read: ${error instanceof RangeError ? "it is nested too deeply" : String(error)}`,
        0,
      );
      return;
    }
    if (damaged !== null) {
      const what =
        damaged[0] === "\uFFFD"
          ? "holds bytes that are not UTF-8: save the file as UTF-8"
          : `holds the control character ${JSON.stringify(damaged[0])}`;
      this.#complain([], what, damaged.index);
    }
    this.#readDocuments(documents);
  }

  find(path: readonly PropertyKey[], aboutKey: boolean): Place {
    const key = keyOf(path);
    const offset = aboutKey ? this.#keys.get(key) : (this.#values.get(key)?.at ?? this.#keys.get(key));
    if (offset !== undefined) return this.#placeOf(offset);
    // What is missing is missing in what is around it.
    return path.length === 0 ? { line: 1, column: 1 } : this.find(path.slice(0, -1), true);
  }

  has(path: readonly PropertyKey[]): boolean {
    return this.#values.has(keyOf(path));
  }

  show(path: readonly PropertyKey[]): string | undefined {
    const source = this.#values.get(keyOf(path))?.source;
    if (source === "") return "nothing";
    return source === undefined || source.length > 60 || source.includes("\n") ? undefined : source;
  }

  #readDocuments(documents: readonly Document[]): void {
    const [document, second] = documents;
    if (second !== undefined) {
      const at = second.range?.[0] ?? 0;
      this.#complain([], "expected one document; another one begins here (---)", at);
    }
    const found = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
    // Of tags the path is told below.
    for (const { message, pos, code } of found)
      if (code !== "TAG_RESOLVE_FAILED") this.#complain([], `${message.trim()}${ADVICE[code] ?? ""}`, pos[0]);
    if (document?.directives?.yaml.explicit && document.directives.yaml.version !== "1.2")
      this.#complain([], `%YAML ${document.directives.yaml.version} is another language: delete this line`, 0);
    if (this.problems.length > 0) return;
    if (document === undefined || document.contents === null) return;
    this.data = this.#read(document.contents as Node, [], []);
  }

  #read(node: Node | null, path: readonly PropertyKey[], around: readonly Node[]): unknown {
    this.#count += 1;
    if (this.#count > MAX_VALUES)
      return this.#stop(path, node, `holds more than ${MAX_VALUES} values, aliases counted each time`);
    if (node === null) return null;
    if (around.includes(node)) return this.#complainAt(path, "refers to itself by an alias", node);
    if (around.length > MAX_DEPTH) return this.#stop(path, node, "is nested too deeply");
    const at = node.range?.[0] ?? 0;
    if (!this.#values.has(keyOf(path)))
      this.#values.set(keyOf(path), { at, source: isScalar(node) ? tellSource(node) : undefined });
    if (isAlias(node)) return this.#readAlias(node, path, around);
    this.#keepAnchor(node);
    if (node.tag !== undefined && !KNOWN_TAGS.test(node.tag))
      return this.#complainAt(path, `unknown tag ${tellTag(node.tag)}; write the value itself`, node);
    if (isMap(node)) return this.#readMap(node, path, [...around, node]);
    if (isSeq(node))
      return node.items.map((item, index) => this.#read(item as Node | null, [...path, index], [...around, node]));
    return this.#readScalar(node, path);
  }

  #readAlias(alias: Alias, path: readonly PropertyKey[], around: readonly Node[]): unknown {
    const named = this.#anchors.get(alias.source);
    if (named === undefined)
      return this.#complainAt(
        path,
        `unknown alias *${alias.source}; its anchor &${alias.source} has to come before`,
        alias,
      );
    return this.#read(named, path, around);
  }

  /** The latest one counts; a part that is read again by an alias is no later. */
  #keepAnchor(node: Node): void {
    if (isAlias(node) || node.anchor === undefined) return;
    const known = this.#anchors.get(node.anchor);
    if ((known?.range?.[0] ?? -1) < (node.range?.[0] ?? 0)) this.#anchors.set(node.anchor, node);
  }

  #readMap(map: YAMLMap, path: readonly PropertyKey[], around: readonly Node[]): unknown {
    const read: Record<string, unknown> = {};
    for (const { key, value } of map.items) {
      const name = this.#readKey(key as Node | null, path);
      if (name === undefined) continue;
      const inner = [...path, name];
      const at = (key as Node).range?.[0] ?? 0;
      if (Object.hasOwn(read, name)) this.#complain(inner, "appears twice", at);
      if (!this.#keys.has(keyOf(inner))) this.#keys.set(keyOf(inner), at);
      read[name] = this.#read(value as Node | null, inner, around);
    }
    return read;
  }

  #readKey(key: Node | null, path: readonly PropertyKey[]): string | undefined {
    if (key === null || !isScalar(key)) {
      this.#complainAt([...path, "?"], "expected a name before the colon, found a list, a mapping or an alias", key);
      return undefined;
    }
    this.#keepAnchor(key);
    const name =
      key.value === null
        ? (key.source ?? "")
        : typeof key.value === "string"
          ? key.value
          : (key.source ?? String(key.value));
    const wrong =
      name === "<<"
        ? "merge keys (<<) are not in YAML 1.2: write out the keys in each place"
        : name === "__proto__"
          ? "__proto__ cannot be used as a name"
          : undefined;
    if (wrong !== undefined) this.#complain([...path, name], wrong, key.range?.[0] ?? 0);
    return wrong === undefined ? name : undefined;
  }

  #readScalar(node: Scalar, path: readonly PropertyKey[]): unknown {
    const { value, source = "" } = node;
    if (typeof value === "string" && /\p{Surrogate}/u.test(value))
      return this.#complainAt(path, "holds half of a character (a lone surrogate)", node);
    if (typeof value === "string" && value.includes("\0"))
      return this.#complainAt(path, "holds a zero character", node);
    if (typeof value === "number" && !PLAIN_NUMBER.test(source) && !WORDS_OF_NUMBERS.test(source))
      return this.#complainAt(
        path,
        `${source} can be read as several numbers; write it in plain digits, or between quotes if it is text`,
        node,
      );
    return value;
  }

  #stop(path: readonly PropertyKey[], node: Node | null, text: string): undefined {
    // Once is enough: what follows is not looked at.
    if (!this.problems.some((problem) => problem.text === text)) this.#complainAt(path.slice(0, 3), text, node);
    return undefined;
  }

  #complainAt(path: readonly PropertyKey[], text: string, node: Node | null): undefined {
    this.#complain(path, text, node?.range?.[0] ?? 0);
    return undefined;
  }

  #complain(path: readonly PropertyKey[], text: string, offset: number): void {
    this.problems.push({ path, text, ...this.#placeOf(offset) });
  }

  #placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return line === 0 ? { line: 1, column: 1 } : { line, column: col };
  }
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** A scalar as it is written, between quotes if it stands between quotes. */
function tellSource({ source, type, value }: Scalar): string | undefined {
  return type === "PLAIN" && !/\p{C}/u.test(source ?? "") ? source : JSON.stringify(value);
}

/** How many brackets are open at once. Those in texts count too: they seldom stand there alone. */
function countOpen(text: string): number {
  let open = 0;
  let most = 0;
  for (const sign of text) {
    if (sign === "[" || sign === "{") open += 1;
    if (sign === "]" || sign === "}") open = Math.max(0, open - 1);
    most = Math.max(most, open);
  }
  return most;
}

function tellTag(tag: string): string {
  return tag.replace("tag:yaml.org,2002:", "!!");
}
