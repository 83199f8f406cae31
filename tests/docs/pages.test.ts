/**
 * Runs the commands of the pages, each page in a fresh folder, and compares what they print with what the page shows.
 * `SLIPWAY_DOCS_PAGES` names some pages; without it all are run. With `SLIPWAY_DOCS_SHOW` it shows what all commands print.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import { commandsOf, readNotRun, readPages, whyNotRun } from "./pages.ts";
import type { CommandStep, Page } from "./read-page.ts";
import type { Shell } from "./shell.ts";
import { findDifference } from "./shown-output.ts";
import { Stand, writeShown } from "./stand.ts";

const documents = suite("the commands of the documents");

const notRun = readNotRun(readFileSync("tests/docs/not-run.yaml", "utf8"));
const wanted = (process.env["SLIPWAY_DOCS_PAGES"] ?? "").split(" ").filter(Boolean);
const isShowing = (process.env["SLIPWAY_DOCS_SHOW"] ?? "") !== "";
const stand = new Stand();

/** A line for each page that was run. */
const reports: string[] = [];

documents.after(async () => {
  await stand.close();
  console.log(`\nPages:\n${reports.join("\n")}`);
});

function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1);
}

function show(output: string): void {
  if (isShowing) console.log(output.trimEnd());
}

/** @param opened when the first command of the page could be typed */
async function runCommand(shell: Shell, page: Page, step: CommandStep, opened: number): Promise<void> {
  const where = `${page.path}:${step.line}: ${step.text}`;
  if (step.stays) return show(await shell.stay(step.text, step.shown));
  const { code, output, said, seconds } = await shell.run(step.text);
  console.log(
    `  ${seconds.toFixed(1).padStart(6)} s, at ${secondsSince(opened)} s  ${page.path}:${step.line}  ${step.text.split("\n")[0]}`,
  );
  show(output);
  if ((code !== 0) !== step.fails) throw new Error(`${where}\nended with ${code}\n${said}`);
  const difference = step.shown.length === 0 ? undefined : findDifference(step.shown, output);
  if (difference !== undefined) throw new Error(`${where}\n${difference}`);
}

for (const page of readPages()) {
  const toRun = commandsOf(page).filter((step) => whyNotRun(notRun, page, step) === undefined);
  if (toRun.length === 0 || (wanted.length > 0 && !wanted.includes(page.path))) continue;
  documents(`${page.path} prints what it shows`, async () => {
    const reason = stand.whyNot(page);
    if (reason !== undefined) throw new Error(`${page.path} cannot be run here: ${reason}`);
    const begun = performance.now();
    const reached: string[] = [];
    const report = (how: string) => {
      const seconds = secondsSince(begun);
      reports.push(`${seconds.padStart(8)} s  ${how}  ${page.path} (${toRun.length} commands)`, ...reached);
    };
    const { shell, folder, close } = await stand.open(page);
    const opened = performance.now();
    try {
      for (const step of page.steps) {
        if (step.kind === "file") writeShown(folder, step.path, step.text);
        else if (step.kind === "clock") reached.push(`${secondsSince(opened).padStart(8)} s  until ${step.reached}`);
        else if (toRun.includes(step)) await runCommand(shell, page, step, opened);
      }
      report("as shown");
    } catch (error) {
      report("DIFFERS ");
      throw error;
    } finally {
      await close();
    }
  });
}

documents.run();
