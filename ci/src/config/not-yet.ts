import { about, type Problem } from "../input/problems.ts";
import { memberOf, membersOf } from "./members.ts";

/**
 * What the file can say and the pipeline does not carry out yet. It is refused, because a setting that is passed over is
 * worse than one that is missing. Each goes from here with the change that carries it out.
 */
export function listNotYet(data: unknown): Problem[] {
  const told: Problem[] = [];
  const refuse = (path: readonly string[], what: string) => told.push(about(path, `cannot be used yet: ${what}`, true));
  for (const [ring, rules] of membersOf(memberOf(data, "rings"))) {
    const at = ["rings", ring];
    if (memberOf(rules, "strategy") === "rolling") refuse([...at, "strategy"], "expected blue-green");
  }
  return told;
}
