import type { Found } from "../language.ts";
import { listPorts, onlyPort } from "../source-text.ts";

/** Where programs of Go take their port when they are told none. */
const USUAL = 8080;

/** `http.ListenAndServe(":8080"`, `Addr: ":8080"`, and how gin, echo and fiber say it. Loopback answers nobody else. */
const LISTENS =
  /(?:\b(?:ListenAndServe(?:TLS)?|Run|Start|Listen)\(\s*|\bAddr:\s*|\bnet\.Listen\(\s*"tcp4?",\s*)"(?:0\.0\.0\.0)?:(\d{2,5})"(?!.*\bpromhttp\b)/g;

/**
 * A flag for the port or the address with what stands in for it: `flag.Int("port", 9000, …`, `flags.StringVar(&addr, "listen",
 * ":8080", …`, `IntP("port", "p", 8080, …`. Flags for other ports have more in their names.
 */
const FLAG =
  /\b(?:Int|String|Uint|Uint16)(?:Var)?P?\(\s*(?:&?[\w.]+,\s*)?"(?:http[-_.]?|web[-_.]?|server[-_.]?|listen[-_.]?|bind[-_.]?)?(?:port|addr|address|listen|listen-address|bind)",\s*(?:"\w",\s*)?(?:"(?:0\.0\.0\.0)?:?(\d{2,5})"|(\d{2,5})\s*,)/g;

/** `os.Getenv("PORT")`, and how configuration packages name it. */
const TOLD = /"PORT"|\benv(?:config)?:"PORT\b/;

/** A text that is a port alone: what stands in for a PORT that is not set. */
const ALONE = /"(?:0\.0\.0\.0)?:?(\d{4,5})"/g;

/**
 * The port that a program says it listens at: as it is written there, or any at all when it takes PORT. Two different
 * ports say nothing, as two of EXPOSE do not.
 *
 * @param text of its sources, without comments
 */
export function findGoPort(file: string, text: string): Found<number> | undefined {
  if (TOLD.test(text)) return { value: onlyPort(text, [ALONE]) ?? USUAL, from: `${file} takes PORT` };
  const written = onlyPort(text, [LISTENS]);
  if (written !== undefined) return { value: written, from: `${file} listens at :${written}` };
  const flagged = listPorts(text, [LISTENS]).size === 0 ? onlyPort(text, [FLAG]) : undefined;
  return flagged === undefined ? undefined : { value: flagged, from: `${file} listens at :${flagged} by a flag` };
}
