import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { storeDir } from "../store/system-words.ts";

/** How many builds of the engine keep what Node has compiled of them: this one and one beside it. */
const KEPT_BUILDS = 2;

/**
 * Keeps in the store what Node compiles of this program, a fifth of a short command's time. Node compares it with the source
 * before it takes it. Before there is a store, in one that cannot be written, and with an older Node each start compiles.
 *
 * @param program the file that was started, which each build of the engine writes anew
 */
export function keepCompiled(env: NodeJS.ProcessEnv, program: string): void {
  const enableCompileCache: typeof module.enableCompileCache | undefined = module.enableCompileCache;
  if (enableCompileCache === undefined) return;
  try {
    const store = storeDir(env);
    if (!existsSync(store)) return;
    const builds = join(store, "compiled");
    const build = join(builds, Math.floor(statSync(program).mtimeMs).toString(36));
    if (!existsSync(build)) makeFolder(builds, build);
    enableCompileCache(build);
  } catch {
    // To be slower is no reason to fail, and whoever needs the store tells what is wrong with it.
  }
}

/** One folder at a time: where none can be made, as in /proc, Node tries for ever to make them all at once. */
function makeFolder(builds: string, build: string): void {
  if (!existsSync(builds)) mkdirSync(builds);
  mkdirSync(build);
  removeOldest(builds);
}

function removeOldest(builds: string): void {
  const newestFirst = readdirSync(builds)
    .map((name) => ({ path: join(builds, name), time: statSync(join(builds, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of newestFirst.slice(KEPT_BUILDS)) rmSync(path, { recursive: true, force: true });
}
