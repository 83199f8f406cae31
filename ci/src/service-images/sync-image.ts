import type { ServiceImage } from "./service-image.ts";

/** What kernels and engines say of a program of another platform. */
const FOREIGN = /exec format error/i;

/**
 * Builds an image. When a program of another platform could not be run for it, that is said in a line on standard
 * error.
 *
 * @throws what the engine threw, as it came
 */
export async function syncImage(service: string, { platform, container }: ServiceImage): Promise<void> {
  try {
    await container.sync();
  } catch (error) {
    if (platform !== undefined && FOREIGN.test(listWords(error))) console.error(tellForeign(service, platform));
    throw error;
  }
}

/** The message, and what the command printed. */
function listWords(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  return ["message", "stdout", "stderr"].map((key) => String(Reflect.get(error, key) ?? "")).join("\n");
}

function tellForeign(service: string, platform: string): string {
  return (
    `the image of ${service} for ${platform} needs a program of that platform, which this machine cannot run; nothing was sent\n` +
    "  to do: let its kernel emulate it (qemu-user-static and binfmt_misc), build on such a machine, compile on the builder " +
    `(FROM --platform=$BUILDPLATFORM), or take ${platform} out of images.platforms\n`
  );
}
