import { DockerfileProblem } from "./problem.ts";
import { withSuggestion } from "./suggest.ts";

/** What a flag of an instruction takes: `list` may be given more than once. */
export type FlagKind = "text" | "list" | "switch";

/** The flags of an instruction, checked. */
export interface Flags {
  text(name: string): string;
  list(name: string): readonly string[];
  /** Undefined when it was not given. */
  switch(name: string): boolean | undefined;
}

/**
 * Reads `--name=value` and `--name`.
 *
 * @throws DockerfileProblem for unknown flags, missing values, and what is given twice
 */
export function readFlags(given: readonly string[], known: Readonly<Record<string, FlagKind>>): Flags {
  const values = new Map<string, string[]>();
  for (const flag of given) {
    const at = flag.indexOf("=");
    const name = flag.slice(2, at < 0 ? undefined : at);
    const value = at < 0 ? undefined : flag.slice(at + 1);
    const kind = known[name];
    if (kind === undefined || !Object.hasOwn(known, name)) {
      throw new DockerfileProblem(withSuggestion(`unknown flag: ${name}`, name, Object.keys(known)));
    }
    const before = values.get(name) ?? [];
    if (before.length > 0 && kind !== "list") throw new DockerfileProblem(`duplicate flag specified: ${name}`);
    if (value === undefined ? kind !== "switch" : kind === "switch" && value === "") {
      throw new DockerfileProblem(`missing a value on flag: ${name}`);
    }
    values.set(name, [...before, kind === "switch" ? truthOf(name, value ?? "true") : (value ?? "")]);
  }
  return {
    text: (name) => values.get(name)?.[0] ?? "",
    list: (name) => values.get(name) ?? [],
    switch: (name) => {
      const [value] = values.get(name) ?? [];
      return value === undefined ? undefined : value === "true";
    },
  };
}

function truthOf(name: string, value: string): string {
  const folded = value.toLowerCase();
  if (folded === "true" || folded === "false") return folded;
  throw new DockerfileProblem(`expecting boolean value for flag ${name}, not: ${value}`);
}
