import { kebabName } from "../api/names.ts";
import { quote } from "../go-texts/numbers.ts";
import { messageOf, UsageError } from "./errors.ts";
import { nearestTo } from "./nearest.ts";

/** One flag, as it is parsed and as it stands in the help. */
export interface Flag {
  /** In kebab case; on the command line any spelling of it is accepted. */
  readonly name: string;
  readonly shorthand?: string;
  /** The line of the help. */
  readonly usage: string;
  /** What the help shows for the value: `string`, `Directory`, `CANARY,GA`; empty for a switch. */
  readonly typeText: string;
  /** What the help shows as default, for example `"x y"` or `3`; absent: nothing. */
  readonly defaultText?: string;
  /** The value when the flag stands without one: makes it a switch. */
  readonly bareValue?: string;
  readonly required?: boolean;
  /** Left out of the help. */
  readonly hidden?: boolean;
  /** What may follow it, where these are the only words; completion offers them, and errors the nearest one. */
  readonly values?: readonly string[];
  /** What kind of value completion has to look for. */
  readonly takes?: "file" | "folder" | "secret" | "service" | "run" | "nothing";
  /**
   * Takes the text of one occurrence.
   *
   * @throws Error when the text is no value of its type
   */
  set(text: string): void;
}

/** What a word on the command line asks for beside flags. */
export interface Parsed {
  /** What is no flag; when the set stops at the first of those, also all after it. */
  readonly words: readonly string[];
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
  readonly help: boolean;
}

export interface ParseRules {
  /** Whether flags may follow words. */
  readonly interspersed: boolean;
  /** Unknown flags are skipped together with the word behind, which may be their value. */
  readonly skipUnknown?: boolean;
}

/** Flags of one command. Parses as the Go package pflag does. */
export class FlagSet {
  readonly #flags = new Map<string, Flag>();
  readonly #shorthands = new Map<string, Flag>();

  constructor(flags: Iterable<Flag> = []) {
    for (const flag of flags) this.add(flag);
  }

  /** The first flag of a name stays: what is nearer to the function goes before the general ones. */
  add(flag: Flag): void {
    if (this.#flags.has(flag.name)) return;
    this.#flags.set(flag.name, flag);
    if (flag.shorthand !== undefined && !this.#shorthands.has(flag.shorthand))
      this.#shorthands.set(flag.shorthand, flag);
  }

  [Symbol.iterator](): Iterator<Flag> {
    return this.#flags.values();
  }

  /** @throws Error in pflag's words: unknown flags, missing and wrong values */
  parse(args: readonly string[], rules: ParseRules): Parsed {
    const rest = [...args];
    const words: string[] = [];
    const state: State = { rest, given: new Set(), help: false, skipUnknown: rules.skipUnknown === true };
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      if (word.length < 2 || !word.startsWith("-")) {
        words.push(word);
        if (!rules.interspersed) break;
      } else if (word === "--") {
        break;
      } else if (word.startsWith("--")) {
        this.#long(word, state);
      } else {
        this.#short(word, state);
      }
    }
    return { words: [...words, ...rest], given: state.given, help: state.help };
  }

  #long(word: string, state: State): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    if (name === "" || name.startsWith("-")) throw new Error(`bad flag syntax: ${word}`);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const flag = this.#flags.get(kebabName(name));
    if (flag === undefined) {
      if (name === "help") state.help = true;
      else if (!state.skipUnknown) throw new UsageError(`unknown flag: --${name}`, undefined, this.#near(name));
      else if (value === undefined) skipValue(state.rest);
      return;
    }
    const given = value ?? flag.bareValue ?? state.rest.shift();
    if (given === undefined) throw new Error(`flag needs an argument: --${name}`);
    take(flag, given, state);
  }

  /** Flags that may have been meant by one that is not there. */
  #near(name: string): readonly string[] {
    const shown = [...this.#flags.values()].filter(({ hidden }) => hidden !== true).map((flag) => flag.name);
    return nearestTo(kebabName(name), [...shown, "help"]).map((near) => `--${near}`);
  }

  #short(word: string, state: State): void {
    let letters = word.slice(1);
    while (letters !== "") {
      const letter = letters.charAt(0);
      letters = letters.slice(1);
      const flag = this.#shorthands.get(letter);
      if (flag === undefined) {
        if (letter === "h") state.help = true;
        else if (!state.skipUnknown) throw new Error(`unknown shorthand flag: '${letter}' in ${word}`);
        else if (letters === "") skipValue(state.rest);
        continue;
      }
      if (letters.startsWith("=")) {
        take(flag, letters.slice(1), state);
        return;
      }
      if (flag.bareValue !== undefined) {
        take(flag, flag.bareValue, state);
        continue;
      }
      const given = letters !== "" ? letters : state.rest.shift();
      if (given === undefined) throw new Error(`flag needs an argument: '${letter}' in ${word}`);
      take(flag, given, state);
      return;
    }
  }
}

interface State {
  readonly rest: string[];
  readonly given: Set<string>;
  help: boolean;
  readonly skipUnknown: boolean;
}

function skipValue(rest: string[]): void {
  if (rest[0] !== undefined && !rest[0].startsWith("-")) rest.shift();
}

function take(flag: Flag, text: string, state: State): void {
  state.given.add(flag.name);
  try {
    flag.set(text);
  } catch (error) {
    const shown = flag.shorthand === undefined ? `--${flag.name}` : `-${flag.shorthand}, --${flag.name}`;
    const meant = nearestTo(text, flag.values ?? []);
    throw new UsageError(
      `invalid argument ${quote(text)} for ${quote(shown)} flag: ${messageOf(error)}`,
      undefined,
      meant,
    );
  }
}

/** Names of the required flags that are not there, in the words of the error; undefined when all are. */
export function missingFlags(flags: Iterable<Flag>, given: ReadonlySet<string>): string | undefined {
  const missing = [...flags].filter((flag) => flag.required === true && !given.has(flag.name)).map((flag) => flag.name);
  if (missing.length === 0) return undefined;
  return `required flag(s) ${missing
    .sort()
    .map((name) => `"${name}"`)
    .join(", ")} not set`;
}
