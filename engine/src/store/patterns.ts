/** Every pattern language of the API. Each place uses the one that the real engine uses there. */

/** One character that is not a slash; a pair of surrogates counts as one. */
const ONE = "(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^/])";

/** What `matches` found for each pattern at a folder; passed on for the entries of that folder. */
export type PatternState = readonly boolean[];

interface Pattern {
  readonly negated: boolean;
  /** Without `!`, clean. */
  readonly text: string;
  readonly test: (path: string) => boolean;
}

/**
 * Patterns for include and exclude, with the meaning they have in `.dockerignore` files: `*` and `?` stay within a name,
 * `**` is any number of folders, `!` takes back what an earlier pattern matched, and what matches a folder matches all
 * that is in it. There are no braces. Paths are relative, without `./`.
 */
export class PatternList {
  readonly #patterns: readonly Pattern[];
  readonly #hasNegated: boolean;

  /** @throws Error `syntax error in pattern` */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== "")
      .map(parsePattern);
    this.#hasNegated = this.#patterns.some((pattern) => pattern.negated);
  }

  /** @param parent what came out for the folder of the path; undefined: the path is at the top */
  matches(path: string, parent: PatternState | undefined): { readonly matched: boolean; readonly state: PatternState } {
    const state: boolean[] = [];
    let matched = false;
    for (const [place, pattern] of this.#patterns.entries()) {
      // A pattern that can change nothing is not tried: one to add when it is in already, one to take back when it is out.
      const match = parent?.[place] === true || (pattern.negated === matched && pattern.test(path));
      state.push(match);
      if (match) matched = !pattern.negated;
    }
    return { matched, state };
  }

  /** Whether a path matches, by itself or by one of the folders that it lies in. */
  matchesBelow(path: string): boolean {
    const names = path.split("/");
    let found = this.matches(names[0] ?? "", undefined);
    for (let count = 2; count <= names.length; count += 1)
      found = this.matches(names.slice(0, count).join("/"), found.state);
    return found.matched;
  }

  /** Whether something below a folder that does not match may match; false only when it is certain that nothing does. */
  mayMatchBelow(folder: string): boolean {
    return this.#patterns.some((pattern) => !pattern.negated && mayBeBelow(pattern.text, folder));
  }

  /** Whether something below a folder that matches may be taken back. */
  mayTakeBackBelow(folder: string): boolean {
    return this.#hasNegated && this.#patterns.some((pattern) => pattern.negated && mayBeBelow(pattern.text, folder));
  }
}

function mayBeBelow(pattern: string, folder: string): boolean {
  const names = folder.split("/");
  for (const [place, part] of pattern.split("/").entries()) {
    if (/[*?[\\]/.test(part)) return true;
    const name = names[place];
    if (name === undefined) return true;
    if (name !== part) return false;
  }
  return true;
}

function parsePattern(raw: string): Pattern {
  const cleaned = cleanPattern(raw);
  const negated = cleaned.startsWith("!");
  const text = negated ? cleaned.slice(1) : cleaned;
  if (negated && text === "") throw new Error('illegal exclusion pattern: "!"');
  if (!isValidPattern(text)) throw new Error("syntax error in pattern");
  return { negated, text, test: compilePattern(text) };
}

/** Go's `filepath.Clean`. */
function cleanPattern(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !absolute) parts.push(part);
  }
  const joined = parts.join("/");
  return absolute ? `/${joined}` : joined === "" ? "." : joined;
}

/** The rules of moby's patternmatcher, in its order: they differ from those of a plain translation in small things. */
function compilePattern(pattern: string): (path: string) => boolean {
  let source = "^";
  let kind: "exact" | "prefix" | "suffix" | "expression" = "exact";
  for (let at = 0, step = 0; at < pattern.length; step += 1) {
    const char = pattern[at] as string;
    at += 1;
    if (char === "*" && pattern[at] === "*") {
      at += 1;
      if (pattern[at] === "/") at += 1;
      if (at < pattern.length) {
        source += "([^\\n]*/)?";
        kind = "expression";
      } else if (kind === "exact") {
        kind = "prefix";
      } else {
        source += "[^\\n]*";
        kind = "expression";
      }
      if (step === 0) kind = "suffix";
    } else if (char === "*") {
      source += "[^/]*";
      kind = "expression";
    } else if (char === "?") {
      source += ONE;
      kind = "expression";
    } else if (/[.+()|{}$]/.test(char)) {
      source += `\\${char}`;
    } else if (char === "\\" && at < pattern.length) {
      source += `\\${pattern[at]}`;
      at += 1;
      kind = "expression";
    } else if (char === "[" || char === "]") {
      source += char;
      kind = "expression";
    } else {
      source += char;
    }
  }
  switch (kind) {
    case "exact":
      return (path) => path === pattern;
    case "prefix":
      return (path) => path.startsWith(pattern.slice(0, -2));
    case "suffix": {
      const suffix = pattern.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
    }
    default: {
      const expression = compileExpression(`${source}$`);
      return (path) => expression.test(path);
    }
  }
}

function compileExpression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new Error("syntax error in pattern");
  }
}

/** Whether Go's `path/filepath.Match` can read the pattern. */
function isValidPattern(pattern: string): boolean {
  return translateName(pattern) !== undefined;
}

/** One name, or a path with as many names as the pattern: the meaning of Go's `filepath.Match`. `**` is just `*`. */
export function matchesName(pattern: string, name: string): boolean {
  const source = translateName(pattern);
  if (source === undefined) throw new Error("syntax error in pattern");
  return new RegExp(`^(?:${source})$`, "u").test(name);
}

function translateName(pattern: string): string | undefined {
  const chars = [...pattern];
  let source = "";
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string;
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "\\") {
      at += 1;
      const escaped = chars[at];
      if (escaped === undefined) return undefined;
      source += literal(escaped);
    } else if (char === "[") {
      const set = translateSet(chars, at + 1);
      if (set === undefined) return undefined;
      source += set.source;
      at = set.end;
    } else source += literal(char);
  }
  return source;
}

/** `[a-z]`, `[^x]`: returns the place of the closing bracket; undefined when the set cannot be read. */
function translateSet(chars: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start;
  const negated = chars[at] === "^";
  if (negated) at += 1;
  const takeChar = (): string | undefined => {
    let char = chars[at];
    if (char === undefined || char === "-" || char === "]") return undefined;
    if (char === "\\") {
      at += 1;
      char = chars[at];
    }
    at += 1;
    return at < chars.length ? char : undefined;
  };
  let ranges = "";
  while (chars[at] !== "]" || ranges === "") {
    const low = takeChar();
    if (low === undefined) return undefined;
    let high = low;
    if (chars[at] === "-") {
      at += 1;
      const end = takeChar();
      if (end === undefined) return undefined;
      high = end;
    }
    // A range that runs backwards is empty for Go, and an error for a regular expression.
    ranges += low <= high ? `${literal(low)}-${literal(high)}` : "\\u{10ffff}";
  }
  return { source: negated ? `[^/${ranges}]` : `(?!/)[${ranges}]`, end: at };
}

function literal(char: string): string {
  return `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}

/** Whether a path for removal is a pattern. */
export function hasWildcards(path: string): boolean {
  return /[*?[\\]/.test(path);
}

/**
 * The test of `Directory.glob`: all of one relative path has to match, `**` is any number of folders.
 *
 * @throws Error in the words of the real engine
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const failed = (reason: string) => new Error(`failed to create glob pattern matcher: ${reason}`);
  const trimmed = pattern.trim();
  if (trimmed === "") throw failed("empty pattern");
  const cleaned = cleanPattern(trimmed);
  const negated = cleaned.startsWith("!");
  const text = negated ? cleaned.slice(1) : cleaned;
  if (negated && text === "") throw failed('illegal exclusion pattern: "!"');
  if (!isValidPattern(text)) throw failed("syntax error in pattern");
  const test = compilePattern(text);
  // A pattern to take something back has nothing to take it back from.
  return negated ? () => false : test;
}

/**
 * Patterns of `host.directory`: those that lead out of the folder, or are absolute, are left out, and `.` is the folder
 * itself, hence everything.
 */
export function hostPatterns(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((raw) => {
    const negated = raw.startsWith("!");
    const pattern = negated ? raw.slice(1) : raw;
    const cleaned = cleanPattern(pattern);
    if (pattern === "" || cleaned.startsWith("/") || cleaned === ".." || cleaned.startsWith("../")) return [];
    const text = cleaned === "." ? "**" : cleaned;
    return [negated ? `!${text}` : text];
  });
}
