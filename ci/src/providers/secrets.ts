// Values that a job is given by the provider, in environment variables of these names, and nothing else of the run sees.

/** User and password of who pushes the images. */
export const REGISTRY_LOGIN: readonly string[] = ["REGISTRY_USERNAME", "REGISTRY_PASSWORD"];

/** The private key that signs what images carry, as text. */
export const SIGNING_KEY = "SIGNING_KEY";

/** A token of the run for the cluster of the ring, which the provider issues and nobody keeps. */
export const RING_TOKEN = "RING_TOKEN";

/** The kubeconfig of the account that deploys in a ring, as text: each ring has one of its own, and no job has that of another. */
export const RING_KUBECONFIG = "RING_KUBECONFIG";
