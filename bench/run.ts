/**
 * Measures what a person waits for, beside what Dagger's own engine takes. Prints JSON; docs/speed.md explains the figures.
 *
 *   npm run bench -- [--runs N] [--program PATH] [--all] [--place FOLDER] [--check]
 *
 *   --all    also 1,000 execs in one session, a repository of 50,000 files and 1 GiB, and `call test` in a fresh clone of this repository,
 *            on a store of its own (5 GiB of disk, ten minutes)
 *   --place  where these are written; by default the system's folder for temporary files
 *   --check  exit 1 when a median is above its goal
 */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commandFigures } from "./commands.ts";
import { execFigures, manyExecsFigures } from "./execs.ts";
import { freshCloneFigures } from "./fresh-clone.ts";
import { largeTreeFigures } from "./large-tree.ts";

const MANY_EXECS = 1000;

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    program: { type: "string", default: resolve(here, "../slipway") },
    all: { type: "boolean", default: false },
    place: { type: "string", default: tmpdir() },
    check: { type: "boolean", default: false },
  },
});
const { program, all, place, check } = values;
const runs = Math.max(1, Number(values.runs));
const moduleFolder = join(here, "module");

const [loadBefore = 0] = loadavg();
const figures = [
  ...(await commandFigures(program, moduleFolder, runs)),
  ...(await execFigures(program, moduleFolder, runs)),
  ...(all ? await manyExecsFigures(program, moduleFolder, MANY_EXECS) : []),
  ...(all ? await freshCloneFigures(program, place) : []),
  ...(all ? await largeTreeFigures(program, moduleFolder, place) : []),
];
const { version } = JSON.parse(readFileSync(join(here, "../package.json"), "utf8"));
const machine = {
  cores: availableParallelism(),
  processor: cpus()[0]?.model,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  user: process.getuid?.() === 0 ? "root" : "ordinary user",
  // On a machine that has other work the times say little, and the processor times something.
  loadBefore: Math.round(loadBefore * 10) / 10,
};
console.log(JSON.stringify({ machine, versions: { slipway: version, node: process.version }, runs, figures }, null, 2));
const missed = figures.filter(({ median, goal }) => !(median <= goal));
for (const { name, median, unit, goal } of missed)
  console.error(`${name}: ${median} ${unit}, the goal is ${goal} ${unit}`);
process.exitCode = check && missed.length > 0 ? 1 : 0;
