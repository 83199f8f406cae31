/** How one case ended. `problem` says what was different, or what was refused. */
export interface Verdict {
  /** `api/file`, `cli/help`, … */
  readonly group: string;
  readonly name: string;
  readonly state: "passed" | "refused" | "different";
  readonly problem: string;
}

/** What the embedded engine says when it does not support something yet. */
const refusal = /[^\n]*is not supported by the embedded engine yet[^\n]*/;

/** The sentence with which a text refuses something, if it does. */
export function findRefusal(text: string): string | undefined {
  return refusal.exec(text)?.[0].trim();
}

/** A value as short text, its middle left out when it is long. */
export function abbreviate(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 600 ? `${text.slice(0, 400)} … ${text.slice(-150)}` : text;
}

/** A text whose every character stands for itself in a pattern. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
