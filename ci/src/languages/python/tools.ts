import { dirname } from "node:path/posix";
import type { TomlValue } from "../../input/toml.ts";
import { listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import type { Command, Found } from "../language.ts";
import { findUse, listRuns, type Run, splitLines } from "../runs.ts";
import { type Pyproject, tableAt, valueAt } from "./pyproject.ts";

/** A tool that looks at sources. */
interface Tool {
  /** The package, as PEP 503 compares names. */
  readonly name: string;
  /** Its table in pyproject.toml below `tool`. */
  readonly table: string;
  /** Its files beside pyproject.toml, and its section in setup.cfg or tox.ini. */
  readonly files: readonly string[];
  readonly section?: string;
  /** The program as people write it, with its first word where it has several. */
  readonly program: RegExp;
  readonly command: Command;
  /** What it looks at when people do not say it. */
  readonly all: readonly string[];
  /** Only looks at the form: a table in pyproject.toml says how it is, and not that the sources have it. */
  readonly form?: true;
}

const TOOLS: readonly Tool[] = [
  {
    name: "ruff",
    table: "ruff",
    files: ["ruff.toml", ".ruff.toml"],
    program: /^ruff(?: check(?=\s|$)| (?!(?:format|clean|rule|config|linter|server|version|help)\b|-)(?=\S))/,
    command: ["ruff", "check"],
    all: ["."],
  },
  {
    name: "flake8",
    table: "flake8",
    files: [".flake8"],
    section: "flake8",
    program: /^flake8(?=\s|$)/,
    command: ["flake8"],
    all: [],
  },
  {
    name: "black",
    table: "black",
    files: [],
    program: /^black(?=\s|$)/,
    command: ["black", "--check"],
    all: ["."],
    form: true,
  },
  {
    name: "isort",
    table: "isort",
    files: [".isort.cfg"],
    section: "isort",
    program: /^isort(?=\s|$)/,
    command: ["isort", "--check"],
    all: ["."],
    form: true,
  },
  {
    name: "mypy",
    table: "mypy",
    files: ["mypy.ini", ".mypy.ini"],
    section: "mypy",
    program: /^mypy(?=\s|$)/,
    command: ["mypy"],
    all: [],
  },
  {
    name: "pyright",
    table: "pyright",
    files: ["pyrightconfig.json"],
    program: /^pyright(?=\s|$)/,
    command: ["pyright"],
    all: [],
  },
  {
    name: "ruff",
    table: "ruff.format",
    files: [],
    program: /^ruff format(?=\s|$)/,
    command: ["ruff", "format", "--check"],
    all: ["."],
    form: true,
  },
];

/** Programs that check a project; where people run some of them, they do not run the others. */
const CHECKS = /^(?:ruff|flake8|black|isort|mypy|pyright|pylint|pytest|unittest|tox|nox|pre-commit)\b/;

/** What was found out about the tools of a project. */
interface Looks {
  readonly lint: readonly Found<Command>[];
  readonly remarks: readonly string[];
}

/** The tools among the packages of a project that its people run, or that it is configured for. */
export function listTools(outline: Outline, path: string, pyproject: Pyproject, names: ReadonlySet<string>): Looks {
  const runs = [...listRuns(outline, path), ...listTasks(pyproject)];
  const looks = TOOLS.map((tool) => lookAtTool(outline, path, pyproject, names, runs, tool));
  return { lint: looks.flatMap(({ lint }) => lint), remarks: looks.flatMap(({ remarks }) => remarks) };
}

/** Whether a tool is run, how, and what a person should know when it is not. */
function lookAtTool(
  outline: Outline,
  path: string,
  pyproject: Pyproject,
  names: ReadonlySet<string>,
  runs: readonly Run[],
  tool: Tool,
): Looks {
  const from = findConfiguration(outline, path, pyproject, tool);
  if (!names.has(tool.name)) {
    const isTold = from !== undefined && !tool.table.includes(".");
    return {
      lint: [],
      remarks: isTold ? [`${from} configures ${tool.name}, which is not among the packages: it is not run`] : [],
    };
  }
  const usual = complete(outline, path, pyproject, tool);
  const use = findUse(runs, tool.program, path);
  if (use !== undefined) {
    const value = use.words === undefined ? usual : [...tool.command, ...use.words];
    return { lint: [{ value, from: use.from }], remarks: [] };
  }
  if (from === undefined) return { lint: [], remarks: [] };
  if (tool.form !== true && !runs.some(({ line }) => CHECKS.test(line)))
    return { lint: [{ value: usual, from }], remarks: [] };
  const line = usual.join(" ");
  return {
    lint: [],
    remarks: [
      `${from} configures ${tool.name}, and nothing runs \`${line}\`: if it is a check, \`checks: { ${tool.form ? "format" : tool.name}: { run: ${line} } }\``,
    ],
  };
}

function findConfiguration(outline: Outline, path: string, pyproject: Pyproject, tool: Tool): string | undefined {
  if (tableAt(pyproject, "tool", ...tool.table.split(".")) !== undefined) return `${pyproject.path} tool.${tool.table}`;
  const file = listFolder(outline, path).find((name) => tool.files.includes(name));
  if (file !== undefined || tool.section === undefined) return file === undefined ? undefined : pathIn(path, file);
  const shared = ["setup.cfg", "tox.ini"].map((name) => pathIn(path, name));
  const from = shared.find((name) => (outline.text(name) ?? "").includes(`[${tool.section}]`));
  return from === undefined ? undefined : `${from} [${tool.section}]`;
}

/** mypy needs to be told what to check, unless its configuration says so. */
function complete(outline: Outline, path: string, pyproject: Pyproject, { name, command, all }: Tool): Command {
  if (name !== "mypy") return [...command, ...all];
  const own = tableAt(pyproject, "tool", "mypy") ?? {};
  if (own["files"] !== undefined || own["packages"] !== undefined || own["modules"] !== undefined) return command;
  return [...command, listFolder(outline, path).includes("src") ? "src" : "."];
}

/** Where programs that run tasks have them in pyproject.toml. */
const TASKS: readonly (readonly string[])[] = [
  ["poe", "tasks"],
  ["taskipy", "tasks"],
  ["pdm", "scripts"],
  ["rye", "scripts"],
  ["hatch", "envs"],
];

/** The command lines of the tasks in pyproject.toml. */
function listTasks(pyproject: Pyproject): Run[] {
  const folder = dirname(pyproject.path);
  return TASKS.flatMap((keys) => {
    const from = `${pyproject.path} tool.${keys.join(".")}`;
    return listTexts(valueAt(pyproject, "tool", ...keys))
      .flatMap(splitLines)
      .map((line) => ({ line, from, folder }));
  });
}

/** All texts in a value, but for what packages an environment has. */
function listTexts(value: TomlValue | undefined): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(listTexts);
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, one]) => (/dependencies|features/.test(key) ? [] : listTexts(one)));
}
