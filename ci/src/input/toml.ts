/** A value of TOML. Dates and times stay the text they are. */
export type TomlValue = string | number | boolean | TomlValue[] | TomlTable;
export interface TomlTable {
  [key: string]: TomlValue;
}

/** The text is no TOML, or something in it is not known here. The message has the line. */
export class TomlError extends Error {
  override readonly name = "TomlError";
}

/**
 * Reads TOML 1.0: pyproject.toml, uv.toml. Written here because the module has no package for it, and asking Python in a
 * container would make detection slow and in need of an image.
 *
 * @throws TomlError with the line of what is not understood; nothing is skipped
 */
export function readToml(text: string): TomlTable {
  return new Reader(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")).read();
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\x1b",
  '"': '"',
  "\\": "\\",
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): TomlTable {
    const top = emptyTable();
    let table = top;
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      if (this.#take(/\[\[/y) !== undefined) table = this.#appendTable(top, this.#keys("]]"));
      else if (this.#take(/\[/y) !== undefined) table = this.#openTable(top, this.#keys("]"));
      else this.#pair(table);
      this.#skip(false);
      if (this.#at < this.#text.length && this.#take(/\n/y) === undefined) throw this.#refuse("the end of the line");
    }
    return top;
  }

  /** Spaces and comments, and line ends where these mean nothing. */
  #skip(lines: boolean): void {
    this.#take(lines ? /(?:[ \t\n]|#[^\n]*)*/y : /[ \t]*(?:#[^\n]*)?/y);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #keys(end: string): string[] {
    const keys = this.#dotted();
    if (!this.#text.startsWith(end, this.#at)) throw this.#refuse(end);
    this.#at += end.length;
    return keys;
  }

  #dotted(): string[] {
    const keys: string[] = [];
    do {
      this.#take(/[ \t]*/y);
      const bare = this.#take(/[A-Za-z0-9_-]+/y)?.[0];
      const key = bare ?? this.#string();
      if (key === undefined) throw this.#refuse("a key");
      keys.push(key);
      this.#take(/[ \t]*/y);
    } while (this.#take(/\./y) !== undefined);
    return keys;
  }

  #openTable(top: TomlTable, keys: readonly string[]): TomlTable {
    return keys.reduce((table, key) => this.#descend(table, key), top);
  }

  #appendTable(top: TomlTable, keys: readonly string[]): TomlTable {
    const parent = this.#openTable(top, keys.slice(0, -1));
    const last = keys.at(-1) ?? "";
    parent[last] ??= [];
    const list = parent[last];
    if (!Array.isArray(list)) throw this.#refuse(`one definition of ${last}`);
    const table = emptyTable();
    list.push(table);
    return table;
  }

  #descend(table: TomlTable, key: string): TomlTable {
    table[key] ??= emptyTable();
    const value = table[key];
    const inner = Array.isArray(value) ? value.at(-1) : value;
    if (typeof inner !== "object" || Array.isArray(inner)) throw this.#refuse(`one definition of ${key}`);
    return inner;
  }

  #pair(table: TomlTable): void {
    const keys = this.#dotted();
    if (this.#take(/=[ \t]*/y) === undefined) throw this.#refuse("=");
    const holder = this.#openTable(table, keys.slice(0, -1));
    const last = keys.at(-1) ?? "";
    if (holder[last] !== undefined) throw this.#refuse(`one value for ${keys.join(".")}`);
    holder[last] = this.#value();
  }

  #value(): TomlValue {
    const string = this.#string();
    if (string !== undefined) return string;
    if (this.#take(/\[/y) !== undefined) return this.#array();
    if (this.#take(/\{/y) !== undefined) return this.#inlineTable();
    const bare = this.#take(/[^\s,\]}#]+(?: \d\d:[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?/y)?.[0];
    if (bare === "true" || bare === "false") return bare === "true";
    if (bare !== undefined && /^\d{4}-\d\d-\d\d|^\d\d:\d\d/.test(bare)) return bare;
    if (
      bare !== undefined &&
      /^[+-]?(?:\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+)$/.test(bare)
    )
      return Number(bare.replaceAll("_", ""));
    if (bare !== undefined && /^[+-]?(?:inf|nan)$/.test(bare))
      return bare.endsWith("nan") ? Number.NaN : Number(`${bare.replace("inf", "")}Infinity`);
    throw this.#refuse("a value");
  }

  #array(): TomlValue[] {
    const list: TomlValue[] = [];
    for (this.#skip(true); this.#take(/\]/y) === undefined; this.#skip(true)) {
      list.push(this.#value());
      this.#skip(true);
      if (this.#take(/,/y) === undefined && this.#text[this.#at] !== "]") throw this.#refuse(", or ]");
    }
    return list;
  }

  #inlineTable(): TomlTable {
    const table = emptyTable();
    for (this.#skip(true); this.#take(/\}/y) === undefined; this.#skip(true)) {
      this.#pair(table);
      this.#skip(true);
      if (this.#take(/,/y) === undefined && this.#text[this.#at] !== "}") throw this.#refuse(", or }");
    }
    return table;
  }

  #string(): string | undefined {
    const literal = this.#take(/'''\n?([\s\S]*?'{0,2})'''(?!')|'([^'\n]*)'/y);
    if (literal !== undefined) return literal[1] ?? literal[2] ?? "";
    const long = this.#take(/"""\n?((?:[^\\"]|\\[\s\S]|"{1,2}(?!"))*"{0,2})"""(?!")/y);
    if (long !== undefined) return this.#unescape((long[1] ?? "").replace(/\\[ \t]*\n\s*/g, ""));
    const short = this.#take(/"((?:[^\\"\n]|\\.)*)"/y);
    return short === undefined ? undefined : this.#unescape(short[1] ?? "");
  }

  #unescape(text: string): string {
    return text.replace(/\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g, (_all, short, long, one) => {
      const code: string | undefined = short ?? long;
      const known = code === undefined ? ESCAPES[one] : String.fromCodePoint(Number.parseInt(code, 16));
      if (known === undefined) throw this.#refuse(`a known escape instead of \\${one}`);
      return known;
    });
  }

  #refuse(expected: string): TomlError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    const rest = this.#text.slice(this.#at).split("\n", 1)[0] ?? "";
    return new TomlError(`line ${line}: expected ${expected} at ${JSON.stringify(rest.slice(0, 40))}`);
  }
}

/** Without a prototype: a key such as `constructor` is a key like any other. */
function emptyTable(): TomlTable {
  return Object.create(null);
}
