import { createInterface } from "node:readline/promises";
import type { Run } from "../console.ts";
import type { Engine, Handle } from "../engine.ts";
import { green, red, wantsColour, yellow } from "../terminal.ts";

/**
 * Applies sets of changes to the caller's folder: with `-y` at once, else after asking.
 *
 * @throws Error when it would have to ask and there is no terminal
 */
export async function applyChanges(engine: Engine, run: Run, changesets: readonly Handle[]): Promise<void> {
  const wanted: Handle[] = [];
  for (const changes of changesets) {
    if ((await engine.select(changes, "isEmpty", {})) !== true) wanted.push(changes);
  }
  if (wanted.length === 0) {
    run.note("no changes to apply");
    return;
  }
  if (!run.options.autoApply) {
    const { stdin, stderr } = run.console;
    const summary = await summaryOf(engine, wanted, wantsColour(stderr, run.console.env));
    if (stdin.isTTY !== true || stderr.isTTY !== true) {
      run.note(summary);
      throw new Error(
        "the changes were not applied, because there is no terminal to ask: apply them with -y, or save them with -o FOLDER",
      );
    }
    run.renderer.finish(false);
    const prompt = createInterface({ input: stdin, output: process.stderr });
    const answer = await prompt.question(`${summary}\nApply these changes? [y/N] `);
    prompt.close();
    if (!/^y(es)?$/i.test(answer.trim())) return;
  }
  for (const changes of wanted) await engine.select(changes, "export", { path: "." });
}

async function summaryOf(engine: Engine, changesets: readonly Handle[], colour: boolean): Promise<string> {
  const lines: string[] = [];
  for (const changes of changesets) {
    const paths = async (field: string) => (await engine.select(changes, field, {})) as readonly string[];
    lines.push(
      ...(await paths("addedPaths")).map((path) => green(`+ ${path}`, colour)),
      ...(await paths("modifiedPaths")).map((path) => yellow(`~ ${path}`, colour)),
      ...(await paths("removedPaths")).map((path) => red(`- ${path}`, colour)),
    );
  }
  return lines.join("\n");
}
