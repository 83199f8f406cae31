import { contentOf, heredocOf } from "./heredoc.ts";
import type { RunInstruction } from "./instructions.ts";
import { DockerfileProblem } from "./problem.ts";

/** What a RUN runs, its here-documents put in. */
export interface RunScript {
  readonly words: readonly string[];
  readonly script: { readonly name: string; readonly content: string } | undefined;
}

/**
 * Here-documents of a RUN: a single one is the script (a program of its own when it begins with `#!`), others are for the
 * shell to read.
 */
export function scriptOf({ command, heredocs }: RunInstruction): RunScript {
  const { words, isJson } = command;
  const [first] = heredocs;
  if (first === undefined) return { words, script: undefined };
  const [line] = words;
  if (line === undefined || words.length > 1 || isJson) {
    throw new DockerfileProblem(`parsing produced an invalid run command: [${words.join(" ")}]`);
  }
  if (heredocOf(line) === undefined) {
    return { words: [line + heredocs.map(({ content, name }) => `\n${content}${name}`).join("")], script: undefined };
  }
  if (!first.content.startsWith("#!")) return { words: [contentOf(first)], script: undefined };
  return { words: [`/dev/pipes/${first.name}`], script: { name: first.name, content: contentOf(first) } };
}
