import type { Exit } from "../run/container.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { Store } from "../store/store.ts";
import { noteFullDisk } from "../store/system-words.ts";
import { flag, text, texts } from "./arguments.ts";
import { expandArgument, reads } from "./container.ts";
import { ApiError, ExecFailure, unsupported } from "./errors.ts";
import type { Command } from "./exec.ts";
import { collectOutput, type Output } from "./exec-output.ts";
import { exitText } from "./exit-text.ts";
import type { Args, Fields, Graph, Obj } from "./graph.ts";
import { wholeStream } from "./printed.ts";
import { type ReadyContainer, readyContainer } from "./ready-container.ts";
import { openRedirects } from "./redirects.ts";
import { type Session, type SessionEvent, type StepInput, sessionOf } from "./session.ts";
import { inputsOfExec } from "./step-inputs.ts";
import { openAfterFailure } from "./terminal.ts";
import type { ContainerValue, ExecOutcome, MountValue } from "./values.ts";

/** Running a command in a container, and what it said. */
export const containerExecFields: Fields = {
  Container: {
    withExec: { run: (self, args, graph) => runExec(self, args, graph) },
    stdout: reads((c) => wholeStream("stdout", lastExec(c).stdout)),
    stderr: reads((c) => wholeStream("stderr", lastExec(c).stderr)),
    combinedOutput: reads((c) => wholeStream("combinedOutput", lastExec(c).combined)),
    exitCode: reads((c) => lastExec(c).exitCode),
  },
};

function lastExec(container: ContainerValue): ExecOutcome {
  if (container.last === undefined) throw new ApiError("no command has been set");
  return container.last;
}

/** What is remembered of an exec: its outputs, and the layers that it wrote. */
export interface ExecRecord extends ExecOutcome {
  readonly rootfs: Snapshot;
  readonly mounts: readonly (Snapshot | null)[];
}

/** Characters of outputs that go into one result on disk: as JSON they may become six times as many, and a text has an end. */
const MOST_ON_DISK = 64 << 20;

/** Execs that run now, by store: the clients of one process share them. */
const running = new WeakMap<Store, Map<string, Promise<ExecRecord>>>();

async function runExec(self: Obj, args: Args, graph: Graph): Promise<ContainerValue> {
  const container = await self.value<ContainerValue>();
  const command = commandOf(container, args);
  const key = await graph.object("Container", { parent: self, field: "withExec", args }).key();
  const expect = text(args["expect"], "SUCCESS");
  const name = `withExec ${command.args.join(" ")}`;
  const inputs = await inputsOfExec(self, args);
  return afterExec(container, await rememberedExec(graph, { container, command, expect, name, key, inputs }));
}

/** One command that is to be run in a container, unless it is known what it does. */
export interface ExecRequest {
  readonly container: ContainerValue;
  readonly command: Command;
  readonly expect: string;
  /** As it is shown to those who watch. */
  readonly name: string;
  /** Names all that its outcome depends on. */
  readonly key: string;
  /** The parts of that, for who wants to see what changed. */
  readonly inputs?: readonly StepInput[];
}

/** What an exec left, run when nothing is remembered of it. */
export async function rememberedExec(graph: Graph, request: ExecRequest): Promise<ExecRecord> {
  const session = sessionOf(graph);
  const { key } = request;
  return await once(session, key, async () => {
    for (const known of session.store.recallAll<ExecRecord>(`exec ${key}`)) {
      if (!isWhole(session, known)) continue;
      session.report(startOf(request));
      session.report({ kind: "end", id: key, outcome: "cached" });
      return known;
    }
    const made = await runCommand(session, request);
    // An exec may print a value of a secret; its outputs are right for whoever asks, but no disk gets them.
    const streams = [made.stdout, made.stderr, made.combined].filter((kept) => typeof kept === "string");
    const saysSecret = streams.some((text) => session.hidden.holds(text));
    const isLong = streams.reduce((sum, text) => sum + text.length, 0) > MOST_ON_DISK;
    if (saysSecret || isLong) session.store.rememberHere(`exec ${key}`, made);
    else session.store.remember(`exec ${key}`, made);
    return made;
  });
}

async function once(session: Session, key: string, run: () => Promise<ExecRecord>): Promise<ExecRecord> {
  const mine = running.get(session.store) ?? new Map<string, Promise<ExecRecord>>();
  running.set(session.store, mine);
  const known = mine.get(key);
  if (known !== undefined) return await known;
  const started = run();
  mine.set(key, started);
  try {
    return await started;
  } finally {
    mine.delete(key);
  }
}

function isWhole(session: Session, record: ExecRecord): boolean {
  return session.store.has(record.rootfs) && record.mounts.every((mount) => mount === null || session.store.has(mount));
}

function afterExec(container: ContainerValue, record: ExecRecord): ContainerValue {
  const mounts = container.mounts.map((mount, place): MountValue => {
    const snapshot = record.mounts[place];
    if (snapshot === null || snapshot === undefined) return mount;
    return mount.kind === "directory" || mount.kind === "file"
      ? ({ ...mount, source: { ...mount.source, snapshot } } as MountValue)
      : mount;
  });
  const { stdout, stderr, combined, exitCode } = record;
  return { ...container, rootfs: record.rootfs, mounts, last: { stdout, stderr, combined, exitCode } };
}

/** @throws ApiError when there is nothing to run, or the call asks for what cannot go together */
export function commandOf(container: ContainerValue, args: Args): Command {
  if (flag(args["experimentalPrivilegedNesting"])) throw unsupported("experimentalPrivilegedNesting");
  const given = texts(args["args"]).map((arg) => expandArgument(container, args, arg));
  const own = given.length === 0 ? container.defaultArgs : given;
  const all = flag(args["useEntrypoint"]) ? [...container.entrypoint, ...own] : own;
  if (all.length === 0) throw new ApiError("no command has been set");
  const command: Command = {
    args: all,
    insecureRootCapabilities: flag(args["insecureRootCapabilities"]),
    noInit: flag(args["noInit"]),
    stdin: text(args["stdin"]),
    redirectStdin: expandArgument(container, args, text(args["redirectStdin"])),
    redirectStdout: expandArgument(container, args, text(args["redirectStdout"])),
    redirectStderr: expandArgument(container, args, text(args["redirectStderr"])),
  };
  if (command.stdin !== "" && command.redirectStdin !== "") {
    throw new ApiError("cannot set both stdin and redirectStdin");
  }
  return command;
}

function startOf({ key, name, inputs }: ExecRequest): SessionEvent {
  return { kind: "start", id: key, name, key, ...(inputs === undefined ? {} : { inputs }) };
}

/** Runs a command, and shows it as a step. */
export async function runCommand(session: Session, request: ExecRequest): Promise<ExecRecord> {
  const { container, command, key } = request;
  session.report(startOf(request));
  let outcome: "done" | "failed" = "failed";
  try {
    const name = command.args.join(" ");
    const ready = await readyContainer(session, container, command, { role: "client", name });
    try {
      const record = await runReady(session, request, ready);
      outcome = "done";
      return record;
    } finally {
      await ready.close();
    }
  } finally {
    session.report({ kind: "end", id: key, outcome });
  }
}

async function runReady(session: Session, request: ExecRequest, ready: ReadyContainer): Promise<ExecRecord> {
  const { command, expect, key } = request;
  const { lease, bound, prepared } = ready;
  const redirects = openRedirects(prepared, command);
  try {
    prepared.makeWorkdir();
    const started = await session.start(redirects.spec);
    const ended = bound.onExit(() => started.kill("SIGKILL"));
    const show = (stream: "stdout" | "stderr", text: string) => session.report({ kind: "log", id: key, stream, text });
    const output = await collectOutput(started, prepared.secrets, show, { onPart: redirects.write });
    const exit = await started.exit;
    const gone = ended();
    if (gone === undefined && !isExpected(exit.code, expect)) {
      const failure = failureOf(command.args, exit, output, noteOn(session));
      await openAfterFailure(session, prepared.spec, failure);
      throw failure;
    }
    // While the layer is being taken over; whether it could be is asked at the end.
    lease.release().catch(() => undefined);
    if (gone !== undefined) throw gone;
    redirects.close();
    const { rootfs, mounts } = await ready.commit();
    return { ...keptOf(output), exitCode: exit.code, rootfs, mounts: mounts.map((mount) => mount ?? null) };
  } finally {
    redirects.abandon();
  }
}

/** Both streams are one text when only one of them has any. */
function keptOf({ stdout, stderr, combined }: Output): Pick<ExecOutcome, "stdout" | "stderr" | "combined"> {
  const [out, err] = [stdout.kept(), stderr.kept()];
  return { stdout: out, stderr: err, combined: err === "" ? out : out === "" ? err : combined.kept() };
}

/** Codes between 128 and 191 mean a signal, and are never expected. */
function isExpected(code: number, expected: string): boolean {
  const bySignal = code >= 128 && code <= 191;
  if (expected === "ANY") return !bySignal;
  if (expected === "FAILURE") return code !== 0 && !bySignal;
  return code === 0;
}

function noteOn({ store, offline }: Session): string {
  return `${noteFullDisk(store.dir)}${offline ? "\n  containers reach nothing outside this machine while offline" : ""}`;
}

/** @param note what the command may not have said of the reason */
function failureOf(cmd: readonly string[], exit: Exit, { stdout, stderr }: Output, note: string): ExecFailure {
  return new ExecFailure(`${exitText(exit)}${note}`, {
    cmd,
    exitCode: exit.code,
    stdout: stdout.trimmedEnd(),
    stderr: stderr.trimmedEnd(),
  });
}
