import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { images } from "../../tool-images.ts";
import type { Files, Language, Project, ServiceBuild } from "../language.ts";
import { portable } from "../natives.ts";
import {
  addSources,
  buildSteps,
  finish,
  installInto,
  openOn,
  placeOf,
  runSteps,
  ship,
  startOf,
  TOP,
} from "../prepare.ts";
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
  shippedOn: () => images.debian,
  build: async (project, files, service) =>
    service.output === undefined
      ? buildWithPackages(project, files, service)
      : buildOutput(project, files, service, service.output),
};

function openTool({ image }: Project, platform?: string): Container {
  return (
    openOn(platform)
      .from(image.value)
      // Behind a proxy that signs anew, the engine adds its certificate to the system's; npm has its own list.
      .withEnvVariable("NODE_EXTRA_CA_CERTS", "/etc/ssl/certs/ca-certificates.crt")
      .withEnvVariable("CI", "true")
      // The headers that node-gyp would otherwise download, for packages that are compiled.
      .withEnvVariable("npm_config_nodedir", "/usr/local")
      // Of the first yarn, and of newer ones; these install as the others do, whatever they are set to.
      .withEnvVariable("YARN_CACHE_FOLDER", `${NODE_CACHE}/yarn`)
      .withEnvVariable("YARN_GLOBAL_FOLDER", `${NODE_CACHE}/berry`)
      .withEnvVariable("YARN_NODE_LINKER", "node-modules")
      .withEnvVariable("YARN_ENABLE_TELEMETRY", "false")
      .withMountedCache("/root/.npm", dag.cacheVolume("slipway-npm"))
      .withMountedCache(NODE_CACHE, dag.cacheVolume("slipway-node"))
  );
}

function buildAll(project: Project, files: Files, platform?: string): Container {
  const installed = installInto(openTool(project, platform), TOP, project, files, project.install);
  return runSteps(addSources(installed, project, files), TOP, buildSteps(project));
}

/** Node's own program on a bare Debian of the same release: no npm, no compiler. */
function openRuntime({ image }: Project, { platform }: ServiceBuild): Container {
  const program = openOn(platform).from(image.value).file("/usr/local/bin/node");
  // A folder of our own: a file added to a folder of the base would give that one the time of the build.
  return ship(openOn(platform).from(images.debian), "/", dag.directory().withFile("runtime/node", program))
    .withEnvVariable("PATH", "/runtime:/usr/local/bin:/usr/bin:/bin")
    .withEnvVariable("NODE_ENV", "production");
}

/** The sources as the build leaves them, with the packages that production needs. */
async function buildWithPackages(project: Project, files: Files, service: ServiceBuild): Promise<Container> {
  const start = startOf(project, service);
  const packages = (await installFor(project, files, service)).directory(APP).filter({ exclude: DATED });
  const built = takeBuilt(buildAll(project, files).directory(TOP), project);
  const folder = placeOf(APP, project.path);
  const bins = [...new Set([folder, placeOf(APP, project.root)])].map((one) => `${one}/node_modules/.bin`);
  const image = ship(
    openRuntime(project, service),
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

/** What a build leaves in the sources, and what it has made among the packages. */
function takeBuilt(all: Directory, { setup }: Project): Directory {
  const sources = all.filter({ exclude: UNSHIPPED });
  const isGenerated = setup.some(({ command }) => command.includes("prisma"));
  return isGenerated ? sources.withDirectory("/", all.filter({ include: ["**/node_modules/.prisma/**"] })) : sources;
}

/** Prints the files below a folder that are programs or libraries of a machine. */
const FIND_NATIVES = `
const { closeSync, openSync, readdirSync, readSync } = require("node:fs");
const start = Buffer.alloc(4);
for (const entry of readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = entry.parentPath + "/" + entry.name;
  const file = openSync(path);
  if (readSync(file, start) === 4 && start.toString("latin1") === "\\x7fELF") console.log(path);
  closeSync(file);
}`;

const findNatives = (folder: string) => ["node", "-e", FIND_NATIVES, folder];

/** What production needs. Most packages are the same for each platform. */
async function installFor(project: Project, files: Files, { platform }: ServiceBuild): Promise<Container> {
  const install = (on?: string) => installInto(openTool(project, on), APP, project, files, project.production);
  return platform === undefined ? install() : await portable(install(), findNatives(APP), () => install(platform));
}

/** A folder that the build writes, complete in itself, such as a bundle: nothing else goes into the image. */
async function buildOutput(project: Project, files: Files, service: ServiceBuild, output: string): Promise<Container> {
  const folder = `${placeOf(TOP, project.path)}/${output}`;
  const { platform } = service;
  const built =
    platform === undefined
      ? buildAll(project, files)
      : await portable(buildAll(project, files), findNatives(folder), () => buildAll(project, files, platform));
  const image = ship(openRuntime(project, service), "/", dag.directory().withDirectory("app", built.directory(folder)));
  return finish(image, APP, service, ["/runtime/node", `${APP}/${service.main ?? "main.js"}`]);
}
