import { CacheSharingMode, type Container, dag } from "@dagger.io/dagger";
import { tellFolder } from "../../repository/outline.ts";
import { jreImage } from "../../tool-images.ts";
import { type Command, type Language, type Project, type ServiceBuild, Undecided } from "../language.ts";
import { finish, installInto, openOn, ship, TOP } from "../prepare.ts";
import { detectJava } from "./detect.ts";
import { type Packed, packageByGradle, packageByMaven } from "./package.ts";

/** Java, or another language of its virtual machine: its archives on a runtime without the compiler. */
export const java: Language = {
  name: "java",
  detect: detectJava,
  install: (project, files) => installInto(openTool(project), TOP, project, files, project.install),
  shippedOn: ({ image, version }) => jreImage(/-(\d+)$/.exec(image.value)?.[1] ?? version.value),
  build: async (project, files, service) => {
    const pack = project.manager.value === "maven" ? packageByMaven : packageByGradle;
    const packed = await pack(java.install(project, files), project, files);
    const image = ship(
      openOn(service.platform).from(java.shippedOn(project)),
      "/",
      dag.directory().withDirectory("app", packed.files),
    );
    const start = service.start ?? startOfPacked(project, service, packed);
    return finish(image, "/app", service, start);
  },
};

/**
 * The start of Temurin's images: with USE_SYSTEM_CA_CERTS it makes Java trust what the system trusts, which has the
 * certificate of a proxy that signs anew. Execs do not go through it, so it is run once.
 */
const TRUST_SYSTEM = ["/__cacert_entrypoint.sh", "true"];

/** An archive that starts by itself does so, unless another class of it is meant; all else is told the class. */
function startOfPacked(project: Project, { main: asked }: ServiceBuild, { whole, isSealed }: Packed): Command {
  if (whole !== undefined && (isSealed || asked === undefined)) return ["java", "-jar", whole];
  const [found, ...others] = project.mains;
  const main = asked ?? (others.length === 0 ? found?.value : undefined);
  if (main === undefined) throw noMain(project);
  return ["java", "-cp", "/app/*:/app/lib/*", main];
}

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
      .withExec(TRUST_SYSTEM)
      .withEnvVariable("CI", "true")
  );
}

function noMain({ path, mains }: Project): Undecided {
  const what =
    mains.length === 0
      ? "nothing says which class is started"
      : `several classes can be started: ${mains.map(({ value }) => value).join(", ")}`;
  const todo = `name it in slipway.yaml: \`build: { main: ${mains[0]?.value ?? "com.example.App"} }\``;
  return new Undecided([{ what, where: tellFolder(path), todo }]);
}
