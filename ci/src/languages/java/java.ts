import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger";
import { pathBelow, tellFolder } from "../../repository/outline.ts";
import { jreImage } from "../../tool-images.ts";
import { type Files, type Language, type Project, Undecided } from "../language.ts";
import { addSources, finish, installInto, placeOf, ship, TOP } from "../prepare.ts";
import { GRADLE, MAVEN, TRUSTING } from "./commands.ts";
import { detectJava } from "./detect.ts";

/** Java, or another language of its virtual machine: its archives on a runtime without the compiler. */
export const java: Language = {
  name: "java",
  detect: detectJava,
  install: (project, files) => installInto(openTool(project), TOP, project, files, project.install),
  build: async (project, files, service) => {
    const archives = await (project.manager.value === "maven" ? packageByMaven : packageByGradle)(project, files);
    const line = /-(\d+)$/.exec(project.image.value)?.[1] ?? project.version.value;
    const image = ship(dag.container().from(jreImage(line)), "/", dag.directory().withDirectory("app", archives));
    const main = service.main ?? project.mains[0]?.value;
    const isWhole = (await archives.entries()).includes("app.jar");
    if (!isWhole && main === undefined && service.start === undefined) throw noMain(project);
    const start = isWhole ? ["java", "-jar", "/app/app.jar"] : ["java", "-cp", "/app/*:/app/lib/*", main ?? ""];
    return finish(image, "/app", service, start);
  },
};

function openTool({ image }: Project): Container {
  return (
    dag
      .container()
      .from(image.value)
      .withMountedCache("/root/.m2", dag.cacheVolume("slipway-maven"))
      // Gradle asks the process that holds a lock over the network, which containers do not share: one at a time.
      .withMountedCache("/root/.gradle", dag.cacheVolume("slipway-gradle"), { sharing: CacheSharingMode.Locked })
      .withEnvVariable("GRADLE_USER_HOME", "/root/.gradle")
      // The wrapper takes it for arguments; Maven's image sets it to a folder.
      .withoutEnvVariable("MAVEN_CONFIG")
      .withEnvVariable(
        "MAVEN_OPTS",
        "-Daether.syncContext.named.factory=file-lock -Daether.syncContext.named.nameMapper=file-gav",
      )
      .withEnvVariable("USE_SYSTEM_CA_CERTS", "1")
      .withEnvVariable("CI", "true")
  );
}

/** Times in archives, the same whenever they are made. */
const OUTPUT_TIME = "-Dproject.build.outputTimestamp=1980-01-01T00:00:02Z";

async function packageByMaven(project: Project, files: Files): Promise<Directory> {
  const { path, root } = project;
  const sources = addSources(java.install(project, files), project, files).withWorkdir(placeOf(TOP, root));
  const hasWrapper = (await files(project.reads).directory(root).entries()).includes("mvnw");
  const maven = [TRUSTING, ...(hasWrapper ? ["sh", "./mvnw"] : ["mvn"]), ...MAVEN];
  const module = path === root ? [] : ["-pl", pathBelow(path, root), "-am"];
  const copy = [
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    "-DoutputDirectory=${project.build.directory}/lib",
  ];
  const built = sources.withExec([...maven, ...module, "-DskipTests", OUTPUT_TIME, "package", ...copy]);
  return await takeArchives(built.directory(`${placeOf(TOP, path)}/target`), built);
}

/** Archives of Gradle without the times of their files, in one order. */
const REPRODUCIBLE = `allprojects { tasks.withType(AbstractArchiveTask).configureEach { preserveFileTimestamps = false; reproducibleFileOrder = true }
  afterEvaluate { if (plugins.hasPlugin('java')) tasks.register('slipwayLibraries', Copy) { from configurations.runtimeClasspath; into layout.buildDirectory.dir('slipway/lib') } } }
`;

async function packageByGradle(project: Project, files: Files): Promise<Directory> {
  const { path, root } = project;
  const sources = addSources(java.install(project, files), project, files).withWorkdir(placeOf(TOP, root));
  const below = path === root ? "" : pathBelow(path, root).replaceAll("/", ":");
  const task = (name: string) => (below === "" ? name : `:${below}:${name}`);
  const built = sources
    .withNewFile("/tmp/reproducible.gradle", REPRODUCIBLE)
    .withExec([...GRADLE, "--init-script", "/tmp/reproducible.gradle", task("assemble"), task("slipwayLibraries")]);
  const libraries = built.directory(`${placeOf(TOP, path)}/build/slipway/lib`);
  return await takeArchives(built.directory(`${placeOf(TOP, path)}/build/libs`).withDirectory("lib", libraries), built);
}

/** Archives with something else than the service. */
const BESIDE = /^original-|-(?:sources|javadoc|tests|test-sources|plain)\.jar$/;

/**
 * `app.jar` alone when an archive has all in itself (its manifest names a class, and it has classes of others), else the
 * archive and its libraries.
 */
async function takeArchives(folder: Directory, tool: Container): Promise<Directory> {
  const names = (await folder.entries()).filter((name) => name.endsWith(".jar") && !BESIDE.test(name));
  for (const name of names) {
    const list = await tool
      .withMountedFile("/tmp/a.jar", folder.file(name))
      .withExec(["jar", "--list", "--file", "/tmp/a.jar"])
      .stdout();
    if (isWhole(list)) return dag.directory().withFile("app.jar", folder.file(name));
  }
  const all = names.reduce((made, name) => made.withFile(name, folder.file(name)), dag.directory());
  const hasLibraries = (await folder.entries()).some((name) => name.replace(/\/$/, "") === "lib");
  return hasLibraries ? all.withDirectory("lib", folder.directory("lib")) : all;
}

/** Spring Boot's archives have others in them; shaded ones have manifests of several artifacts, or many packages. */
function isWhole(list: string): boolean {
  if (/^BOOT-INF\//m.test(list)) return true;
  return (list.match(/^META-INF\/maven\/[^/]+\/[^/]+\/pom\.xml$/gm) ?? []).length > 1;
}

function noMain({ path }: Project): Undecided {
  return new Undecided([
    {
      what: "nothing says which class is started",
      where: tellFolder(path),
      todo: "name it in slipway.yaml: `build: { main: com.example.App }`",
    },
  ]);
}
