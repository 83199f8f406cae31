import { DockerfileProblem } from "./problem.ts";

/**
 * `${name#pattern}` and its three relatives: the value without what the pattern matches at its start or end.
 *
 * @param pattern `*` and `?`, which `\` makes plain; no brackets
 */
export function trimMatch(value: string, pattern: string, end: "#" | "%", longest: boolean): string {
  const test = new RegExp(`^(?:${sourceOf(pattern)})$`, "u");
  const signs = [...value];
  // From the shortest part to the longest one, or back.
  const sizes = Array.from({ length: signs.length + 1 }, (_, size) => size);
  for (const size of longest ? sizes.reverse() : sizes) {
    const rest = signs.length - size;
    const part = end === "#" ? signs.slice(0, size) : signs.slice(rest);
    if (test.test(part.join(""))) return (end === "#" ? signs.slice(size) : signs.slice(0, rest)).join("");
  }
  return value;
}

/** `${name/pattern/replacement}`: the longest match of the first place, or of every place. */
export function replaceMatch(value: string, pattern: string, replacement: string, everywhere: boolean): string {
  return value.replace(new RegExp(sourceOf(pattern), everywhere ? "gu" : "u"), () => replacement);
}

function sourceOf(pattern: string): string {
  const signs = [...pattern];
  let source = "";
  for (let at = 0; at < signs.length; at += 1) {
    const sign = signs[at] as string;
    if (sign === "*") source += ".*";
    else if (sign === "?") source += ".";
    else if (sign !== "\\") source += literal(sign);
    else {
      at += 1;
      const escaped = signs[at] ?? "";
      if (!["}", "/", "*", "?", "\\"].includes(escaped)) {
        throw new DockerfileProblem(`invalid pattern (${pattern}) in substitution: invalid escape '\\${escaped}'`);
      }
      source += literal(escaped);
    }
  }
  return source;
}

function literal(sign: string): string {
  return `\\u{${(sign.codePointAt(0) as number).toString(16)}}`;
}
