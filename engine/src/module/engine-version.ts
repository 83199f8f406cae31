/** The version of the real engine that this one answers like. */
export const ENGINE_VERSION = "v0.21.8";
