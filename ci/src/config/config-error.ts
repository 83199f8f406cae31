import { markCode, SlipwayError } from "../account.ts";
import { type Problem, tellProblem } from "../input/problems.ts";
import type { ConfigText, Place } from "./text.ts";

/** Every problem of a file, one a line with its line and column, in the order of the file. */
export function refuseFile(read: ConfigText, values: readonly Problem[]): SlipwayError {
  // What the text itself has wrong would be told again as something that is missing, or of another kind.
  const known = (problem: Problem) =>
    read.problems.some(({ path }) => path.every((key, at) => problem.path[at] === key));
  const placed = values
    .filter((problem) => !known(problem))
    .map((problem) => ({ ...problem, ...read.find(problem.path, problem.aboutKey ?? false) }));
  const ordered: readonly (Problem & Place)[] = [...read.problems, ...placed].toSorted(
    (left, right) => left.line - right.line || left.column - right.column,
  );
  const lines = ordered.map((problem) => `  ${problem.line}:${problem.column} ${tellProblem(problem)}`);
  return new SlipwayError("bad-config", tellList("slipway.yaml cannot be used:", lines));
}

/** What is missing where there is no file that could say it. */
export function refuseWithoutFile(problems: readonly Problem[]): SlipwayError {
  const lines = problems.map((problem) => `  ${tellProblem(problem)}`);
  const head = "what was found in this repository is not enough; write slipway.yaml at its top with what is missing:";
  return new SlipwayError("bad-config", tellList(head, lines));
}

function tellList(head: string, lines: readonly string[]): string {
  return [markCode(head, "bad-config"), ...new Set(lines)].join("\n");
}
