import type { Job } from "./pipeline.ts";
import { RING_TOKEN } from "./secrets.ts";

/**
 * The command line of a call on a machine whose user may become root without a password. The embedded engine runs as root there, because
 * Ubuntu 24.04 keeps user namespaces from ordinary users.
 */
export function asRoot(job: Job & { readonly audience?: string }, command: string): string {
  const { engine, secrets, audience } = job;
  const variables = ["CI", ...secrets, ...(audience === undefined ? [] : [RING_TOKEN])].join(",");
  return engine === "dagger" ? command : `sudo --preserve-env=${variables} env "PATH=$PATH" ${command}`;
}
