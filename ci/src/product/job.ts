import { type Container, dag, type Platform, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { images } from "../tool-images.ts";

/** Where a job finds the system that waits beside it. Its own image may have no shell. */
const SYSTEM = "/.slipway/system";
/** In memory, for every user: the note that the job has ended well. */
const NOTES = "/.slipway/notes";

/** The program that starts programs of Debian, in the place for the libraries of each platform. */
const LOADERS: Readonly<Record<string, string>> = {
  "linux/amd64": "x86_64-linux-gnu/ld-linux-x86-64.so.2",
  "linux/arm64": "aarch64-linux-gnu/ld-linux-aarch64.so.1",
};

/**
 * A job as a service: ready when the job has ended well, so that who is bound to it starts after that. When it fails, so do they,
 * with its exit code and its output.
 *
 * As a service, and not as an exec before them, because then it runs exactly when they do, beside the same databases: an exec that
 * is known would not run again for a database that is empty again.
 */
export async function runToEnd(job: Container): Promise<Service> {
  const command = [...(await job.entrypoint()), ...(await job.defaultArgs())];
  // Nothing to start: the engine says so.
  if (command.length === 0) return job.asService({ useEntrypoint: true });
  const platform = await job.platform();
  const system = systemOf(platform);
  const script = `"$@" || exit; : > ${NOTES}/ended; exec ${system("sleep").join(" ")} infinity`;
  return job
    .withMountedDirectory(SYSTEM, dag.container({ platform }).from(images.debian).rootfs(), { readOnly: true })
    .withMountedTemp(NOTES)
    .withDockerHealthcheck([...system("test"), "-e", `${NOTES}/ended`], {
      // A job takes as long as it takes: what fails is the job, never this check.
      startPeriod: "8760h",
      startInterval: "300ms",
    })
    .asService({ args: [...system("dash"), "-c", script, "job", ...command] });
}

/** How a program of the system is started in any image of the platform. */
function systemOf(platform: Platform): (program: string) => string[] {
  const loader = LOADERS[platform.split("/").slice(0, 2).join("/")];
  if (loader === undefined) {
    throw new SlipwayError("bad-config", {
      what: `a job for the platform ${platform} cannot be run here`,
      where: "kind: job of slipway.yaml",
      todo: `build it for one of ${Object.keys(LOADERS).join(", ")}`,
    });
  }
  const libraries = `${SYSTEM}/usr/lib/${loader.slice(0, loader.indexOf("/"))}`;
  return (program) => [`${SYSTEM}/usr/lib/${loader}`, "--library-path", libraries, `${SYSTEM}/usr/bin/${program}`];
}
