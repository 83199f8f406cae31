import type { Job } from "./pipeline.ts";

/**
 * The command line of a call on a machine whose user may become root without a password. The embedded engine runs as root there, because
 * Ubuntu 24.04 keeps user namespaces from ordinary users.
 */
export function asRoot({ engine, secrets }: Job, command: string): string {
  const variables = ["CI", ...secrets].join(",");
  return engine === "dagger" ? command : `sudo --preserve-env=${variables} env "PATH=$PATH" ${command}`;
}
