import { join } from "node:path";
import { execa } from "execa";
import { type GoProgram, pathOf } from "../go-program.ts";

export const VALIDATOR: GoProgram = {
  folder: join(import.meta.dirname, "program"),
  source: ".",
  name: "validate-pipeline",
};

/** What Concourse's strict reading and its validation have against a pipeline; nothing, when there is nothing. */
export async function validate(text: string): Promise<string> {
  const ran = await execa(pathOf(VALIDATOR), { input: text, reject: false });
  if (ran.exitCode === 0) return "";
  if (ran.stderr === "") throw new Error(`Concourse's validation has ended with ${ran.exitCode} and said nothing`);
  return ran.stderr;
}
