import { pathClean } from "../go-texts/path-clean.ts";

/**
 * The patterns of a `.dockerignore` file: lines without comments and blanks, in their shortest form, relative to the
 * context.
 */
export function readIgnoreFile(text: string): readonly string[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const isTakenBack = line.startsWith("!");
      const pattern = isTakenBack ? line.slice(1).trim() : line;
      return `${isTakenBack ? "!" : ""}${shortest(pattern)}`;
    });
}

function shortest(pattern: string): string {
  if (pattern === "") return "";
  const clean = pathClean(pattern);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}
