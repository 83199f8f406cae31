import type { Container, Directory } from "@dagger.io/dagger";
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

/**
 * The image that a Dockerfile makes.
 *
 * @param context the folder that it copies from
 * @param path of the Dockerfile in the context
 */
export function buildDockerfile(
  context: Directory,
  path: string,
  { target, args = {} }: { readonly target?: string; readonly args?: Readonly<Record<string, string>> } = {},
): Container {
  return context.dockerBuild({
    dockerfile: path,
    ...(target === undefined ? {} : { target }),
    buildArgs: Object.entries(args).map(([name, value]) => ({ name, value })),
  });
}
