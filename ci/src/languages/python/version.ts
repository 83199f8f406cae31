import { type Outline, pathIn } from "../../repository/outline.ts";
import { findBaseVersion } from "../base-images.ts";
import { agree, isAllowed } from "../decide.ts";
import { type Found, Undecided } from "../language.ts";
import { type Pyproject, textIn, valueAt } from "./pyproject.ts";

/** Releases that are maintained, the one taken first in front: newer ones come after, because not every package has them. */
const LINES = ["3.13", "3.12", "3.11", "3.14", "3.10", "3.9"];

/** A range of versions, as a project may name it. */
const EXAMPLE = ">=3.11";

/**
 * The minor version of Python: .python-version, .tool-versions, runtime.txt or Pipfile, else what the Dockerfile starts from, else the
 * newest that the project allows.
 */
export function findPythonVersion(
  outline: Outline,
  folders: readonly string[],
  pyproject: Pyproject,
  answer?: string,
): Found<string> {
  if (answer !== undefined) return { value: readMinor(answer, "slipway.yaml"), from: "slipway.yaml" };
  const exact = agree(
    "Python",
    folders.flatMap((folder) => listFiles(outline, folder)),
  );
  const range = findRange(outline, folders[0] ?? ".", pyproject);
  if (exact === undefined) {
    const base = findBaseVersion(outline, folders, readBase);
    const fits = base !== undefined && (range === undefined || isAllowed(range, base.value, EXAMPLE));
    return fits ? base : newestIn(range);
  }
  if (range === undefined || isAllowed(range, exact.value, EXAMPLE)) return exact;
  const what = `${exact.from} says Python ${exact.value}, which is not in ${range.from} (${range.value})`;
  throw new Undecided([{ what, where: `${exact.from}, ${range.from}`, todo: "make them agree" }]);
}

const files: Readonly<Record<string, RegExp>> = {
  ".python-version": /^(.+)$/,
  ".tool-versions": /^python\s+(\S+)/,
  "runtime.txt": /^python-(\S+)/,
  Pipfile: /^python_(?:full_)?version\s*=\s*["'](3\.\d+(?:\.\d+)?)["']/,
};

function listFiles(outline: Outline, folder: string): Found<string>[] {
  return Object.entries(files).flatMap(([file, pattern]) => {
    const from = pathIn(folder, file);
    const lines = (outline.text(from) ?? "").split("\n").map((line) => line.replace(/#.*/, "").trim());
    const said = lines.map((line) => pattern.exec(line)?.[1]).find((version) => version !== undefined);
    return said === undefined ? [] : [{ value: readMinor(said, from), from }];
  });
}

/** `python:3.12-slim`, `python:3.12.4`, `uv:python3.12-bookworm`. */
function readBase(image: string): string | undefined {
  return /(?:^|\/)python:(3\.\d+)(?![\d])|:python(3\.\d+)(?![\d])/.exec(image)?.slice(1).find(Boolean);
}

function readMinor(text: string, from: string): string {
  const minor = /^(?:cpython-|python)?(3\.\d+)(?:\.\d+)?$/.exec(text)?.[1];
  if (minor !== undefined) return minor;
  const what = `Python ${JSON.stringify(text)} is not a version that Slipway knows`;
  throw new Undecided([{ what, where: from, todo: "write a number, such as 3.13 or 3.13.1" }]);
}

function findRange(outline: Outline, folder: string, pyproject: Pyproject): Found<string> | undefined {
  const project = textIn(pyproject, "project", "requires-python");
  if (project !== undefined) return { value: project, from: `${pyproject.path} project.requires-python` };
  const poetry = valueAt(pyproject, "tool", "poetry", "dependencies", "python");
  if (typeof poetry === "string") return { value: poetry, from: `${pyproject.path} tool.poetry.dependencies.python` };
  const setup = pathIn(folder, "setup.cfg");
  const cfg = /^\s*python_requires\s*=\s*(.+)$/m.exec(outline.text(setup) ?? "")?.[1]?.trim();
  if (cfg !== undefined) return { value: cfg, from: `${setup} options.python_requires` };
  const script = pathIn(folder, "setup.py");
  const text = /python_requires\s*=\s*["']([^"']+)["']/.exec(outline.text(script) ?? "")?.[1];
  return text === undefined ? undefined : { value: text, from: `${script} python_requires` };
}

function newestIn(range: Found<string> | undefined): Found<string> {
  const newest = LINES.find((line) => range === undefined || isAllowed(range, line, EXAMPLE));
  if (newest !== undefined) return { value: newest, from: range?.from ?? "a release that most packages support" };
  const what = `no release of Python (${LINES.toSorted(byMinor).join(", ")}) is in ${range?.from} (${range?.value})`;
  throw new Undecided([
    { what, where: range?.from ?? "", todo: "widen the range, or write the version into .python-version" },
  ]);
}

function byMinor(left: string, right: string): number {
  return Number(left.slice(2)) - Number(right.slice(2));
}
