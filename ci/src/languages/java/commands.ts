import { type Outline, pathIn } from "../../repository/outline.ts";
import type { Command, Found, Project } from "../language.ts";
import { type GradleScripts, says } from "./gradle.ts";
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

/** Plugins of Maven that check, each with the goal that changes nothing. */
const MAVEN_LINTERS: Readonly<Record<string, string>> = {
  "spotless-maven-plugin": "spotless:check",
  "maven-checkstyle-plugin": "checkstyle:check",
  "fmt-maven-plugin": "com.spotify.fmt:fmt-maven-plugin:check",
};

/** Maven's own phases, where something is there for them: tests, the failsafe plugin, a linter's plugin. */
export function listMavenCommands(
  outline: Outline,
  pom: Pom,
  maven: Command,
  folders: readonly string[],
): Project["commands"] {
  const plugins = pluginsOf(pom);
  const from = (plugin: string) => `${pom.path} ${plugin}`;
  const lint = Object.entries(MAVEN_LINTERS)
    .filter(([plugin]) => plugins.has(plugin))
    .map(([plugin, goal]): Found<Command> => ({ value: [...maven, goal], from: from(plugin) }));
  const test = findTest(outline, folders, "test");
  const failsafe = plugins.has("maven-failsafe-plugin");
  return {
    ...(lint.length > 0 ? { lint } : {}),
    ...(test === undefined ? {} : { unit: [{ value: [...maven, "test"], from: test }] }),
    ...(failsafe ? { integration: [{ value: [...maven, "verify"], from: from("maven-failsafe-plugin") }] } : {}),
  };
}

/** Plugins of Gradle that check, each with the way it is named and its task. */
const GRADLE_LINTERS: readonly { readonly plugin: RegExp; readonly task: string }[] = [
  { plugin: /com\.diffplug\.spotless|alias\(libs\.plugins\.spotless\)/, task: "spotlessCheck" },
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
  const lint = GRADLE_LINTERS.flatMap(({ plugin, task }): Found<Command>[] => {
    const from = says(scripts, plugin);
    return from === undefined ? [] : [{ value: [...GRADLE, task], from }];
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
