import { parse } from "yaml";
import { z } from "zod";
import { readOnce } from "../repository/once.ts";
import { foldersUp, type Outline, pathIn } from "../repository/outline.ts";

/** A command line that the people of a repository run by other means than Slipway, and what says so. */
export interface Run {
  /** The program and what follows it: "ruff check src". */
  readonly line: string;
  readonly from: string;
  /** The folder of the file that says so, which the paths in it begin at as a rule. */
  readonly folder: string;
}

/** Files in which people write what is run: for CI, in hooks of git, for make and the like. */
const FILES =
  /^(?:\.gitlab-ci\.yml|\.travis\.yml|azure-pipelines\.yml|bitbucket-pipelines\.yml|lefthook\.ya?ml|[Jj]ustfile|Makefile|Taskfile\.ya?ml|noxfile\.py|tox\.ini|\.pre-commit-config\.ya?ml)$/;
const FOLDERS = [".github/workflows", ".circleci", ".husky", "scripts"];

/** The command lines in the files of a project's folder and of those above it. */
export function listRuns(outline: Outline, path: string): readonly Run[] {
  return foldersUp(path).flatMap((folder) => readFolder(outline, folder));
}

const readFolder = readOnce((outline, folder): readonly Run[] => {
  const names = [...(outline.folders.get(folder) ?? [])].filter((name) => FILES.test(name));
  const inside = FOLDERS.flatMap((one) =>
    [...(outline.folders.get(pathIn(folder, one)) ?? [])].map((name) => `${one}/${name}`),
  );
  return [...names, ...inside]
    .map((name) => pathIn(folder, name))
    .filter((from) => outline.told.has(from))
    .flatMap((from) => listLines(from, outline.text(from) ?? "").map((line) => ({ line, from, folder })));
});

function listLines(from: string, text: string): string[] {
  if (/\.pre-commit-config\.ya?ml$/.test(from)) return listHooks(text);
  if (from.endsWith("tox.ini")) return splitLines(listToxCommands(text));
  if (from.endsWith("noxfile.py")) return [...text.matchAll(SESSION_RUN)].map(([, words = ""]) => unquote(words));
  return splitLines(text);
}

/** `session.run("ruff", "check", "src")`. */
const SESSION_RUN = /\bsession\.run\(\s*((?:[^()]|\([^()]*\))*)\)/g;

function unquote(words: string): string {
  const plain = words.replace(/,\s*\w+\s*=[\s\S]*$/, "");
  return [...plain.matchAll(/["']([^"'\n]*)["']/g)].map(([, word]) => word).join(" ");
}

const hooks = z
  .object({
    repos: z.array(
      z.object({
        hooks: z.array(
          z.object({
            id: z.string(),
            entry: z.string().optional().catch(undefined),
            stages: z.array(z.string()).catch([]),
          }),
        ),
      }),
    ),
  })
  .catch({ repos: [] });

/** What hooks run whose name is not that of the program. */
const RUN_BY_HOOKS: Readonly<Record<string, string>> = {
  ruff: "ruff check",
  "ruff-check": "ruff check",
  "ruff-format": "ruff format",
  "biome-check": "biome check",
  "biome-ci": "biome ci",
  "biome-lint": "biome lint",
};

function listHooks(text: string): string[] {
  let read: unknown;
  try {
    read = parse(text);
  } catch {
    return [];
  }
  const all = hooks.parse(read).repos.flatMap((repository) => repository.hooks);
  return all
    .filter(({ stages }) => stages.join() !== "manual")
    .flatMap(({ id, entry }) => (entry === undefined ? [RUN_BY_HOOKS[id] ?? id] : splitLines(entry)));
}

/** The values of `commands` in all sections: what stands in `deps` is not run. */
function listToxCommands(text: string): string {
  const values = text.matchAll(/^commands(?:_pre|_post)?[ \t]*=(.*(?:\n(?:[ \t]+.*|[ \t]*(?=\n[ \t])))*)/gm);
  return [...values].map(([, value]) => value).join("\n");
}

/** What may stand before a program in a file of CI or of make. */
const BEFORE =
  /^(?:[-@+\s]|(?:run|script|entry|command|cmd):\s*\|?|["'`([]|[A-Z_]+=\S*\s|(?:uv|uvx|poetry|pdm|pipenv|hatch|rye)\s+run\s+(?:--?[\w-]+(?:=\S+)?\s+)*|python3?\s+-m\s+|coverage\s+run\s+(?:-\S+\s+)*?-m\s+|(?:npx|pnpx|uvx|npm exec|pnpm exec|yarn exec|pnpm|yarn|bunx)\s+(?:--?[\w-]+\s+)*|time\s+|docker[ -]compose\s+(?:run|exec)\s+(?:-\S+\s+)*[\w-]+\s+|bash -c\s+)/;

/** The commands of a text, each from its program on. One that may fail is none. */
export function splitLines(text: string): string[] {
  return text
    .replace(/\\\r?\n\s*/g, " ")
    .split(/\r?\n/)
    .filter((line) => !/\|\|\s*(?:true|:|exit 0)\b|--exit-zero\b|^\s*-\w+\s/.test(line))
    .map((line) => line.replace(/(?:^|\s)#.*$/, ""))
    .flatMap((line) => line.split(/&&|\|\||;|\|(?=\s)/))
    .map(fromProgram)
    .filter((line) => line !== "");
}

function fromProgram(line: string): string {
  let rest = line.trim();
  for (let match = BEFORE.exec(rest); match !== null && match[0] !== ""; match = BEFORE.exec(rest))
    rest = rest.slice(match[0].length).trimStart();
  return rest.replace(/["'`)\]]+$/, "").trim();
}

/** Options that mend, or that only say how it is told. */
const DROPPED =
  /^(?:--(?:check|check-only|fix|fix-only|unsafe-fixes|write|show-fixes|diff|watch|color|statistics|count|cache)|--(?:output-format|format|report)=\S*|-q|-v)$/;

/** How people run a program. */
interface Use {
  /** The program as they write it the first time: "biome check". */
  readonly program: string;
  readonly from: string;
  /** The words behind it, so that a check looks at what they look at; undefined when none can be taken over. */
  readonly words: readonly string[] | undefined;
}

/** How people run a program in a project; undefined when they do not. */
export function findUse(runs: readonly Run[], program: RegExp, path: string): Use | undefined {
  const uses = runs.flatMap((run) => {
    const written = program.exec(run.line)?.[0];
    return written === undefined ? [] : [{ run, program: written }];
  });
  const [first] = uses;
  if (first === undefined) return undefined;
  const words = uses.map((use) => wordsBehind(use.run, use.program, path)).find((some) => some !== undefined);
  return { program: first.program, from: first.run.from, words };
}

/** Undefined when the words can only be had by a shell, or by a file in another folder. */
function wordsBehind(run: Run, program: string, path: string): readonly string[] | undefined {
  if (run.folder !== path) return undefined;
  const rest = run.line.slice(program.length).trim();
  if (/[$`{}<>*()"'\\|]/.test(rest)) return undefined;
  const words = rest.split(/\s+/).filter((word) => word !== "" && !DROPPED.test(word));
  return words.some((word) => !word.startsWith("-")) ? words : undefined;
}
