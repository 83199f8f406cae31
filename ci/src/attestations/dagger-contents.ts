import type { Container } from "@dagger.io/dagger";
import { openPrograms, runProgram } from "./dagger-programs.ts";
import { findPackages } from "./program/contents/find.ts";
import type { Contents } from "./program/contents/package.ts";

const IMAGE = "/image";

/** What is installed in an image: also in one of another platform, since nothing of it runs. */
export async function findContents(image: Container): Promise<Contents> {
  const container = openPrograms().withMountedDirectory(IMAGE, image.rootfs());
  return await runProgram(container, "contents/find.ts", findPackages, IMAGE);
}
