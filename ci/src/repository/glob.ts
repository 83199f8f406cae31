/**
 * Whether a path matches a pattern as workspaces of npm, pnpm and yarn and of uv write them:
 * `*` and `?` inside one part of the path, `**` for any number of parts, `{a,b}` for either.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  return globExpression(pattern).test(path);
}

function globExpression(pattern: string): RegExp {
  const clean = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  let text = "";
  for (let at = 0; at < clean.length; at++) {
    const rest = clean.slice(at);
    if (rest.startsWith("**/")) {
      text += "(?:[^/]+/)*";
      at += 2;
    } else if (rest.startsWith("**")) {
      text += ".*";
      at += 1;
    } else text += partOf(clean.charAt(at));
  }
  return new RegExp(`^${text}$`);
}

const special: Readonly<Record<string, string>> = { "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|" };

function partOf(character: string): string {
  return special[character] ?? character.replace(/[.+^$()|[\]\\]/, "\\$&");
}
