import { dirname } from "node:path/posix";
import type { Outline } from "../../repository/outline.ts";
import type { Command, Found } from "../language.ts";
import { findUse, listRuns, type Run, splitLines } from "../runs.ts";
import { dependsOn, type Manifest } from "./manifest.ts";

/** A linter by its package, its program as people write it, and what it looks at when they do not say it. */
interface Linter {
  readonly name: string;
  readonly program: RegExp;
  readonly all: Command;
}

const LINTERS: readonly Linter[] = [
  { name: "@biomejs/biome", program: /^biome (?:check|ci|lint)(?=\s|$)/, all: [] },
  { name: "eslint", program: /^eslint(?=\s|$)/, all: ["."] },
];

/**
 * The linters among the packages that people run by themselves: in scripts of any name, in hooks, in CI. A configuration
 * alone does not say that the sources pass.
 */
export function findLinters(outline: Outline, path: string, manifest: Manifest): Found<Command>[] {
  const runs = [...listScriptRuns(manifest), ...listRuns(outline, path)];
  return LINTERS.filter(({ name }) => dependsOn(manifest, name)).flatMap(({ program, all }) => {
    const use = findUse(runs, program, path);
    return use === undefined ? [] : [{ value: [...use.program.split(" "), ...(use.words ?? all)], from: use.from }];
  });
}

/** What the scripts of a package run, and its hooks by lint-staged. */
function listScriptRuns(manifest: Manifest): Run[] {
  const folder = dirname(manifest.path);
  const staged = Object.values(manifest["lint-staged"]).flat();
  const all = [
    ...Object.entries(manifest.scripts).map(([name, line]) => ({ line, from: `${manifest.path} scripts.${name}` })),
    ...staged.map((line) => ({ line, from: `${manifest.path} lint-staged` })),
  ];
  return all.flatMap(({ line, from }) => splitLines(line).map((one) => ({ line: one, from, folder })));
}
