/** The version of Dagger whose API this engine speaks. */
export const ENGINE_VERSION = "v0.21.8";
