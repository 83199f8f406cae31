let isPrivate = false;

/**
 * Says that this process has read a secret, or something else that not everybody may read. From now on all that it writes down in a
 * store stays on this machine: what a step has made of the secret cannot be told from the rest.
 */
export function keepPrivate(): void {
  isPrivate = true;
}

/** Whether what this process writes down stays on this machine. */
export function isKeptPrivate(): boolean {
  return isPrivate;
}

/** The file beside the data of a cache volume that no session with a secret has used. */
export const SHARABLE = "sharable";
