/** What the build keeps for `sdk/`, beside the bundles of function containers. */
export const LIBRARY_FOLDER = "library";

/** The licence that a new module gets unless another one is asked for. */
export const DEFAULT_LICENCE = "Apache-2.0";
