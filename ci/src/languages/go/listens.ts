import type { Outline } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { onlyPort, withoutComments } from "../source-text.ts";

/** Where programs of Go take their port when they are told none. */
const USUAL = 8080;

/** `http.ListenAndServe(":8080"`, `Addr: ":8080"`, and how gin, echo and fiber say it. Loopback answers nobody else. */
const LISTENS =
  /(?:\b(?:ListenAndServe(?:TLS)?|Run|Start|Listen)\(\s*|\bAddr:\s*)"(?:0\.0\.0\.0)?:(\d{2,5})"(?!.*\bpromhttp\b)/g;

/** `os.Getenv("PORT")`, and how configuration packages name it. */
const TOLD = /"PORT"|\benv(?:config)?:"PORT\b/;

/** A text that is a port alone: what stands in for a PORT that is not set. */
const ALONE = /"(?:0\.0\.0\.0)?:?(\d{4,5})"/g;

/**
 * The port that the one program of a module says it listens at: as it is written there, or any at all when it takes PORT.
 * Two different ports say nothing, as two of EXPOSE do not.
 */
export function findGoPort(outline: Outline, mains: readonly Found<string>[]): Found<number> | undefined {
  const [main, ...others] = mains;
  if (main === undefined || others.length > 0) return undefined;
  const file = main.from.replace(/ of .*$/, "");
  const text = withoutComments(outline.text(file) ?? "");
  const written = onlyPort(text, [LISTENS]);
  const told = TOLD.test(text);
  if (written !== undefined && !told) return { value: written, from: `${file} listens at :${written}` };
  return told ? { value: onlyPort(text, [ALONE]) ?? USUAL, from: `${file} takes PORT` } : undefined;
}
