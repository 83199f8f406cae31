import { resolve } from "node:path";
import { findWorkspace } from "../../api/workspace-view.ts";
import { findCommand } from "../commands.ts";
import type { OpenEngine } from "../engine.ts";
import type { CommonFlags } from "../global-flags.ts";
import { findOwnModule } from "../own-module.ts";
import { type Invocation, runWithEngine } from "../run-with-engine.ts";

/** What `init` and `doctor` are asked with. */
export interface Start {
  readonly flags: CommonFlags;
  readonly console: Invocation["console"];
  /** Nothing is written. */
  readonly dryRun: boolean;
}

/**
 * `init`: shows what Slipway's own module would write into the caller's repository, and has it written.
 *
 * @returns the exit code
 */
export async function runInit(open: OpenEngine, start: Start): Promise<number> {
  start.flags.options.autoApply = true;
  return await callOwn(open, start, ["init", ...(start.dryRun ? ["--dry-run"] : [])]);
}

/** `doctor`: says what would run in the caller's repository, and what is missing. */
export async function runDoctor(open: OpenEngine, start: Start): Promise<number> {
  return await callOwn(open, start, ["doctor"]);
}

/** Calls a function of Slipway's own module at the top of the caller's repository, where changes are written. */
async function callOwn(open: OpenEngine, { flags, console }: Start, words: readonly string[]): Promise<number> {
  const command = findCommand("call");
  if (command === undefined) throw new Error("there is no command call");
  flags.options.moduleRef = findOwnModule();
  const cwd = findWorkspace(resolve(console.cwd, flags.options.workdir ?? ".")).root;
  flags.options.workdir = undefined;
  return await runWithEngine(open, { command, words, flags, help: false, console: { ...console, cwd } });
}
