import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type Figure, figureOf, measureProgram } from "./figure.ts";

/** What the checks of this repository run in. */
const IMAGES = ["node:24-bookworm", "apache/kafka:4.1.1", "debian:bookworm-slim", "registry.k8s.io/kubectl:v1.34.5"];

/**
 * The README's first command in a fresh clone of the commit that `program` is in: the set-up and all checks, on a store that has the images
 * and nothing else. npm has the packages in its cache on this machine, but not in the checks' containers.
 *
 * @param place a folder on a disk with 5 GiB of room
 * @throws Error when a check fails
 */
export async function freshCloneFigures(program: string, place: string): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(place, "bench-clone-"));
  const env = { ...process.env, SLIPWAY_STORE: join(folder, "store") };
  const clone = join(folder, "clone");
  try {
    for (const image of IMAGES)
      await measureProgram([program, "core", "container", "from", "--address", image, "rootfs", "entries"], {
        cwd: folder,
        env,
      });
    await execa("git", ["clone", "--quiet", dirname(program), clone]);
    const run = await measureProgram(["./slipway", "call", "test"], { cwd: clone, env });
    return [figureOf("call test in a fresh clone, images in the store", [run], 120_000)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
