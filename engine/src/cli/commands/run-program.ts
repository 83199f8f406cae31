import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { startProgram } from "../../store/start-program.ts";
import type { Console } from "../console.ts";

export interface SessionCommand {
  /** What starts this program again: the script around it, else node and the bundle. */
  readonly program: string;
  readonly args: readonly string[];
}

/** How this program starts itself: by the script that prepares the namespaces when it is there, else as it was started. */
export function ownCommand(bundle: string): SessionCommand {
  const script = resolve(dirname(bundle), "../../slipway");
  if (existsSync(script)) return { program: script, args: [] };
  return { program: process.execPath, args: [...process.execArgv, bundle] };
}

/**
 * `run COMMAND …`: runs a program of the host with a session in its environment; the session runs beside it, in namespaces
 * of its own, so that the program sees the host as it is.
 *
 * @param flags words before the command, handed on to the session
 * @returns the exit code of the program
 * @throws Error when the session or the program cannot be started
 */
export async function runProgram(
  around: Pick<Console, "env">,
  self: SessionCommand,
  flags: readonly string[],
  command: readonly string[],
): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("requires at least 1 arg(s), only received 0: slipway run COMMAND …");
  const session = startProgram(self.program, [...self.args, "session", ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
    env: around.env,
    // Ctrl-C is for the program; the session ends when its input is closed.
    detached: true,
  });
  try {
    const { port, token } = await readConnection(session);
    return await runWithSession(program, args, {
      ...around.env,
      DAGGER_SESSION_PORT: String(port),
      DAGGER_SESSION_TOKEN: token,
    });
  } finally {
    await endSession(session);
  }
}

async function readConnection(session: ChildProcess): Promise<{ port: number; token: string }> {
  const failed = Promise.race([
    once(session, "exit").then(([code]) => `ended with exit code ${String(code)} before it was ready`),
    once(session, "error").then(([error]) => `could not be started: ${(error as Error).message}`),
  ]).then((reason) => {
    throw new Error(`the session ${reason}`);
  });
  failed.catch(() => {});
  if (session.stdout === null) throw new Error("the session has no standard output");
  const lines = createInterface({ input: session.stdout });
  const [line] = (await Promise.race([once(lines, "line"), failed])) as [string];
  lines.close();
  session.stdout.resume();
  const answer = JSON.parse(line) as { port: number; session_token: string };
  return { port: answer.port, token: answer.session_token };
}

const FORWARDED = ["SIGTERM", "SIGHUP"] as const;

async function runWithSession(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = startProgram(program, args, { stdio: "inherit", env });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  // The terminal sends Ctrl-C to the program as well, and that decides what it means.
  const stay = () => {};
  process.on("SIGINT", stay);
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    const [code, signal] = (await Promise.race([
      once(child, "close"),
      once(child, "error").then(([error]) => {
        throw new Error(`cannot run ${program}: ${(error as Error).message}`);
      }),
    ])) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 1 : constants.signals[signal]);
  } finally {
    process.off("SIGINT", stay);
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** How long a session may take to end its services before it is killed. */
const SESSION_END_MS = 15_000;

async function endSession(session: ChildProcess): Promise<void> {
  if (session.exitCode !== null || session.signalCode !== null || session.pid === undefined) return;
  const ended = once(session, "exit");
  session.stdin?.end();
  const killer = setTimeout(() => session.kill("SIGKILL"), SESSION_END_MS);
  await ended;
  clearTimeout(killer);
}
