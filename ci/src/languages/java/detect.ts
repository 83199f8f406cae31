import { dirname } from "node:path/posix";
import { foldersUp, hasFile, isBelow, type Outline, pathIn } from "../../repository/outline.ts";
import { mavenImage } from "../../tool-images.ts";
import type { Answers, Found, Project } from "../language.ts";
import { findPort, readSources } from "../reads.ts";
import { listGradleCommands, listMavenCommands, MAVEN_WRAPPER, mavenProgram } from "./commands.ts";
import { findConnections } from "./connections.ts";
import { findListening } from "./framework.ts";
import {
  findGradleRoot,
  findIn,
  findScript,
  type GradleScripts,
  gradleRelease,
  listGradleDependencies,
  readScripts,
  requireWrapper,
  says,
} from "./gradle.ts";
import { listStarters, type Starter } from "./mains.ts";
import {
  configurationOf,
  findBootRelease,
  listDependencies,
  listModules,
  type Pom,
  pluginsOf,
  propertyOf,
  readPom,
} from "./pom.ts";
import { findJavaVersion, releaseOf } from "./version.ts";

/** What builds of Java write. */
const MADE = ["target", ".gradle", "*.class"];

/** A project of Java, or another language of its virtual machine: built by Maven or by Gradle's wrapper. */
export function detectJava(outline: Outline, path: string, answers: Answers = {}): Project | undefined {
  const pom = pathIn(path, "pom.xml");
  const script = findScript(outline, path);
  const isMaven = hasFile(outline, pom);
  if (isMaven && answers.manager !== "gradle") {
    const project = detectMaven(outline, path, answers);
    return project === undefined || script === undefined || answers.manager !== undefined
      ? project
      : { ...project, remarks: [...project.remarks, tellBoth(pom, script, path)] };
  }
  return script === undefined ? undefined : detectGradle(outline, path, script, answers);
}

/** Two complete builds of the same sources: either does, and Maven is the one that needs no wrapper. */
function tellBoth(pom: string, script: string, path: string): string {
  return `${pom} and ${script} both exist: Maven counts; \`projects: { "${path}": { manager: gradle } }\` takes the other`;
}

function detectMaven(outline: Outline, path: string, answers: Answers): Project | undefined {
  const pom = readPom(outline, path);
  if (pom === undefined) return undefined;
  const root = findMavenRoot(outline, path);
  const modules = listModules(outline, root);
  const { version, line } = findJavaVersion(outline, [...new Set([path, root])], releaseOf(pom), answers.version);
  const own = listModules(outline, path);
  const dependencies = { value: listDependencies(pom).join("\n"), from: pom.path };
  const starters = listStarters(outline, path, Number(version.value));
  return {
    ...commonOf(path, root),
    ...listenOf(outline, path, dependencies, starters),
    ...connectionsOf(dependencies, findBootRelease(pom)),
    mains: mainsOf(findMavenMain(pom), starters),
    ...nameOf(pom.path, pom.lineage[0]?.project.children.find(({ name }) => name === "artifactId")?.text),
    manager: { value: "maven", from: pom.path },
    version,
    image: { value: mavenImage(line.value), from: line.from },
    packages: {
      include: [root, ...modules].map((folder) => pathIn(folder, "pom.xml")).filter((one) => hasFile(outline, one)),
      exclude: [],
    },
    reads: readSources(outline, [root], MADE),
    ...listMavenCommands(outline, pom, mavenProgram(hasMavenWrapper(outline, root)), [path, ...own], root),
    // Surefire's and Failsafe's.
    junit: { value: [pathIn(path, "**/target/*-reports/TEST-*.xml")], from: `${pom.path}: what its tests write` },
  };
}

function hasMavenWrapper(outline: Outline, root: string): boolean {
  return MAVEN_WRAPPER.every((name) => hasFile(outline, pathIn(root, name)));
}

/** The topmost folder whose modules have this one among them. */
function findMavenRoot(outline: Outline, path: string): string {
  return foldersUp(path).findLast((folder) => listModules(outline, folder).includes(path)) ?? path;
}

/** What starts an archive of Quarkus: its own class, which knows where all others are. */
const QUARKUS_MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";

/** The class that is started, as one of the plugins that make archives is told. */
function findMavenMain(pom: Pom): Found<string> | undefined {
  if (pluginsOf(pom).has("quarkus-maven-plugin"))
    return { value: QUARKUS_MAIN, from: `${pom.path} quarkus-maven-plugin` };
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
  const starters = listStarters(outline, path, Number(version.value));
  const dependencies = { value: listGradleDependencies(scripts, path), from: script };
  const boot = findIn(scripts, /org\.springframework\.boot["')]*\s*version\s*\(?\s*["'](\d+)/);
  const name = findIn(scripts, /rootProject\.name\s*=\s*["']([\w.-]+)["']/);
  const below = outline.paths
    .filter((one) => isBelow(one, path) && /\/build\.gradle(\.kts)?$/.test(one))
    .map((one) => dirname(one));
  return {
    ...commonOf(path, root),
    ...listenOf(outline, path, dependencies, starters),
    ...connectionsOf(dependencies, boot === undefined ? undefined : Number(boot.value)),
    mains: mainsOf(findGradleMain(scripts), starters),
    ...(name === undefined ? {} : { name }),
    manager: { value: "gradle", from: script },
    version,
    image: { value: mavenImage(line.value), from: line.from },
    packages: { include: ["gradlew", "gradle/wrapper/**"].map((one) => pathIn(root, one)), exclude: [] },
    reads: readSources(outline, [root], MADE),
    commands: listGradleCommands(outline, scripts, [path, ...below]),
    junit: { value: [pathIn(path, "**/build/test-results/**/TEST-*.xml")], from: `${script}: what its tests write` },
  };
}

function findGradleMain(scripts: GradleScripts): Found<string> | undefined {
  const quarkus = says(scripts, /\bid\s*\(?\s*["']io\.quarkus["']/);
  if (quarkus !== undefined) return { value: QUARKUS_MAIN, from: `${quarkus} io.quarkus` };
  return findIn(scripts, /mainClass(?:Name)?(?:\.set\(|\s*=)\s*["']([\w.$]+)["']/);
}

/** What the build is told to start, else the classes that can be started. */
function mainsOf(told: Found<string> | undefined, starters: readonly Starter[]): Found<string>[] {
  return told === undefined ? starters.map(({ value, from }) => ({ value, from })) : [told];
}

/** The port and the probe: the Dockerfile beside it is asked first, for it says what counts in production. */
function listenOf(
  outline: Outline,
  path: string,
  dependencies: Found<string>,
  starters: readonly Starter[],
): Pick<Project, "port" | "probe"> {
  const { port: own, probe } = findListening(outline, path, dependencies, starters);
  const port = findPort(outline, path) ?? own;
  return { ...(port === undefined ? {} : { port }), ...(probe === undefined ? {} : { probe }) };
}

function connectionsOf(dependencies: Found<string>, release: number | undefined): Pick<Project, "connections"> {
  const connections = findConnections(dependencies, release);
  return connections === undefined ? {} : { connections };
}

/** What Maven and Gradle have in common: nothing is installed before the sources, the cache volume keeps what was loaded. */
function commonOf(path: string, root: string) {
  return {
    language: "java",
    path,
    root,
    install: [],
    production: [],
    setup: [],
    remarks: [],
  } as const;
}

function nameOf(path: string, name: string | undefined) {
  return name === undefined ? {} : { name: { value: name, from: `${path} artifactId` } };
}
