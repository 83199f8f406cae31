import { checkCheckOptions, type Directives, readDirectives } from "./directives.ts";
import type { Argument, Instruction, InstructionOf } from "./instructions.ts";
import { linesOf, readInstructions } from "./lines.ts";
import { parseInstruction } from "./parse-instruction.ts";
import { DockerfileProblem } from "./problem.ts";

/** A FROM and what follows it. */
export interface Stage {
  readonly from: InstructionOf<"from">;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile that was read: nothing of it is evaluated. */
export interface Dockerfile {
  readonly directives: Directives;
  /** ARGs above the first FROM. */
  readonly globalArgs: readonly (Argument & { readonly line: number })[];
  readonly stages: readonly Stage[];
}

/** The frontend that `# syntax=` asks for, in all of the forms in which it may stand. */
export function syntaxOf(text: string): string | undefined {
  try {
    return readDirectives(linesOf(text.replace(/^#![^\n]*\n/, "\n").trimStart())).syntax;
  } catch {
    // What is wrong with it is told when the file is read.
    return undefined;
  }
}

/**
 * Reads a Dockerfile.
 *
 * @throws DockerfileProblem in BuildKit's words, for the first thing that is wrong
 */
export function readDockerfile(text: string): Dockerfile {
  if (text === "") throw new DockerfileProblem("the Dockerfile cannot be empty");
  const lines = linesOf(text);
  const directives = readDirectives(lines);
  if (directives.check !== undefined) checkCheckOptions(directives.check);
  const sources = readInstructions(lines, directives);
  const { escapeSign } = directives;
  const stages: { from: Stage["from"]; instructions: Instruction[] }[] = [];
  const globalArgs: (Argument & { line: number })[] = [];
  for (const source of sources) {
    const instruction = parseInstruction(source, escapeSign);
    const { kind, line } = instruction;
    const stage = stages.at(-1);
    if (kind === "from") stages.push({ from: instruction, instructions: [] });
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (kind === "arg") globalArgs.push(...instruction.args.map((arg) => ({ ...arg, line })));
    else throw new DockerfileProblem("no build stage in current context", line);
  }
  if (stages.length === 0) throw new DockerfileProblem("dockerfile contains no stages to build");
  return { directives, globalArgs, stages };
}
