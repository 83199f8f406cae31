/** Which build of the engine this is. The name of the variable is replaced when it is built. */
export const ENGINE_BUILD: string = process.env.SLIPWAY_ENGINE_BUILD ?? "source";
