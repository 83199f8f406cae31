import { dirname } from "node:path/posix";
import { hasFile, isBelow, type Outline, pathBelow, pathIn } from "../../repository/outline.ts";
import { TEST_FILE } from "../../repository/python-tests.ts";
import type { Command, Found, Project } from "../language.ts";
import { listRuns } from "../runs.ts";
import type { Pyproject } from "./pyproject.ts";
import { listTools } from "./tools.ts";

/** The commands of a project: tools among its packages that its people run, or that it is configured for. */
export function listPythonCommands(
  outline: Outline,
  path: string,
  pyproject: Pyproject,
  names: ReadonlySet<string>,
): { commands: Project["commands"]; remarks: readonly string[] } {
  const looks = listTools(outline, path, pyproject, names);
  const tests = listTests(outline, path, names);
  const lists = { lint: looks.lint, ...tests.commands };
  return {
    commands: Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    remarks: [...looks.remarks, ...tests.remarks],
  };
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
  const run = listRuns(outline, path).find((one) => one.folder === path && MODULE.test(one.line));
  if (run !== undefined)
    return { commands: { unit: [{ value: ["python", "-m", ...run.line.split(/\s+/)], from: run.from }] }, remarks: [] };
  const remarks = [`${from} is a test, but pytest is not among the packages: no command for tests`];
  return { commands: {}, remarks };
}

/** What people start behind `python -m` for tests, with plain words. */
const MODULE = /^(?:unittest|tests?(?:\.\w+)*)(?:\s+[\w./:=-]+)*$/;

/** The text of the first file of tests; empty when it was not read, which is so below a project in a project. */
function readSample(outline: Outline, path: string): string {
  return outline.told.has(path) ? (outline.text(path) ?? "") : "";
}

/** The folders of tests that people name when they run pytest, where they agree: some plugins look only there for the project. */
function findNamed(outline: Outline, path: string, tests: readonly string[]): Found<Command> | undefined {
  const found = listRuns(outline, path)
    .filter(({ line, folder }) => folder === path && /^pytest\s/.test(line))
    .map(({ line, from }) => ({ value: line.split(/\s+/).filter((word) => isOfTests(word, tests)), from }))
    .filter(({ value }) => value.length > 0);
  const [first, ...others] = found;
  return others.every(({ value }) => value.join() === first?.value.join()) ? first : undefined;
}

function isOfTests(word: string, tests: readonly string[]): boolean {
  const place = word.replace(/\/$/, "");
  return tests.some((test) => test === place || test.startsWith(`${place}/`));
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
  if (folder === undefined) {
    const named = findNamed(outline, path, tests);
    const from = named?.from ?? pathIn(path, first);
    return { commands: { unit: [{ value: [...PYTEST, ...(named?.value ?? [])], from }] }, remarks: [] };
  }
  const unit = tests.find((test) => !test.startsWith(`${folder}/`));
  return {
    commands: {
      unit: unit === undefined ? [] : [{ value: [...PYTEST, `--ignore=${folder}`], from: pathIn(path, unit) }],
      integration: [{ value: [...PYTEST, folder], from: pathIn(path, folder) }],
    },
    remarks: [],
  };
}
