/** Where things lie in the container of a function. */

/** Engine's part: launcher, SDK bundle, compile cache. The same for all modules. */
export const ENGINE_DIR = "/usr/lib/slipway";

/** The SDK's declarations, in the form in which the introspector takes them. */
export const TYPES_DIR = `${ENGINE_DIR}/types/@dagger.io/dagger`;

/** The SDK's client with the types of the core and of nothing else. */
export const CLIENT_FILE = `${TYPES_DIR}/api/client.gen.ts`;

/** The introspector, ready to read a module, as `node --snapshot-blob` takes it. */
export const SCAN_SNAPSHOT = `${ENGINE_DIR}/scan/compiled/scan.blob`;

/** A module with most of what modules have, which is there only while the bundles are made. */
export const SAMPLE_FILE = `${ENGINE_DIR}/sample/src/index.ts`;

/** What the launcher has to know about the module, beside the module itself. */
export const PLAN_FILE = "/usr/lib/slipway-module/plan.json";

/** Folder of the socket that leads to the engine; the engine mounts it. */
export const SOCKET_DIR = "/run/slipway";
export const SOCKET_FILE = `${SOCKET_DIR}/engine.sock`;

/** What lies above the module's source, as on the real engine. */
export const MODULES_DIR = "/src";
