/** A value that a job is given by the provider, in an environment variable, and nothing else of the run sees. */
export interface Secret {
  readonly variable: string;
  /** What it opens: each ring has one of its own, and no job has that of another. */
  readonly of: "registry" | "images" | "ring";
}

/** Who pushes the images. */
export function registrySecrets(): Secret[] {
  return [
    { variable: "REGISTRY_USERNAME", of: "registry" },
    { variable: "REGISTRY_PASSWORD", of: "registry" },
  ];
}

/** The private key that signs what images carry, as text. */
export function signingSecret(): Secret {
  return { variable: "SIGNING_KEY", of: "images" };
}

/** The kubeconfig of the account that deploys in a ring, as text. */
export function ringSecret(): Secret {
  return { variable: "RING_KUBECONFIG", of: "ring" };
}
