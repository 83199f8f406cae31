/**
 * Whether a path matches a pattern as workspaces of npm, pnpm and yarn and of uv write them:
 * `*` and `?` inside one part of the path, `**` for any number of parts, `{a,b}` for either. A brace without its other one, and
 * a comma outside of braces, stand for themselves.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const known = expressions.get(pattern) ?? globExpression(pattern);
  expressions.set(pattern, known);
  return known.test(path);
}

/** By pattern: a repository has a few, and each is held against every path. */
const expressions = new Map<string, RegExp>();

function globExpression(pattern: string): RegExp {
  const clean = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  const braces = pairBraces(clean);
  let depth = 0;
  let text = "";
  for (let at = 0; at < clean.length; at++) {
    const character = clean.charAt(at);
    if (clean.startsWith("**/", at)) {
      text += "(?:[^/]+/)*";
      at += 2;
    } else if (clean.startsWith("**", at)) {
      text += ".*";
      at += 1;
    } else if (character === "*") text += "[^/]*";
    else if (character === "?") text += "[^/]";
    else if (character === "{" && braces.has(at)) {
      text += "(?:";
      depth += 1;
    } else if (character === "}" && braces.has(at)) {
      text += ")";
      depth -= 1;
    } else if (character === "," && depth > 0) text += "|";
    else text += character.replace(/[.+^$()|[\]\\{}]/, "\\$&");
  }
  return new RegExp(`^${text}$`);
}

/** The places of braces that have another one. */
function pairBraces(pattern: string): ReadonlySet<number> {
  const open: number[] = [];
  const paired = new Set<number>();
  for (const { 0: brace, index } of pattern.matchAll(/[{}]/g)) {
    if (brace === "{") {
      open.push(index);
      continue;
    }
    const other = open.pop();
    if (other !== undefined) paired.add(other).add(index);
  }
  return paired;
}
