/** Folders that are made anew, or belong to a package manager. */
const IGNORED = ["sdk", "**/node_modules/**", "**/.pnpm-store/**"];
const GENERATED = ["sdk/**"];

/** The text of a module's .gitignore: what is there, and what it does not name yet. */
export function gitignoreText(text?: string): string {
  return withLines(text, IGNORED, (path) => `/${path}`);
}

/** The text of a module's .gitattributes, which hides generated files in reviews. */
export function gitattributesText(text?: string): string {
  return withLines(text, GENERATED, (path) => `/${path} linguist-generated`);
}

/** What is named anywhere in the text, in whatever way, is left to whoever wrote it. */
function withLines(text: string | undefined, paths: readonly string[], line: (path: string) => string): string {
  // The real engine ends the last line of a file that is there, also of an empty one.
  const begun = text === undefined ? "" : text.endsWith("\n") ? text : `${text}\n`;
  return paths.reduce((lines, path) => (lines.includes(path) ? lines : `${lines}${line(path)}\n`), begun);
}
