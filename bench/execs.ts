import { readdirSync, readFileSync } from "node:fs";
import { ask, openSession, type Session } from "../tests/conformance/session.ts";
import { type Figure, figureOf, type Measured, repeat, spread } from "./figure.ts";

/** What an exec takes in an open session that has the image. */
export async function execFigures(program: string, folder: string, runs: number): Promise<readonly Figure[]> {
  const session = await openSession(program, folder, {});
  try {
    await runExec(session, "warm");
    const measured = await repeat(runs, () => measureExec(session));
    return [figureOf("from and one withExec, in a session", measured, 35, "90–150 ms")];
  } finally {
    await session.close();
  }
}

/** What a session keeps of many execs, one after the other: memory, open files, files of its own. */
export async function manyExecsFigures(program: string, folder: string, times: number): Promise<readonly Figure[]> {
  const session = await openSession(program, folder, {});
  try {
    // The first ones fill what is kept on purpose: code that is compiled, the space for new objects.
    const settled = Math.floor(times / 5);
    await repeat(settled, () => runExec(session, nextWord()));
    const before = heldBy(session);
    const during = await repeat(8, async () => {
      await repeat(Math.ceil((times - settled) / 8), () => runExec(session, nextWord()));
      return heldBy(session);
    });
    const more = (of: (held: Held) => number) => spread(during.map((held) => of(held) - of(before)));
    const name = (what: string) => `${what} after ${times.toLocaleString("en")} execs more than after ${settled}`;
    return [
      { name: name("memory"), unit: "MiB", ...more(({ memoryMiB }) => memoryMiB), goal: 48 },
      { name: name("open files"), unit: "files", ...more(({ openFiles }) => openFiles), goal: 4 },
      { name: name("files in memory"), unit: "files", ...more(({ ownFiles }) => ownFiles), goal: 16 },
    ];
  } finally {
    await session.close();
  }
}

interface Held {
  readonly memoryMiB: number;
  readonly openFiles: number;
  /** In the folder that a session has in memory. */
  readonly ownFiles: number;
}

function heldBy({ pid }: Session): Held {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const memoryMiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
  const own = mounts.map((line) => line.split(" ")[4] ?? "").find((at) => /\/engine-\d+-\d+$/.test(at)) ?? "";
  // In the mount namespace of that process.
  return {
    memoryMiB,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    ownFiles: readdirSync(`/proc/${pid}/root${own}`).length,
  };
}

let words = 0;

/** A word that nobody has printed before. */
function nextWord(): string {
  return `run${Date.now()}-${words++}`;
}

async function measureExec(session: Session): Promise<Measured> {
  const [cpuBefore, startedAt] = [cpuMsOf(session.pid), performance.now()];
  await runExec(session, nextWord());
  return { ms: performance.now() - startedAt, cpuMs: cpuMsOf(session.pid) - cpuBefore };
}

async function runExec(session: Session, word: string): Promise<void> {
  const query = `{ container { from(address: "debian:bookworm") { withExec(args: ["echo", "${word}"]) { stdout } } } }`;
  const answer = await ask(session, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  if (!answer.body.includes(word)) throw new Error(`unexpected answer: ${answer.body}`);
}

/** Processor time of a process and of what it has waited for, in steps of 10 ms. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime, stime, cutime and cstime are the fields 14 to 17 of proc(5); these begin with field 3.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}
