import { dirname } from "node:path/posix";
import { foldersUp, hasFile, type Outline, pathIn, tellFolder } from "../../repository/outline.ts";
import { type Found, Undecided } from "../language.ts";
import { withoutComments } from "../source-text.ts";

/** The scripts of a Gradle build that count for a project, without their comments, those of its root as well. */
export interface GradleScripts {
  readonly path: string;
  readonly texts: readonly { readonly path: string; readonly text: string }[];
}

const SCRIPTS = ["build.gradle.kts", "build.gradle"];
const SETTINGS = ["settings.gradle.kts", "settings.gradle"];

/** The build script of a folder; of the root, `settings.gradle` is enough. */
export function findScript(outline: Outline, folder: string): string | undefined {
  return [...SCRIPTS, ...SETTINGS].map((name) => pathIn(folder, name)).find((path) => hasFile(outline, path));
}

/** The folder with settings.gradle, at or above a project: there the build begins. */
export function findGradleRoot(outline: Outline, path: string): string {
  const begins = (folder: string) => SETTINGS.some((name) => hasFile(outline, pathIn(folder, name)));
  return foldersUp(path).find(begins) ?? path;
}

export function readScripts(outline: Outline, path: string, root: string): GradleScripts {
  const folders = [...new Set([path, root])];
  const texts = folders
    .flatMap((folder) => SCRIPTS.map((name) => pathIn(folder, name)))
    .filter((file) => hasFile(outline, file))
    .map((file) => ({ path: file, text: withoutComments(outline.text(file) ?? "") }));
  return { path: texts[0]?.path ?? path, texts };
}

/** The first match of a pattern in the scripts. A build script is a program: only plain, well-known forms are read. */
export function findIn({ texts }: GradleScripts, pattern: RegExp): Found<string> | undefined {
  for (const { path, text } of texts) {
    const value = pattern
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (value !== undefined) return { value, from: path };
  }
  return undefined;
}

export function says({ texts }: GradleScripts, pattern: RegExp): string | undefined {
  return texts.find(({ text }) => pattern.test(text))?.path;
}

/**
 * The text in which a project says what it depends on. Names of a version catalog are written with dots there:
 * `libs.spring.boot.starter.web` is spring-boot-starter-web.
 */
export function listGradleDependencies({ texts }: GradleScripts, path: string): string {
  const own = texts.filter((one) => dirname(one.path) === path).map(({ text }) => text);
  return own
    .join("\n")
    .split("\n")
    .filter((line) => !/^\s*test\w*\s*[("' ]/.test(line))
    .join("\n")
    .replaceAll(/\blibs\.[\w.]+/g, (name) => name.replaceAll(".", "-"));
}

/** The release of Java: the toolchain, else the compatibility that is set. */
export function gradleRelease(scripts: GradleScripts): Found<string> | undefined {
  return (
    findIn(scripts, /JavaLanguageVersion\.of\(\s*["']?(\d+)["']?\s*\)|jvmToolchain\(\s*(\d+)\s*\)/) ??
    findIn(scripts, /options\.release(?:\.set\(|\s*=\s*)(\d+)/) ??
    findIn(scripts, /(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.(VERSION_\w+)|["']([\d.]+)["']|(\d[\d.]*))/)
  );
}

/** The wrapper's folder. Without a wrapper nobody says which Gradle builds this. */
export function requireWrapper(outline: Outline, root: string, script: string): void {
  const properties = pathIn(root, "gradle/wrapper/gradle-wrapper.properties");
  if (hasFile(outline, pathIn(root, "gradlew")) && hasFile(outline, properties)) return;
  const what = `${script} is a Gradle build without its wrapper, so no version of Gradle is named`;
  throw new Undecided([
    {
      what,
      where: tellFolder(root),
      todo: "run `gradle wrapper` and commit gradlew and gradle/wrapper",
    },
  ]);
}
