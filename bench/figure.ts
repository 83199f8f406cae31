import { execa } from "execa";

/** Something that we promise, and what it is here. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "MiB" | "files";
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** Processor time of the median run, user and system, of the command and all that it waited for; more steady than time on a busy machine. */
  readonly cpuMs?: number;
  /** What we promise for the median. */
  readonly goal: number;
  /** Seen on Dagger's engine v0.21.8, on a quiet machine with two cores of the same kind. */
  readonly realEngine?: string;
}

/** One run of something. */
export interface Measured {
  readonly ms: number;
  readonly cpuMs?: number;
}

/** A figure of runs. */
export function figureOf(name: string, runs: readonly Measured[], goal: number, realEngine?: string): Figure {
  const times = runs.map(({ ms }) => ms);
  const cpu = runs.flatMap(({ cpuMs }) => cpuMs ?? []);
  return {
    name,
    unit: "ms",
    ...spread(times),
    ...(cpu.length === 0 ? {} : { cpuMs: spread(cpu).median }),
    goal,
    ...(realEngine === undefined ? {} : { realEngine }),
  };
}

/** The least, the middle and the most of some numbers. */
export function spread(numbers: readonly number[]): {
  readonly min: number;
  readonly median: number;
  readonly max: number;
} {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (index: number) => Math.round(sorted[index] ?? Number.NaN);
  return { min: at(0), median: at((sorted.length - 1) >> 1), max: at(sorted.length - 1) };
}

/** Runs something several times, one after the other. */
export async function repeat<T>(times: number, work: (run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < times; run++) results.push(await work(run));
  return results;
}

/**
 * Runs a program to its end.
 *
 * @throws Error for an exit code other than 0, with what it said
 */
export async function measureProgram(
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Measured> {
  const startedAt = performance.now();
  // The shell prints the processor time of itself, and in a second line that of what it has waited for.
  const { stdout } = await execa("sh", ["-c", '"$@" >/dev/null && times', "sh", ...command], {
    ...options,
    stdin: "ignore",
  });
  const ms = performance.now() - startedAt;
  const [user = 0, system = 0] = (stdout.trim().split("\n").at(-1) ?? "").split(" ").map(millisecondsOf);
  return { ms, cpuMs: user + system };
}

/** Of `0m1.234567s`. */
function millisecondsOf(text: string): number {
  const [, minutes = "0", seconds = "0"] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return (Number(minutes) * 60 + Number(seconds)) * 1000;
}
