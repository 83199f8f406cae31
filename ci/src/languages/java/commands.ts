import { type Outline, pathIn } from "../../repository/outline.ts";
import type { Command, Found, Project } from "../language.ts";
import { type GradleScripts, says } from "./gradle.ts";
import { listMavenLinters } from "./maven-linters.ts";
import { type Pom, pluginsOf } from "./pom.ts";

/** Maven without questions, colours and progress bars. */
const MAVEN: Command = ["--batch-mode", "--no-transfer-progress"];
/** Gradle without a process that stays. */
export const GRADLE: Command = ["sh", "./gradlew", "--no-daemon", "--console=plain"];

/** Whether tests lie in one of the folders. */
function findTest(outline: Outline, folders: readonly string[], source: string): string | undefined {
  return outline.paths.find(
    (path) =>
      /\.(java|kt|groovy|scala)$/.test(path) &&
      folders.some((folder) => path.startsWith(pathIn(folder, `src/${source}/`))),
  );
}

/** What makes the wrapper of Maven one: its script, and the file that says which Maven it fetches. */
export const MAVEN_WRAPPER = ["mvnw", ".mvn/wrapper/maven-wrapper.properties"] as const;

/** `mvn`, or the wrapper's script where all of it is there. The script may lack the right to be executed, so the shell reads it. */
export function mavenProgram(hasWrapper: boolean): Command {
  return [...(hasWrapper ? ["sh", "./mvnw"] : ["mvn"]), ...MAVEN];
}

/** Maven's own phases, where something is there for them: tests, the failsafe plugin, a linter's plugin that is run. */
export function listMavenCommands(
  outline: Outline,
  pom: Pom,
  maven: Command,
  folders: readonly string[],
  root: string,
): Pick<Project, "commands" | "remarks"> {
  const linters = listMavenLinters(outline, pom, root);
  const lint = linters.flatMap(({ goals, from }) =>
    goals.map((goal): Found<Command> => ({ value: [...maven, goal], from })),
  );
  const test = findTest(outline, folders, "test");
  const failsafe = pluginsOf(pom).has("maven-failsafe-plugin");
  const idle = linters.filter(({ goals }) => goals.length === 0);
  const commands = {
    ...(lint.length > 0 ? { lint } : {}),
    ...(test === undefined ? {} : { unit: [{ value: [...maven, "test"], from: test }] }),
    ...(failsafe ? { integration: [{ value: [...maven, "verify"], from: `${pom.path} maven-failsafe-plugin` }] } : {}),
  };
  const remarks = idle.map(
    ({ from, goal }) => `${from} exists, but nothing runs its check: \`checks: { lint: mvn ${goal} }\` does`,
  );
  return { commands, remarks };
}

/** Plugins of Gradle that check, each with the way it is named, its task, and what keeps that out of `gradle check`. */
const GRADLE_LINTERS: readonly { readonly plugin: RegExp; readonly task: string; readonly unless?: RegExp }[] = [
  {
    plugin: /com\.diffplug\.spotless|alias\(libs\.plugins\.spotless\)/,
    task: "spotlessCheck",
    unless: /\benforceCheck\s*(?:=|\.set\()?\s*false\b/,
  },
  { plugin: /^\s*(?:id\s*\(?\s*["'])?checkstyle\b|plugin:\s*["']checkstyle/m, task: "checkstyleMain" },
  { plugin: /io\.gitlab\.arturbosch\.detekt/, task: "detekt" },
  { plugin: /org\.jlleitschuh\.gradle\.ktlint/, task: "ktlintCheck" },
];

/** Gradle's own tasks, where something is there for them. */
export function listGradleCommands(
  outline: Outline,
  scripts: GradleScripts,
  folders: readonly string[],
): Project["commands"] {
  const lint = GRADLE_LINTERS.flatMap(({ plugin, task, unless }): Found<Command>[] => {
    const from = says(scripts, plugin);
    const isOff = unless !== undefined && says(scripts, unless) !== undefined;
    return from === undefined || isOff ? [] : [{ value: [...GRADLE, task], from }];
  });
  const test = findTest(outline, folders, "test");
  const integration = says(scripts, /integrationTest\b/);
  return {
    ...(lint.length > 0 ? { lint } : {}),
    ...(test === undefined ? {} : { unit: [{ value: [...GRADLE, "test"], from: test }] }),
    ...(integration === undefined
      ? {}
      : { integration: [{ value: [...GRADLE, "integrationTest"], from: integration }] }),
  };
}
