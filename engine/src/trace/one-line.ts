/** A text of at most so many characters; the last one says that there was more. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A name of many lines, such as a script, in one. */
export function inOneLine(name: string, most: number): string {
  return cut(name.trim().replace(/\s*\n\s*/g, " "), most);
}
