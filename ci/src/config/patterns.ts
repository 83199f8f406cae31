/** Whether a path stays inside of the repository: no part of it leads out, and it begins and ends with a name. */
export function isInside(path: string): boolean {
  if (path === ".") return true;
  return !/[\\\p{Cc}]/u.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/**
 * Whether one of the patterns names a file or a folder that it lies in, as `Directory.filter` reads them: `*` and `?`
 * stand for a part of a name, `**` for folders, `[a-z]` for a letter.
 */
export function matchPatterns(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => toExpression(pattern).test(path));
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.replace(/\/$/, "").split("/");
  const source = parts
    .map((part, at) => {
      const isLast = at === parts.length - 1;
      if (part === "**") return isLast ? ".+" : "(?:[^/]+/)*";
      return `${toPart(part)}${isLast ? "" : "/"}`;
    })
    .join("");
  return new RegExp(`^${source}(?:/.*)?$`, "su");
}

function toPart(part: string): string {
  return part.replaceAll(/\*+|\?|\[\^?[^\]/]+\]|[\\^$.|+(){}[\]]/gu, (sign) => {
    if (sign.startsWith("*")) return "[^/]*";
    if (sign === "?") return "[^/]";
    if (sign.startsWith("[") && sign.length > 2) return sign.replaceAll("\\", "\\\\");
    return `\\${sign}`;
  });
}
