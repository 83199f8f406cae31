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

/** Signs of a pattern that mean something there or in an expression. */
const SIGNS = /\*\*\/|\*\*|[*?.+^$()|[\]\\{}]/g;

const MEANINGS: Readonly<Record<string, string>> = { "**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]" };

/** Two braces, as they are in an expression, without another one between them. */
const BRACES = /\\\{((?:(?!\\[{}]).)*)\\\}/gs;

function globExpression(pattern: string): RegExp {
  const clean = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  let text = clean.replace(SIGNS, (sign) => MEANINGS[sign] ?? `\\${sign}`);
  // From the inside out.
  for (let before = ""; text !== before; ) {
    before = text;
    text = text.replace(BRACES, (_, inside: string) => `(?:${inside.replaceAll(",", "|")})`);
  }
  return new RegExp(`^${text}$`);
}
