import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { pathBelow } from "../../repository/outline.ts";
import type { Files, Project } from "../language.ts";
import { addSources, placeOf, TOP } from "../prepare.ts";
import { GRADLE, MAVEN_WRAPPER, mavenProgram } from "./commands.ts";

/** Times in archives, the same whenever they are made. */
const OUTPUT_TIME = "-Dproject.build.outputTimestamp=1980-01-01T00:00:02Z";

/** What a build has made for production. */
export interface Packed {
  /** Archives and libraries, as they lie in the image. */
  readonly files: Directory;
  /** The archive that starts by itself, if one does: all others are told a class. */
  readonly whole?: string;
  /** The archive has others in it and a loader for them: it starts what it was made for, and nothing else. */
  readonly isSealed: boolean;
}

/**
 * Makes the archives of a project by Maven.
 *
 * @param installed the tool's container, before the sources
 */
export async function packageByMaven(installed: Container, project: Project, files: Files): Promise<Packed> {
  const { path, root } = project;
  const sources = addSources(installed, project, files).withWorkdir(placeOf(TOP, root));
  const top = files(project.reads).directory(root);
  const there = await Promise.all(MAVEN_WRAPPER.map(async (name) => (await top.glob(name)).length > 0));
  const maven = mavenProgram(there.every(Boolean));
  const module = path === root ? [] : ["-pl", pathBelow(path, root), "-am"];
  const copy = [
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    "-DoutputDirectory=${project.build.directory}/lib",
  ];
  const built = sources.withExec([...maven, ...module, "-DskipTests", OUTPUT_TIME, "package", ...copy]);
  const target = built.directory(`${placeOf(TOP, path)}/target`);
  return (await takeQuarkus(target)) ?? (await takeArchives(target, built));
}

/** Archives of Gradle without the times of their files, in one order. */
const REPRODUCIBLE = `allprojects { tasks.withType(AbstractArchiveTask).configureEach { preserveFileTimestamps = false; reproducibleFileOrder = true }
  afterEvaluate { if (plugins.hasPlugin('java')) tasks.register('slipwayLibraries', Copy) { from configurations.runtimeClasspath; into layout.buildDirectory.dir('slipway/lib') } } }
`;

/** The same by the wrapper of Gradle. */
export async function packageByGradle(installed: Container, project: Project, files: Files): Promise<Packed> {
  const { path, root } = project;
  const sources = addSources(installed, project, files).withWorkdir(placeOf(TOP, root));
  const below = path === root ? "" : pathBelow(path, root).replaceAll("/", ":");
  const task = (name: string) => (below === "" ? name : `:${below}:${name}`);
  const built = sources
    .withNewFile("/tmp/reproducible.gradle", REPRODUCIBLE)
    .withExec([...GRADLE, "--init-script", "/tmp/reproducible.gradle", task("assemble"), task("slipwayLibraries")]);
  const libraries = built.directory(`${placeOf(TOP, path)}/build/slipway/lib`);
  const made = built.directory(`${placeOf(TOP, path)}/build`);
  return (
    (await takeQuarkus(made)) ?? (await takeArchives(made.directory("libs").withDirectory("lib", libraries), built))
  );
}

/** What starts the folder that Quarkus makes, with its libraries beside it. */
const QUARKUS = "quarkus-run.jar";

async function takeQuarkus(made: Directory): Promise<Packed | undefined> {
  const found = await made.glob(`quarkus-app/${QUARKUS}`);
  return found.length === 0
    ? undefined
    : { files: made.directory("quarkus-app"), whole: `/app/${QUARKUS}`, isSealed: true };
}

/** Archives with something else than the service. */
const BESIDE = /^original-|-(?:sources|javadoc|tests|test-sources|plain)\.jar$/;

/** One archive alone when it has all in itself, else the archives and their libraries. */
async function takeArchives(folder: Directory, tool: Container): Promise<Packed> {
  const names = (await folder.entries()).filter((name) => /\.[jw]ar$/.test(name) && !BESIDE.test(name));
  for (const name of names) {
    const list = await tool
      .withMountedFile("/tmp/a.jar", folder.file(name))
      .withExec(["jar", "--list", "--file", "/tmp/a.jar"])
      .stdout();
    const isSealed = SPRING_BOOT.test(list);
    const whole = `app${name.slice(-4)}`;
    if (isSealed || isShaded(list))
      return { files: dag.directory().withFile(whole, folder.file(name)), whole: `/app/${whole}`, isSealed };
  }
  const jars = names.filter((name) => name.endsWith(".jar"));
  const all = jars.reduce((made, name) => made.withFile(name, folder.file(name)), dag.directory());
  const hasLibraries = (await folder.entries()).some((name) => name.replace(/\/$/, "") === "lib");
  return { files: hasLibraries ? all.withDirectory("lib", folder.directory("lib")) : all, isSealed: false };
}

/** Spring Boot's archives have others in them, or at least what loads others. */
const SPRING_BOOT = /^(?:BOOT-INF\/|org\/springframework\/boot\/loader\/)/m;

/** Shaded archives have what Maven knows of several artifacts. */
function isShaded(list: string): boolean {
  return (list.match(/^META-INF\/maven\/[^/]+\/[^/]+\/pom\.xml$/gm) ?? []).length > 1;
}
