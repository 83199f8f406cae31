import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { readNot } from "../chosen-tests.ts";
import { type CommandStep, type Page, readPage } from "./read-page.ts";
import { whyTooOpen } from "./shown-output.ts";

/** Every page that a test runs, read. @param folder the checkout */
export function readPages(folder = "."): Page[] {
  const inDocs = readdirSync(join(folder, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.startsWith("decisions"))
    .map((path) => join("docs", path));
  return ["README.md", ...inDocs.sort()].map((path) => readPage(path, readFileSync(join(folder, path), "utf8")));
}

/**
 * The pages of group `quick`: those that a stranger opens first, without a cluster and without this repository's own tests. About
 * five minutes on two quiet cores.
 */
const QUICK: readonly string[] = [
  "manifests",
  "terminal",
  "how-to/add-a-check",
  "how-to/any-language",
  "how-to/debug-a-failed-step",
  "how-to/from-github-actions",
  "how-to/go",
  "how-to/node",
];

/**
 * Paths of the pages that are meant by `words`: a path, a name such as `tutorial`, or a group, `quick` or `cluster`; all without
 * words. `not:WORD` leaves them out.
 *
 * @throws Error for a word that is neither a page nor a group
 */
export function choosePages(words: readonly string[], folder = "."): string[] {
  const pages = readPages(folder);
  const groups = new Map([
    ["quick", QUICK],
    ["cluster", pages.filter(({ cluster }) => cluster).map(({ path }) => nameOf(path))],
  ]);
  const meant = (word: string) => groups.get(word) ?? [nameOf(word)];
  const chosen = readNot(words);
  const [wanted, unwanted] = [chosen.wanted.flatMap(meant), chosen.unwanted.flatMap(meant)];
  const names = pages.map(({ path }) => nameOf(path));
  const unknown = [...wanted, ...unwanted].filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `no page ${unknown.join(", ")}; there are: ${names.join(", ")}; and the groups ${[...groups.keys()].join(", ")}`,
    );
  return pages
    .map(({ path }) => path)
    .filter((path) => wanted.length === 0 || wanted.includes(nameOf(path)))
    .filter((path) => !unwanted.includes(nameOf(path)));
}

/** Its path below docs/ without the ending. docs/README.md keeps its folder: README is that at the top. */
function nameOf(path: string): string {
  return path.replace(/^docs\/(?!README\.md$)/, "").replace(/\.md$/, "");
}

/** Commands of pages that no test runs: page, command, reason. A reason alone is one for the whole page. */
export type NotRun = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

const reasonSchema = z.string().min(10);
const listSchema = z.record(z.string(), z.union([reasonSchema, z.record(z.string(), reasonSchema)]));

/** Reads tests/docs/not-run.yaml. */
export function readNotRun(text: string): NotRun {
  const list = listSchema.parse(parse(text) ?? {});
  const read = (reasons: string | Record<string, string>) =>
    typeof reasons === "string" ? reasons : new Map(Object.entries(reasons));
  return new Map(Object.entries(list).map(([page, reasons]) => [page, read(reasons)]));
}

/** Why a command is not run; `undefined` when it is. */
export function whyNotRun(list: NotRun, page: Page, command: Pick<CommandStep, "text">): string | undefined {
  const reasons = list.get(page.path);
  return typeof reasons === "string" ? reasons : reasons?.get(command.text);
}

/**
 * What is wrong with pages and list together, a line each: what a page has that is not understood, output that could be any,
 * and what stands in the list but on no page.
 */
export function findProblems(pages: readonly Page[], list: NotRun): string[] {
  const run = pages.filter(({ path }) => typeof list.get(path) !== "string");
  return [...run.flatMap((page) => findProblemsOf(page, list)), ...findUnused(pages, list)];
}

function findProblemsOf(page: Page, list: NotRun): string[] {
  const open = commandsOf(page).flatMap((command) => {
    const problem = whyNotRun(list, page, command) === undefined ? whyTooOpen(command.shown) : undefined;
    return problem === undefined ? [] : [`${page.path}:${command.line}: ${problem}`];
  });
  return [...page.problems, ...open];
}

function findUnused(pages: readonly Page[], list: NotRun): string[] {
  return [...list].flatMap(([path, reasons]) => {
    const page = pages.find((one) => one.path === path);
    if (typeof reasons === "string")
      return page === undefined ? [`tests/docs/not-run.yaml: there is no page ${path}`] : [];
    const commands = page === undefined ? [] : commandsOf(page).map(({ text }) => text);
    const unused = [...reasons.keys()].filter((command) => !commands.includes(command));
    return unused.map((command) => `tests/docs/not-run.yaml: ${path} has no command ${command}`);
  });
}

export function commandsOf(page: Page): CommandStep[] {
  return page.steps.filter((step) => step.kind === "command");
}
