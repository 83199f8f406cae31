import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { images } from "../../../ci/src/tool-images.ts";
import { recorder } from "../../providers/scene.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** The certificate authorities of this machine, which the downloads of a job may need. */
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** The commands of a job in this image: Slipway's package, and one that only writes down what is called. */
export const COMMANDS = { slipway: "slipway", recorder: "recorder" } as const;

/**
 * Makes the file system of the image that tasks run in: that which a generated pipeline names, with Slipway installed from its package as a
 * person's own image would have it. It is also that of the resource types.
 */
export async function makeImage(folder: string): Promise<void> {
  const slipway = join(CHECKOUT, "slipway");
  await execa(slipway, [
    "core",
    "container",
    "from",
    `--address=${images.node}`,
    "rootfs",
    "export",
    `--path=${folder}`,
  ]);
  const packed = await execa("npm", ["pack", "--silent", `--pack-destination=${folder}/opt`], { cwd: CHECKOUT });
  const archive = join(folder, "opt", packed.stdout.trim().split("\n").at(-1) ?? "");
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  await execa("npm", ["install", "--global", ...quiet, `--prefix=${folder}/usr/local`, archive], { cwd: folder });
  copyFileSync(AUTHORITIES, join(folder, AUTHORITIES));
  writeProgram(join(folder, "usr/local/bin", COMMANDS.recorder), recorder("/dev/stdout"));
  const programs = join(folder, "opt/resource");
  mkdirSync(programs);
  copyFileSync(join(import.meta.dirname, "resource.mjs"), join(programs, "resource.mjs"));
  for (const what of ["check", "in"])
    writeProgram(join(programs, what), `#!/bin/sh\nexec node /opt/resource/resource.mjs ${what} "$@"\n`);
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}
