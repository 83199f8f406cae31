import type { Limits } from "./limits.ts";
import { holdsExactly } from "./number-text.ts";

export type JsonScan =
  /** Too costly to be parsed. */
  | { readonly ok: false; readonly problem: string }
  /** What parsing would lose without a word, by path. */
  | { readonly ok: true; readonly losses: readonly JsonLoss[] };

export interface JsonLoss {
  readonly path: readonly (string | number)[];
  readonly detail: string;
}

/** One list or object that is open. */
interface Open {
  /** Names so far; `undefined` for a list. */
  readonly names: Set<string> | undefined;
  key: string | number;
}

/** Losses that are told of one document; a client that makes one mistake makes it everywhere. */
const MAX_LOSSES = 1_000;

/**
 * Looks at JSON before it is parsed: whether parsing it is cheap, and what `JSON.parse` would change silently. That are
 * numbers that a double does not hold, names that an object has twice, and escapes that are half a character.
 *
 * Knows nothing of grammar: text that is not JSON is for `JSON.parse` to refuse.
 */
export function scanJson(text: string, limits: Pick<Limits, "maxJsonDepth" | "maxJsonValues">): JsonScan {
  const losses: JsonLoss[] = [];
  const open: Open[] = [];
  let values = 1;
  const lose = (detail: string) => {
    if (losses.length < MAX_LOSSES) losses.push({ path: open.map(({ key }) => key), detail });
  };
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const top = open[open.length - 1];
    if (code === 0x22) {
      const end = findStringEnd(text, at);
      const isName = top?.names !== undefined && isFollowedByColon(text, end);
      const raw = text.slice(at + 1, end - 1);
      const escaped = raw.includes("\\");
      const meant = escaped ? readEscapes(raw) : raw;
      if (isName && top?.names !== undefined) {
        top.key = meant;
        if (top.names.has(meant)) lose("appears twice");
        top.names.add(meant);
      }
      if (escaped && /\p{Cs}/u.test(meant)) lose("holds half of a surrogate pair, which is not a character");
      at = end;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = findNumberEnd(text, at);
      const raw = text.slice(at, end);
      if (!holdsExactly(raw, Number(raw))) lose(`${raw.slice(0, 40)} has more digits than can be stored`);
      at = end;
    } else {
      at += 1;
      if (code === 0x5b || code === 0x7b) {
        if (open.length >= limits.maxJsonDepth) {
          return { ok: false, problem: `the JSON is nested deeper than ${limits.maxJsonDepth}` };
        }
        values += 1;
        open.push({ names: code === 0x7b ? new Set() : undefined, key: 0 });
      } else if (code === 0x5d || code === 0x7d) open.pop();
      else if (code === 0x2c) {
        values += 1;
        if (top?.names === undefined && typeof top?.key === "number") top.key += 1;
      }
      if (values > limits.maxJsonValues) {
        return { ok: false, problem: `the JSON holds more than ${limits.maxJsonValues} values` };
      }
    }
  }
  return { ok: true, losses };
}

/** Behind the closing quote, or the length. */
function findStringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

function findNumberEnd(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const goesOn =
      (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2b || code === 0x2d || (code | 0x20) === 0x65;
    if (!goesOn) break;
  }
  return at;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a;
}

function readEscapes(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
