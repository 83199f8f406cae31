import { type Container, dag } from "@dagger.io/dagger";
import { images } from "../../tool-images.ts";
import type { Files, Language, Project, ServiceBuild } from "../language.ts";
import { addSources, buildSteps, finish, installInto, placeOf, runSteps, ship, startOf, TOP } from "../prepare.ts";
import { detectNode } from "./detect.ts";
import { NODE_CACHE } from "./install.ts";

/** Where a service lies in its image. */
const APP = "/app";

/** What managers write beside the packages, with the time in it. */
const DATED = ["**/node_modules/.modules.yaml", "**/node_modules/.pnpm-workspace-state*", "**/node_modules/.cache"];

/** What a service has no use for. */
const UNSHIPPED = ["**/node_modules", "**/*.test.*", "**/*.spec.*", "**/__tests__", "**/coverage", "**/*.tsbuildinfo"];

/** Node, with the packages of npm's registry. */
export const node: Language = {
  name: "node",
  detect: detectNode,
  install: (project, files) => installInto(openTool(project), TOP, project, files, project.install),
  build: async (project, files, service) =>
    service.output === undefined
      ? buildWithPackages(project, files, service)
      : buildOutput(project, files, service, service.output),
};

function openTool({ image }: Project): Container {
  return (
    dag
      .container()
      .from(image.value)
      // Behind a proxy that signs anew, the engine adds its certificate to the system's; npm has its own list.
      .withEnvVariable("NODE_EXTRA_CA_CERTS", "/etc/ssl/certs/ca-certificates.crt")
      .withEnvVariable("CI", "true")
      // Of the first yarn, and of newer ones; these install as the others do, whatever they are set to.
      .withEnvVariable("YARN_CACHE_FOLDER", `${NODE_CACHE}/yarn`)
      .withEnvVariable("YARN_GLOBAL_FOLDER", `${NODE_CACHE}/berry`)
      .withEnvVariable("YARN_NODE_LINKER", "node-modules")
      .withEnvVariable("YARN_ENABLE_TELEMETRY", "false")
      .withMountedCache("/root/.npm", dag.cacheVolume("slipway-npm"))
      .withMountedCache(NODE_CACHE, dag.cacheVolume("slipway-node"))
  );
}

function buildAll(project: Project, files: Files): Container {
  return runSteps(addSources(node.install(project, files), project, files), TOP, buildSteps(project));
}

/** Node's own program on a bare Debian of the same release: no npm, no compiler. */
function openRuntime({ image }: Project): Container {
  const program = dag.container().from(image.value).file("/usr/local/bin/node");
  // A folder of our own: a file added to a folder of the base would give that one the time of the build.
  return ship(dag.container().from(images.debian), "/", dag.directory().withFile("runtime/node", program))
    .withEnvVariable("PATH", "/runtime:/usr/local/bin:/usr/bin:/bin")
    .withEnvVariable("NODE_ENV", "production");
}

/** The sources as the build leaves them, with the packages that production needs. */
function buildWithPackages(project: Project, files: Files, service: ServiceBuild): Container {
  const start = startOf(project, service);
  const packages = installInto(openTool(project), APP, project, files, project.production)
    .directory(APP)
    .filter({ exclude: DATED });
  const built = buildAll(project, files).directory(TOP).filter({ exclude: UNSHIPPED });
  const folder = placeOf(APP, project.path);
  const bins = [...new Set([folder, placeOf(APP, project.root)])].map((one) => `${one}/node_modules/.bin`);
  const image = ship(
    openRuntime(project),
    "/",
    dag.directory().withDirectory("app", packages.withDirectory("/", built)),
  );
  return finish(
    image.withEnvVariable("PATH", ["/runtime", ...bins, "/usr/local/bin:/usr/bin:/bin"].join(":")),
    folder,
    service,
    start,
  );
}

/** A folder that the build writes, complete in itself, such as a bundle: nothing else goes into the image. */
function buildOutput(project: Project, files: Files, service: ServiceBuild, output: string): Container {
  const built = buildAll(project, files).directory(`${placeOf(TOP, project.path)}/${output}`);
  const image = ship(openRuntime(project), "/", dag.directory().withDirectory("app", built));
  return finish(image, APP, service, ["/runtime/node", `${APP}/${service.main ?? "main.js"}`]);
}
