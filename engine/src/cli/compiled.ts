import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire, wrap } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { storeDir } from "../store/system-words.ts";

/** How many builds of the engine keep their compiled form: this one and one beside it. */
const KEPT_BUILDS = 2;

/** How many forms of one build are kept: for each Node, and for each set of its options. */
const KEPT_FORMS = 4;

/** In front of what is kept: its checksum, how much of the program is in it, and the processor time of the run that has kept it. */
const HEADER = 12;

/** What a run has to need more than the one before it before it is looked whether it has compiled more. */
const MORE = 1.2;

/**
 * Milliseconds of processor time. V8 gives up code that did not run for a while, so a longer run ends with less of what the next one
 * begins with than it had.
 */
const LONG_RUN = 2_000;

interface Kept {
  readonly code: Buffer;
  readonly size: number;
  readonly milliseconds: number;
}

/**
 * Loads a program in the form in which Node has compiled it at an earlier start: half of a short command's time is saved. It
 * is kept in the store when a short run ends that has compiled more than those before it. Before there is a store and in one that cannot
 * be written, each start compiles.
 *
 * @param file CommonJS with ASCII characters only, which has another name when it has another content
 * @returns what it exports
 */
export function loadCompiled(env: NodeJS.ProcessEnv, file: string): unknown {
  const require = createRequire(file);
  const place = env["NODE_DISABLE_COMPILE_CACHE"] ? undefined : placeFor(env, file);
  // Only what Node loads by itself is shown at its place in the source.
  if (place === undefined || process.sourceMapsEnabled) return require(file);
  const kept = readKept(place);
  const cachedData = kept === undefined ? {} : { cachedData: kept.code };
  const script = new Script(wrap(readFileSync(file, "latin1")), { filename: file, ...cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  process.once("exit", () => keepIfMore(place, script, script.cachedDataRejected === true ? undefined : kept));
  return module.exports;
}

/** The file for this program, this Node and its options; undefined where there is no store. */
function placeFor(env: NodeJS.ProcessEnv, file: string): string | undefined {
  try {
    const store = storeDir(env);
    if (!existsSync(store)) return undefined;
    const options = [...process.execArgv, env["NODE_OPTIONS"] ?? ""].join(" ").trim();
    const form = [process.version, process.arch, ...(options === "" ? [] : [crc32(options).toString(36)])].join("-");
    return join(store, "compiled", basename(file, ".cjs"), form);
  } catch {
    return undefined;
  }
}

/** Undefined where nothing is kept, or where that is damaged: Node takes compiled code as it is. */
function readKept(place: string): Kept | undefined {
  try {
    const all = readFileSync(place);
    if (all.length <= HEADER || all.readUInt32LE(0) !== crc32(all.subarray(4))) return undefined;
    return { code: all.subarray(HEADER), size: all.readUInt32LE(4), milliseconds: all.readUInt32LE(8) };
  } catch {
    return undefined;
  }
}

function keepIfMore(place: string, script: Script, kept: Kept | undefined): void {
  try {
    const { user, system } = process.cpuUsage();
    const milliseconds = Math.round((user + system) / 1000);
    if (milliseconds > LONG_RUN) return;
    if (kept !== undefined && milliseconds < kept.milliseconds * MORE) return;
    // To load this and to count takes as long as all that is saved by it in a short run.
    const { getHeapCodeStatistics } = process.getBuiltinModule("node:v8");
    const size = getHeapCodeStatistics().bytecode_and_metadata_size;
    if (kept !== undefined && size < kept.size * MORE) return;
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(size, 4);
    header.writeUInt32LE(milliseconds, 8);
    const all = Buffer.concat([header, script.createCachedData()]);
    all.writeUInt32LE(crc32(all.subarray(4)), 0);
    writeKept(place, all);
  } catch {
    // To be slower is no reason to fail, and whoever needs the store tells what is wrong with it.
  }
}

function writeKept(place: string, all: Buffer): void {
  const build = dirname(place);
  const builds = dirname(build);
  // One folder at a time: where none can be made, as in /proc, Node tries for ever to make them all at once.
  for (const folder of [builds, build]) if (!existsSync(folder)) mkdirSync(folder);
  const unfinished = `${place}.${process.pid}`;
  try {
    writeFileSync(unfinished, all, { mode: 0o600 });
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  removeOldest(build, KEPT_FORMS);
  removeOldest(builds, KEPT_BUILDS);
}

function removeOldest(folder: string, count: number): void {
  const newestFirst = readdirSync(folder)
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of newestFirst.slice(count)) rmSync(path, { recursive: true, force: true });
}
