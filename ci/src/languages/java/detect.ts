import { dirname } from "node:path/posix";
import { foldersUp, hasFile, isBelow, type Outline, pathIn, tellFolder } from "../../repository/outline.ts";
import { mavenImage } from "../../tool-images.ts";
import { type Answers, type Found, type Project, Undecided } from "../language.ts";
import { findPort, readSources } from "../reads.ts";
import { listGradleCommands, listMavenCommands, mavenProgram } from "./commands.ts";
import { findGradleRoot, findIn, findScript, gradleRelease, readScripts, requireWrapper } from "./gradle.ts";
import { configurationOf, listModules, propertyOf, readPom } from "./pom.ts";
import { findJavaVersion, releaseOf } from "./version.ts";

/** What builds of Java write. */
const MADE = ["target", ".gradle", "*.class"];

/** A project of Java, or another language of its virtual machine: built by Maven or by Gradle's wrapper. */
export function detectJava(outline: Outline, path: string, answers: Answers = {}): Project | undefined {
  const pom = pathIn(path, "pom.xml");
  const script = findScript(outline, path);
  const isMaven = hasFile(outline, pom);
  if (isMaven && script !== undefined && answers.manager === undefined) throw tooMany(pom, script);
  if (isMaven && answers.manager !== "gradle") return detectMaven(outline, path, answers);
  return script === undefined ? undefined : detectGradle(outline, path, script, answers);
}

function tooMany(pom: string, script: string): Undecided {
  const what = `${pom} and ${script} are both there: maven or gradle?`;
  return new Undecided([{ what, where: tellFolder(dirname(pom)), todo: "remove the one that is not used" }]);
}

function detectMaven(outline: Outline, path: string, answers: Answers): Project | undefined {
  const pom = readPom(outline, path);
  if (pom === undefined) return undefined;
  const root = findMavenRoot(outline, path);
  const modules = listModules(outline, root);
  const { version, line } = findJavaVersion(outline, [...new Set([path, root])], releaseOf(pom), answers.version);
  const own = listModules(outline, path);
  const main = findMavenMain(pom);
  return {
    ...commonOf(outline, path, root),
    ...nameOf(pom.path, pom.lineage[0]?.project.children.find(({ name }) => name === "artifactId")?.text),
    manager: { value: "maven", from: pom.path },
    version,
    image: { value: mavenImage(line.value), from: line.from },
    packages: {
      include: [root, ...modules].map((folder) => pathIn(folder, "pom.xml")).filter((one) => hasFile(outline, one)),
      exclude: [],
    },
    reads: readSources(outline, [root], MADE),
    commands: listMavenCommands(outline, pom, mavenProgram(outline, root), [path, ...own]),
    // Surefire's and Failsafe's.
    junit: { value: [pathIn(path, "**/target/*-reports/TEST-*.xml")], from: `${pom.path}: what its tests write` },
    mains: main === undefined ? [] : [main],
  };
}

/** The topmost folder whose modules have this one among them. */
function findMavenRoot(outline: Outline, path: string): string {
  return foldersUp(path).findLast((folder) => listModules(outline, folder).includes(path)) ?? path;
}

/** The class that is started, as one of the plugins that make archives is told. Spring Boot finds it by itself. */
function findMavenMain(pom: NonNullable<ReturnType<typeof readPom>>): Found<string> | undefined {
  const places: readonly (readonly [string, string])[] = [
    ["spring-boot-maven-plugin", "mainClass"],
    ["maven-shade-plugin", "transformers/transformer/mainClass"],
    ["maven-jar-plugin", "archive/manifest/mainClass"],
    ["maven-assembly-plugin", "archive/manifest/mainClass"],
    ["exec-maven-plugin", "mainClass"],
    ["jib-maven-plugin", "container/mainClass"],
  ];
  const told = places
    .map(([plugin, where]) => configurationOf(pom, plugin, where))
    .find((found) => found !== undefined);
  const property = ["exec.mainClass", "start-class", "main.class", "mainClass"].map((name) => propertyOf(pom, name));
  return told ?? property.find((found) => found !== undefined);
}

function detectGradle(outline: Outline, path: string, script: string, answers: Answers): Project {
  const root = findGradleRoot(outline, path);
  requireWrapper(outline, root, script);
  const scripts = readScripts(outline, path, root);
  const { version, line } = findJavaVersion(
    outline,
    [...new Set([path, root])],
    gradleRelease(scripts),
    answers.version,
  );
  const main = findIn(scripts, /mainClass(?:Name)?(?:\.set\(|\s*=)\s*["']([\w.$]+)["']/);
  const name = findIn(scripts, /rootProject\.name\s*=\s*["']([\w.-]+)["']/);
  const below = outline.paths
    .filter((one) => isBelow(one, path) && /\/build\.gradle(\.kts)?$/.test(one))
    .map((one) => dirname(one));
  return {
    ...commonOf(outline, path, root),
    ...(name === undefined ? {} : { name }),
    manager: { value: "gradle", from: script },
    version,
    image: { value: mavenImage(line.value), from: line.from },
    packages: { include: ["gradlew", "gradle/wrapper/**"].map((one) => pathIn(root, one)), exclude: [] },
    reads: readSources(outline, [root], MADE),
    commands: listGradleCommands(outline, scripts, [path, ...below]),
    junit: { value: [pathIn(path, "**/build/test-results/**/TEST-*.xml")], from: `${script}: what its tests write` },
    mains: main === undefined ? [] : [main],
  };
}

/** What Maven and Gradle have in common: nothing is installed before the sources, the cache volume keeps what was loaded. */
function commonOf(outline: Outline, path: string, root: string) {
  const port = findPort(outline, path);
  return {
    language: "java",
    path,
    root,
    install: [],
    production: [],
    setup: [],
    ...(port === undefined ? {} : { port }),
    remarks: [],
  } as const;
}

function nameOf(path: string, name: string | undefined) {
  return name === undefined ? {} : { name: { value: name, from: `${path} artifactId` } };
}
