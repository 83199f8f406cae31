import type { Outline } from "../../repository/outline.ts";
import { listRuns } from "../runs.ts";
import { listExecutions, type Pom, pluginsOf } from "./pom.ts";

/** A plugin of a pom.xml that looks at sources, and how it is run. */
export interface MavenLinter {
  /** By itself: `spotless:check`. */
  readonly goal: string;
  /** As the build or its people run it, each with the execution whose configuration counts: `checkstyle:check@validate`. */
  readonly goals: readonly string[];
  readonly from: string;
}

/** Plugins of Maven that check, each with the goal that changes nothing, and how people write it. */
const LINTERS: readonly { readonly plugin: string; readonly goal: string; readonly run: RegExp }[] = [
  { plugin: "spotless-maven-plugin", goal: "spotless:check", run: /\bspotless:check\b/ },
  { plugin: "maven-checkstyle-plugin", goal: "checkstyle:check", run: /\bcheckstyle:check\b/ },
  {
    plugin: "fmt-maven-plugin",
    goal: "com.spotify.fmt:fmt-maven-plugin:check",
    run: /\bfmt(?:-maven-plugin)?:check\b/,
  },
  {
    plugin: "spring-javaformat-maven-plugin",
    goal: "io.spring.javaformat:spring-javaformat-maven-plugin:validate",
    run: /\bspring-javaformat:validate\b/,
  },
];

/** The linters of a project. One that is only there may be for mending alone: without goals it is not run. */
export function listMavenLinters(outline: Outline, pom: Pom, root: string): MavenLinter[] {
  const plugins = pluginsOf(pom);
  return LINTERS.filter(({ plugin }) => plugins.has(plugin)).map(({ plugin, goal, run }) => {
    const name = goal.split(":").at(-1) ?? "";
    const bound = listExecutions(pom, plugin).filter(({ goals, phase }) => goals.includes(name) && phase !== "none");
    const from = `${pom.path} ${plugin}`;
    if (bound.length > 0) return { goal, goals: bound.map(({ id }) => `${goal}@${id}`), from };
    const byHand = listRuns(outline, root).find(({ line }) => run.test(line));
    return byHand === undefined ? { goal, goals: [], from } : { goal, goals: [goal], from: byHand.from };
  });
}
