import { type Container, type Directory, dag, type Platform } from "@dagger.io/dagger";
import { tellFolder } from "../repository/outline.ts";
import {
  type Command,
  type Files,
  type Found,
  listPrograms,
  type Project,
  type ServiceBuild,
  type Step,
  Undecided,
} from "./language.ts";
import { toStart } from "./shell-words.ts";

/** Where the repository lies in containers that check and build it. */
export const TOP = "/work";

/** The folder of a project, or a file in it, in a container that has the repository at `top`. */
export function placeOf(top: string, path: string): string {
  return path === "." ? top : `${top}/${path}`;
}

/** A container of a platform; of the engine's own when none is named. */
export function openOn(platform: string | undefined): Container {
  return platform === undefined ? dag.container() : dag.container({ platform: platform as Platform });
}

/** Runs steps one after the other, each in its folder. */
export function runSteps(container: Container, top: string, steps: readonly Step[]): Container {
  return steps.reduce(
    (made, { command, folder }) => made.withWorkdir(placeOf(top, folder)).withExec([...command]),
    container,
  );
}

/**
 * The tool's container with the manifests and lock files of a project, and what `steps` install by them. The sources are
 * not there yet, so that a change in them installs nothing again.
 */
export function installInto(
  tool: Container,
  top: string,
  project: Project,
  files: Files,
  steps: readonly Step[],
): Container {
  return runSteps(tool.withDirectory(top, files(project.packages)), top, steps).withWorkdir(placeOf(top, project.path));
}

/** What was installed, with the sources and what has to be done once they are there. */
export function addSources(installed: Container, project: Project, files: Files): Container {
  const ready = runSteps(installed.withDirectory(TOP, files(project.reads)), TOP, project.setup);
  return ready.withWorkdir(placeOf(TOP, project.path));
}

/** The commands of a project that build it, if it has any. */
export function buildSteps({ path, commands }: Project): Step[] {
  return (commands.build ?? []).map(({ value }) => ({ command: value, folder: path }));
}

/**
 * What is started: what slipway.yaml names, or the only one that was found.
 *
 * @throws Undecided when there is none, or more than one
 */
export function chooseMain({ path, mains }: Project, { main }: ServiceBuild): Found<string> {
  if (main !== undefined) return { value: main, from: "slipway.yaml" };
  const [only, ...others] = listPrograms(mains);
  if (only !== undefined && others.length === 0) return only;
  const what =
    mains.length === 0
      ? "nothing says what is started"
      : `several can be started: ${mains.map(({ value }) => value).join(", ")}`;
  throw new Undecided([
    { what, where: tellFolder(path), todo: "name it in slipway.yaml: `build: { main: … }` or `build: { start: […] }`" },
  ]);
}

/** What starts a service: the program that slipway.yaml gives, or its entry's command line. */
export function startOf(project: Project, service: ServiceBuild): Command {
  return service.start ?? toStart(chooseMain(project, service).value);
}

/** Who runs a service, and its group: nobody that the image or the host has a name for. Kubernetes wants it as a number. */
export const USER = 10_001;

/** The time of every file, in seconds since 1970: times are part of a layer. Not 0, which some tools take for none. */
const FILE_TIME = 1;

/** Adds files to an image, with the same times whenever they were made. */
export function ship(image: Container, path: string, files: Directory): Container {
  return image.withDirectory(path, files.withTimestamps(FILE_TIME));
}

/** Makes a container the image of a service: its folder, user, port and start. */
export function finish(image: Container, folder: string, service: ServiceBuild, start: Command): Container {
  const { port } = service;
  const started = image
    .withWorkdir(folder)
    .withUser(`${USER}:${USER}`)
    .withEntrypoint([...(service.start ?? start)]);
  return port === undefined ? started : started.withEnvVariable("PORT", String(port)).withExposedPort(port);
}
