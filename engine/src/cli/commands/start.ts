import { resolve } from "node:path";
import { findWorkspace } from "../../api/workspace-view.ts";
import { findCommand } from "../commands.ts";
import type { OpenEngine } from "../engine.ts";
import { findOwnModule } from "../own-module.ts";
import { type Invocation, runWithEngine } from "../run-with-engine.ts";

/**
 * `init` and `doctor`: calls a function of Slipway's own module at the top of the caller's repository. What it changes there
 * is shown and written.
 *
 * @param words the function and its flags
 * @returns the exit code
 */
export async function callOwnModule(
  open: OpenEngine,
  words: readonly string[],
  { flags, console }: Pick<Invocation, "flags" | "console">,
): Promise<number> {
  const command = findCommand("call");
  if (command === undefined) throw new Error("there is no command call");
  const { options } = flags;
  const cwd = findWorkspace(resolve(console.cwd, options.workdir ?? ".")).root;
  options.moduleRef = findOwnModule();
  options.workdir = undefined;
  options.autoApply = true;
  return await runWithEngine(open, { command, words, flags, help: false, console: { ...console, cwd } });
}
