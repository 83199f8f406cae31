import { dirname, join, resolve } from "node:path";
import { findWorkspace } from "../../api/workspace-view.ts";
import { isThere } from "../../store/import.ts";
import { findCommand } from "../commands.ts";
import { type Run, writeOut } from "../console.ts";
import type { Engine, OpenEngine } from "../engine.ts";
import { lookAtMachine, tellMachine } from "../machine.ts";
import { findOwnModule } from "../own-module.ts";
import { type Invocation, runWithEngine } from "../run-with-engine.ts";
import { callCommand, runCall } from "./call.ts";

type Given = Pick<Invocation, "flags" | "console">;

const NOTHING_WRITTEN = "\nNothing was written.\n";

/**
 * `init`: shows what Slipway's own module proposes for the caller's repository, writes it, and shows what comes next.
 *
 * @returns the exit code
 */
export async function initRepository(open: OpenEngine, dryRun: boolean, given: Given): Promise<number> {
  return await runOwnModule(open, [], given, async (engine, run) => {
    const call = callCommand("call", given.flags, false);
    const show = async (part: string) => await runCall(engine, run, call, ["proposal", part]);
    await show("report");
    if (dryRun) return await writeOut(run.console.stdout, NOTHING_WRITTEN);
    // What is written has been told already.
    await runCall(engine, { ...run, note: () => {} }, call, ["proposal", "changes"]);
    await show("next");
  });
}

/**
 * `doctor`: what there is to say of this machine, and what Slipway's own module says of the caller's repository.
 *
 * @returns the exit code: 0 when nothing is missing
 */
export async function examineRepository(open: OpenEngine, given: Given): Promise<number> {
  const { report, isMissing } = tellMachine(lookAtMachine(given.console.env));
  await writeOut(given.console.stdout, report);
  const code = await runOwnModule(open, ["doctor"], given);
  return isMissing ? 1 : code;
}

/** Calls Slipway's own module at the top of the caller's repository. */
async function runOwnModule(
  open: OpenEngine,
  words: readonly string[],
  { flags, console }: Given,
  action?: (engine: Engine, run: Run) => Promise<void>,
): Promise<number> {
  const command = findCommand("call");
  if (command === undefined) throw new Error("there is no command call");
  const { options } = flags;
  const folder = resolve(console.cwd, options.workdir ?? ".");
  const cwd = findTop(folder);
  if (cwd !== folder && !options.silent)
    console.stderr.write(`this folder is not the top of the repository: the report is about ${cwd}\n`);
  options.moduleRef = findOwnModule();
  options.workdir = undefined;
  // Where the person is, and not at the top.
  if (options.trace !== "") options.trace = resolve(console.cwd, options.trace);
  options.autoApply = true;
  const more = action === undefined ? {} : { action };
  return await runWithEngine(open, { command, words, flags, help: false, console: { ...console, cwd }, ...more });
}

/** The folder that Slipway takes for the top of the repository: that of the nearest slipway.yaml, or the top of the checkout. */
function findTop(folder: string): string {
  const { root } = findWorkspace(folder);
  for (let top = folder; top !== root; top = dirname(top)) {
    if (isThere("/", join(top, "slipway.yaml"))) return top;
  }
  return root;
}
