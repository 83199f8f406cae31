import * as loader from "node:module";

/**
 * Adds the `resolve` and `load` that the module at `url` exports to those of Node's loader: in this thread where Node can do so, from 22.15
 * on. To ask another thread about each file takes longer.
 */
export async function addHooks(url) {
  if (loader.registerHooks === undefined) loader.register(url);
  else loader.registerHooks(await import(url));
}
