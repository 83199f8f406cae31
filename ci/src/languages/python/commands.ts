import { dirname } from "node:path/posix";
import { hasFile, isBelow, listFolder, type Outline, pathBelow, pathIn } from "../../repository/outline.ts";
import { TEST_FILE } from "../../repository/python-tests.ts";
import type { Command, Found, Project } from "../language.ts";
import { type Pyproject, tableAt } from "./pyproject.ts";

/** A tool that a project has configured, and that is among its packages. */
interface Tool {
  /** The package, as PEP 503 compares names. */
  readonly name: string;
  /** Its table in pyproject.toml below `tool`. */
  readonly table: string;
  /** Its files beside pyproject.toml, and its section in setup.cfg or tox.ini. */
  readonly files: readonly string[];
  readonly section?: string;
  readonly command: Command;
}

const LINTERS: readonly Tool[] = [
  { name: "ruff", table: "ruff", files: ["ruff.toml", ".ruff.toml"], command: ["ruff", "check", "."] },
  { name: "flake8", table: "flake8", files: [".flake8"], section: "flake8", command: ["flake8"] },
  { name: "black", table: "black", files: [], command: ["black", "--check", "."] },
  { name: "isort", table: "isort", files: [".isort.cfg"], section: "isort", command: ["isort", "--check", "."] },
];

const TYPES: readonly Tool[] = [
  { name: "mypy", table: "mypy", files: ["mypy.ini", ".mypy.ini"], section: "mypy", command: ["mypy"] },
  { name: "pyright", table: "pyright", files: ["pyrightconfig.json"], command: ["pyright"] },
];

/** The commands that a project is configured for, by tools that are among its packages. */
export function listPythonCommands(
  outline: Outline,
  path: string,
  pyproject: Pyproject,
  names: ReadonlySet<string>,
): { commands: Project["commands"]; remarks: readonly string[] } {
  const configured = [...LINTERS, ...TYPES].flatMap((tool) => {
    const from = findConfiguration(outline, path, pyproject, tool);
    return from === undefined ? [] : [{ tool, from }];
  });
  const lint = configured
    .filter(({ tool }) => names.has(tool.name))
    .map(({ tool, from }) => ({ value: complete(outline, path, pyproject, tool), from }));
  const format = formatOf(pyproject, names);
  const missing = configured.filter(({ tool }) => !names.has(tool.name));
  const tests = listTests(outline, path, names);
  const lists = { lint: [...lint, ...format], ...tests.commands };
  return {
    commands: Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    remarks: [
      ...missing.map(
        ({ tool, from }) => `${from} configures ${tool.name}, which is not among the packages: it is not run`,
      ),
      ...tests.remarks,
    ],
  };
}

function findConfiguration(outline: Outline, path: string, pyproject: Pyproject, tool: Tool): string | undefined {
  if (tableAt(pyproject, "tool", tool.table) !== undefined) return `${pyproject.path} tool.${tool.table}`;
  const file = listFolder(outline, path).find((name) => tool.files.includes(name));
  if (file !== undefined || tool.section === undefined) return file === undefined ? undefined : pathIn(path, file);
  const shared = ["setup.cfg", "tox.ini"].map((name) => pathIn(path, name));
  const from = shared.find((name) => (outline.text(name) ?? "").includes(`[${tool.section}]`));
  return from === undefined ? undefined : `${from} [${tool.section}]`;
}

/** mypy needs to be told what to check, unless its configuration says so. */
function complete(outline: Outline, path: string, pyproject: Pyproject, { name, command }: Tool): Command {
  if (name !== "mypy") return command;
  const own = tableAt(pyproject, "tool", "mypy") ?? {};
  if (own["files"] !== undefined || own["packages"] !== undefined || own["modules"] !== undefined) return command;
  return [...command, listFolder(outline, path).includes("src") ? "src" : "."];
}

function formatOf(pyproject: Pyproject, names: ReadonlySet<string>): Found<Command>[] {
  if (!names.has("ruff") || tableAt(pyproject, "tool", "ruff", "format") === undefined) return [];
  return [{ value: ["ruff", "format", "--check", "."], from: `${pyproject.path} tool.ruff.format` }];
}

/** By Python's own `-m`, which lets tests import what lies in the project's folder, as most projects expect. */
const PYTEST: Command = ["python", "-m", "pytest"];

/** What runs tests when pytest does not: Django's own command, or unittest when the first of them is of unittest. */
function listPlainTests(outline: Outline, path: string, tests: readonly string[], names: ReadonlySet<string>) {
  const [first = ""] = tests;
  const manage = pathIn(path, "manage.py");
  if (hasFile(outline, manage) && names.has("django"))
    return { commands: { unit: [{ value: ["python", "manage.py", "test"], from: manage }] }, remarks: [] };
  const from = pathIn(path, first);
  if (/^\s*(?:import|from)\s+unittest\b/m.test(readSample(outline, from))) {
    const folder = dirname(first);
    const isFound = folder === "." || hasFile(outline, pathIn(path, `${folder}/__init__.py`));
    const value = ["python", "-m", "unittest", ...(isFound ? [] : ["discover", "-s", folder])];
    return { commands: { unit: [{ value, from }] }, remarks: [] };
  }
  const remarks = [`${from} is a test, but pytest is not among the packages: no command for tests`];
  return { commands: {}, remarks };
}

/** The text of the first file of tests; empty when it was not taken along, which is so below a project in a project. */
function readSample(outline: Outline, path: string): string {
  return outline.told.has(path) ? (outline.text(path) ?? "") : "";
}

/** pytest, where it is among the packages and has something to run: without tests it ends with 5. */
function listTests(outline: Outline, path: string, names: ReadonlySet<string>) {
  const tests = outline.paths
    .filter((one) => isBelow(one, path) && TEST_FILE.test(one))
    .map((one) => pathBelow(one, path));
  // Files that are called tests.py are of Django and unittest: pytest does not look into them by itself.
  const first = tests.find((test) => !test.endsWith("tests.py"));
  if (tests.length === 0) return { commands: {}, remarks: [] };
  if (first === undefined || !names.has("pytest")) return listPlainTests(outline, path, tests, names);
  const folder = ["tests/integration", "test/integration"].find((one) =>
    tests.some((test) => test.startsWith(`${one}/`)),
  );
  if (folder === undefined) return { commands: { unit: [{ value: PYTEST, from: pathIn(path, first) }] }, remarks: [] };
  const unit = tests.find((test) => !test.startsWith(`${folder}/`));
  return {
    commands: {
      unit: unit === undefined ? [] : [{ value: [...PYTEST, `--ignore=${folder}`], from: pathIn(path, unit) }],
      integration: [{ value: [...PYTEST, folder], from: pathIn(path, folder) }],
    },
    remarks: [],
  };
}
