import { findBareArguments, listInstructions } from "../languages/dockerfile/instructions.ts";
import type { Found } from "../languages/language.ts";
import { hasFile, pathIn } from "../repository/outline.ts";
import type { ComposedService } from "./compose.ts";
import type { ComposedBuild } from "./compose-build.ts";
import type { Scene } from "./scene.ts";

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
    dockerfile ?? ["Dockerfile", "Containerfile"].map((one) => pathIn(path, one)).find((one) => hasFile(outline, one));
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
