import { dirname } from "node:path/posix";
import { entries, type Fields, fields } from "../input/fields.ts";
import { findBareArguments, listInstructions } from "../languages/dockerfile/instructions.ts";
import type { Found } from "../languages/language.ts";
import { hasFile } from "../repository/outline.ts";
import type { ComposedService } from "./compose.ts";
import type { Scene } from "./scene.ts";

/** How a compose file builds a service, and what it starts there. */
export interface ComposedBuild {
  /** The folder that the Dockerfile copies from, from the top of the repository. */
  readonly context: string;
  /** The Dockerfile from the top; undefined when the file names none. */
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** In place of the entrypoint of the image, whose command is gone with it. */
  readonly entrypoint?: readonly string[];
  /** In place of the command of the image; its entrypoint stays. */
  readonly command?: readonly string[];
}

/** The words of a command: a list, or a line as compose splits it. One that only a shell can run is left to one. */
export function readCommand(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return entries(value).map(String);
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (/[|&;<>`$(]/.test(value)) return ["/bin/sh", "-c", value];
  return [...value.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

/** The folder that a service of a compose file lies in: that of its Dockerfile, else the one that is copied from. */
export function folderOf({ context, dockerfile }: ComposedBuild): string {
  return dockerfile === undefined ? context : dirname(dockerfile);
}

/** What a compose file says of the service of a name in a folder; of the first one there when none has the name. */
export function composedAt(
  { composed }: Pick<Scene, "composed">,
  name: string,
  path: string,
): ComposedService | undefined {
  const here = composed.services.filter((one) => one.path === path);
  return here.find((one) => one.name === name) ?? here[0];
}

/** How a service is built by its compose file, where that says more than the Dockerfile itself. */
export interface BuiltByCompose {
  readonly dockerfile?: Found<string>;
  readonly context?: Found<string>;
  readonly target?: Found<string>;
  readonly start?: Found<readonly string[]>;
}

/**
 * A Dockerfile that the file names, and what tells apart services that are built from one folder: their stages and
 * commands. Of a service that is alone these are for a developer's own machine as a rule.
 */
export function buildByCompose(scene: Scene, name: string, path: string): BuiltByCompose {
  const service = composedAt(scene, name, path);
  if (service === undefined || service.name !== name) return {};
  const { composed, outline } = scene;
  const { dockerfile, context, target } = service.build;
  const from = `${composed.path?.value} services.${name}.build`;
  const file =
    dockerfile ?? [`${path}/Dockerfile`, `${path}/Containerfile`].map(plain).find((one) => hasFile(outline, one));
  if (file === undefined || !outline.told.has(file)) return {};
  const isShared = composed.services.some((one) => one !== service && one.path === path);
  const start = isShared ? startOf(service.build, outline.text(file) ?? "") : undefined;
  return {
    ...(dockerfile === undefined ? {} : { dockerfile: { value: dockerfile, from }, context: { value: context, from } }),
    ...(target === undefined || !isShared ? {} : { target: { value: target, from } }),
    ...(start === undefined
      ? {}
      : { start: { value: start, from: `${composed.path?.value} services.${name}.command` } }),
  };
}

/** What the container starts; undefined when the image says it alone. */
function startOf({ entrypoint, command }: ComposedBuild, dockerfile: string): readonly string[] | undefined {
  if (entrypoint === undefined && command === undefined) return undefined;
  return [...(entrypoint ?? findEntrypoint(dockerfile)), ...(command ?? [])];
}

function plain(path: string): string {
  return path.replace(/^\.\//, "");
}

/** The entrypoint that a Dockerfile gives its last stage as a list; a shell's takes no command. */
function findEntrypoint(text: string): string[] {
  const instructions = listInstructions(text);
  const stage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
  const rest = stage.findLast(({ name }) => name === "ENTRYPOINT")?.rest ?? "";
  return rest.startsWith("[") ? [...rest.matchAll(/"([^"]*)"/g)].map(([, word = ""]) => word) : [];
}

/** What a compose file gives for arguments that a Dockerfile has no default for. */
export function argumentsByCompose(
  scene: Scene,
  name: string,
  path: string,
  dockerfile: string,
): Record<string, string> {
  const service = composedAt(scene, name, path);
  if (service?.name !== name || !scene.outline.told.has(dockerfile)) return {};
  const bare = findBareArguments(listInstructions(scene.outline.text(dockerfile) ?? ""));
  return Object.fromEntries(
    Object.entries(service.build.args).filter(([key, value]) => bare.includes(key) && value !== ""),
  );
}

/** The build of a service in a compose file as its fields are. */
export function buildFields(build: unknown): Fields {
  return typeof build === "string" ? { context: build } : fields(build);
}
