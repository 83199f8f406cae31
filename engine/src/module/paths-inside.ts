/** Where things lie in the container of a function. */

/** Engine's part: launcher, SDK bundle, compile cache. The same for all modules. */
export const ENGINE_DIR = "/usr/lib/slipway";

/** What the launcher has to know about the module, beside the module itself. */
export const PLAN_FILE = "/usr/lib/slipway-module/plan.json";

/** Folder of the socket that leads to the engine; the engine mounts it. */
export const SOCKET_DIR = "/run/slipway";
export const SOCKET_FILE = `${SOCKET_DIR}/engine.sock`;

/** What lies above the module's source, as on the real engine. */
export const MODULES_DIR = "/src";
