/**
 * Measures what a person waits for, beside what Dagger's own engine takes. Prints JSON.
 *
 *   npm run bench -- [--runs N] [--program PATH] [--check]
 *
 *   --check  exit 1 when a median is above its goal
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { ask, openSession } from "../tests/conformance/session.ts";

interface Figure {
  readonly name: string;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** What we promise for the median. */
  readonly goalMs: number;
  /** Seen on Dagger's engine v0.21.8, on a quiet machine with two cores of the same kind. */
  readonly realEngine: string;
}

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    program: { type: "string", default: resolve(here, "../slipway") },
    check: { type: "boolean", default: false },
  },
});
const runs = Math.max(1, Number(values.runs));
const moduleFolder = join(here, "module");

/** Runs the program to its end; an exit code other than 0 is an error, with what it said. */
async function call(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const options = { cwd: moduleFolder, env, extendEnv: false, stdin: "ignore", stripFinalNewline: false } as const;
  const { stdout } = await execa(values.program, args, options);
  return stdout;
}

async function measure(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const durationsMs: number[] = [];
  for (let run = 0; run < times; run++) {
    const startedAt = performance.now();
    await work();
    durationsMs.push(performance.now() - startedAt);
  }
  return durationsMs.sort((a, b) => a - b);
}

function figure(name: string, durationsMs: readonly number[], goalMs: number, realEngine: string): Figure {
  const at = (index: number) => Math.round(durationsMs[index] ?? Number.NaN);
  const last = durationsMs.length - 1;
  return { name, minMs: at(0), medianMs: at(last >> 1), maxMs: at(last), goalMs, realEngine };
}

/** The first call of a module on a store that holds nothing. */
async function callOnEmptyStore(): Promise<void> {
  const store = mkdtempSync(join(tmpdir(), "bench-store-"));
  try {
    await call(["call", "hello"], { ...process.env, SLIPWAY_STORE: store });
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** `from` and one exec that nobody ran before, in an open session that has the image. */
async function measureExecs(times: number): Promise<number[]> {
  const session = await openSession(values.program, moduleFolder, {});
  const exec = async (word: string) => {
    const query = `{ container { from(address: "debian:bookworm") { withExec(args: ["echo", "${word}"]) { stdout } } } }`;
    const answer = await ask(session, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
    });
    if (!answer.body.includes(word)) throw new Error(`unexpected answer: ${answer.body}`);
  };
  try {
    await exec("warm");
    let next = 0;
    return await measure(times, () => exec(`run${Date.now()}-${next++}`));
  } finally {
    await session.close();
  }
}

const emptyStoreRuns = await measure(Math.min(3, runs), callOnEmptyStore);
await call(["functions"]);
await call(["call", "hello"]);
const figures = [
  figure("functions, warm", await measure(runs, () => call(["functions"])), 400, "300–600 ms"),
  figure("trivial call, cached", await measure(runs, () => call(["call", "hello"])), 400, "400–600 ms"),
  figure("trivial call, not cached", await measure(runs, () => call(["call", "hello-again"])), 800, "3000–3400 ms"),
  figure("first call on an empty store", emptyStoreRuns, 4000, "8300 ms, with the SDK loaded already"),
  figure("from and one withExec, in a session", await measureExecs(runs), 80, "90–150 ms"),
];
const { version } = JSON.parse(readFileSync(join(here, "../package.json"), "utf8"));
const machine = {
  cores: availableParallelism(),
  processor: cpus()[0]?.model,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  user: process.getuid?.() === 0 ? "root" : "ordinary user",
};
console.log(JSON.stringify({ machine, versions: { slipway: version, node: process.version }, runs, figures }, null, 2));
const missed = figures.filter(({ medianMs, goalMs }) => !(medianMs <= goalMs));
for (const { name, medianMs, goalMs } of missed) console.error(`${name}: ${medianMs} ms, the goal is ${goalMs} ms`);
process.exitCode = values.check && missed.length > 0 ? 1 : 0;
