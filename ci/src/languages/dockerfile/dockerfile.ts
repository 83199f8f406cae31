import { type Container, type Directory, dag, type Platform } from "@dagger.io/dagger";
import { pathBelow } from "../../repository/outline.ts";
import type { Language } from "../language.ts";
import { detectDockerfile } from "./detect.ts";

/** Any Dockerfile: it says itself what the image is, its user and start included. */
export const dockerfile: Pick<Language, "name" | "detect" | "install"> = {
  name: "dockerfile",
  detect: (outline, path) => detectDockerfile(outline, path),
  install: ({ reads, root, manager }, files) =>
    buildDockerfile(files(reads).directory(root), pathBelow(manager.from, root)),
};

/** What a build of a Dockerfile is told. */
interface Told {
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  /** What the image is made for; left out: what the engine runs on. */
  readonly platform?: string;
}

/**
 * The image that a Dockerfile makes.
 *
 * @param context the folder that it copies from
 * @param path of the Dockerfile in the context
 */
export function buildDockerfile(
  context: Directory,
  path: string,
  { target, args = {}, platform }: Told = {},
): Container {
  return context.dockerBuild({
    dockerfile: path,
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform: platform as Platform }),
    buildArgs: Object.entries(args).map(([name, value]) => ({ name, value })),
  });
}

/**
 * The same for another platform than the engine's. Engines take the platform that is built for as the one that is
 * built on as well, so `FROM --platform=$BUILDPLATFORM` is told what it is.
 */
export async function buildDockerfileFor(
  context: Directory,
  path: string,
  { args, ...told }: Told & { readonly platform: string },
): Promise<Container> {
  const own = await dag.defaultPlatform();
  const [system = "", architecture = "", variant = ""] = own.split("/");
  const build = { BUILDPLATFORM: own, BUILDOS: system, BUILDARCH: architecture, BUILDVARIANT: variant };
  return buildDockerfile(context, path, { ...told, args: { ...build, ...args } });
}
