import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodeOf } from "./command.ts";
import { ContainerEnded, type Exit, type JoinedProcess, type PersonTerminal } from "./container.ts";
import { HeldStream } from "./held-stream.ts";
import type { PipeMaker } from "./pipes.ts";
import { startTimeOf } from "./run-host.ts";
import { untilFirstProcess } from "./signal.ts";
import { type CommandPlace, describeJoinFailure, startFailurePrefixes, startFailureReason } from "./start-failure.ts";
import { followSize } from "./terminal-size.ts";

/** A container that was started, as the one sees it who has started it. */
export interface StartedContainer {
  readonly id: string;
  /** The OCI runtime's folder of this container: what it knows of it. */
  readonly stateDir: string;
  /** The OCI runtime's process, below which it is found. */
  readonly runtimePid: number;
  readonly hasEnded: () => boolean;
  /** In front of a command, so that it is bound as the container is. */
  readonly enterGroup: readonly string[];
}

/** One more process of a container. */
export interface JoinRequest {
  /** As the OCI runtime specification writes it. */
  readonly ociProcess: Readonly<Record<string, unknown>>;
  readonly place: CommandPlace;
  readonly command: string;
  readonly terminal: PersonTerminal | undefined;
  /** A folder for this process alone, which is not there yet. */
  readonly dir: string;
}

const lookAgainMs = 2;

/** Exit code of runc for what cannot be executed. */
const notExecuted = 255;

/** How the texts begin that are not of the process: of a command that cannot be executed, of a container that has ended. */
const runtimePrefixes = [...startFailurePrefixes, "exec: ", "the container `"];

/**
 * Starts a process in a container.
 *
 * The OCI runtime has noted the number that process 1 has among the engine's own processes; whoever joins from the outside has to
 * know it by its number on this machine. So it is given a copy of what the runtime knows, with that number.
 *
 * @throws ContainerEnded
 */
export async function joinContainer(
  container: StartedContainer,
  request: JoinRequest,
  pipes: PipeMaker,
): Promise<JoinedProcess> {
  const { dir, terminal } = request;
  await copyState(container, dir);
  writeFileSync(join(dir, "process.json"), JSON.stringify(request.ociProcess), { mode: 0o600 });
  const crun = ["crun", "--root", dir, "--cgroup-manager=disabled", `--log=file:${dir}/log`];
  const args = [...container.enterGroup, ...crun, "exec", `--process=${dir}/process.json`, container.id];
  const { child, stdout, stderr } = await pipes.start(args, terminal).catch((error) => {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const errors = new HeldStream(stderr, runtimePrefixes);
  const leaveSize = followSize(terminal, child.pid);
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once("exit", (code, signal) => {
      leaveSize();
      rmSync(dir, { recursive: true, force: true });
      judge(exitCodeOf(code, signal), errors, container, request).then((judged) => resolve({ code: judged }), reject);
    });
  });
  exit.catch(() => undefined);
  return { stdout, stderr: errors.output, exit };
}

/** The exit code, after what the runtime itself had to say was put into runc's words. */
async function judge(
  code: number,
  errors: HeldStream,
  { id }: StartedContainer,
  { command, place }: JoinRequest,
): Promise<number> {
  const held = code === 0 ? "" : await errors.heldText();
  if (held === `the container \`${id}\` is not running\n`) {
    errors.replaceHeld("");
    throw containerEnded();
  }
  const reason = startFailureReason(held, command);
  if (reason === undefined) {
    errors.release();
    return code;
  }
  errors.replaceHeld(`${describeJoinFailure(command, reason, place)}\n`);
  return notExecuted;
}

function containerEnded(): ContainerEnded {
  return new ContainerEnded("the container has ended");
}

/** Copies what the runtime knows of the container, which it notes a moment after the start. */
async function copyState({ id, stateDir, runtimePid, hasEnded }: StartedContainer, dir: string): Promise<void> {
  const pid = await untilFirstProcess(runtimePid, hasEnded);
  const status = await untilNoted(join(stateDir, "status"), hasEnded);
  const started = pid === undefined ? undefined : startTimeOf(pid);
  if (status === undefined || started === undefined) throw containerEnded();
  mkdirSync(dir, { mode: 0o700 });
  try {
    await copyNotes(stateDir, join(dir, id));
  } catch {
    // The runtime takes its notes away when the container ends.
    rmSync(dir, { recursive: true, force: true });
    throw containerEnded();
  }
  writeFileSync(join(dir, id, "status"), JSON.stringify({ ...status, pid, "process-start-time": Number(started) }));
}

/**
 * Copies a folder that the runtime may remove meanwhile. Not by `cpSync`: Node 24 writes that in C++ and ends the whole engine by a
 * signal when the folder goes after it was looked at.
 *
 * @throws the system's error when the folder goes
 */
export async function copyNotes(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
}

async function untilNoted(path: string, hasEnded: () => boolean): Promise<Record<string, unknown> | undefined> {
  for (; !hasEnded(); await delay(lookAgainMs)) {
    try {
      return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    } catch {
      // Not there yet, or not all of it.
    }
  }
  return undefined;
}
