import { accessSync, constants, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PassThrough } from "node:stream";
import { inUserNamespace } from "../store/overlay.ts";
import type { BegunProgram, InsideProgram } from "./anchor-shell.ts";
import { type Bounds, boundsOf } from "./bounds.ts";
import { capabilityNames } from "./capabilities.ts";
import { exitCodeOf, runCommand } from "./command.ts";
import {
  ContainerEnded,
  type ContainerSpec,
  type Exit,
  type JoinedProcess,
  type JoiningProcess,
  type RunningContainer,
} from "./container.ts";
import { openControlGroups } from "./control-groups.ts";
import { type ContainerGroup, type ControlGroups, countIn, enterAll } from "./group-folder.ts";
import { HeldStream } from "./held-stream.ts";
import { findContainerBundles, findHostBundle, writesBundle } from "./host-certificates.ts";
import { HostEnvironment, type Variables } from "./host-environment.ts";
import { type JoinRequest, joinContainer, type StartedContainer } from "./join-container.ts";
import { watchMountStubs } from "./mount-stubs.ts";
import {
  capabilitiesOf,
  hardLimitsOf,
  initDestination,
  ociConfig,
  ociProcess,
  type ProcessParts,
} from "./oci-config.ts";
import { PipeMaker } from "./pipes.ts";
import { type FilterMemory, ReadyFilters, withReadyFilter } from "./ready-filters.ts";
import { type BoundPlace, locateInRoot } from "./root-path.ts";
import type { RunHost } from "./run-host.ts";
import { signalContainer } from "./signal.ts";
import {
  type CommandPlace,
  describeContainerFailure,
  describeStartFailure,
  hasUnknownFormat,
  startFailurePrefixes,
  startFailureReason,
} from "./start-failure.ts";
import { followSize } from "./terminal-size.ts";

const initPath = "/usr/bin/tini-static";
/** Exit code of what SIGKILL ended, which is the kernel's way too. */
const killed = 137;
const busyboxPaths = ["/bin/busybox", "/usr/bin/busybox"];

/** Engines of this process, to name the control groups of each. */
let engines = 0;

/** Starts containers through the OCI runtime `crun`. One per engine process. */
export class CrunRuntime {
  readonly #host: RunHost;
  readonly #environment: HostEnvironment;
  readonly #pipes: PipeMaker;
  readonly #bundle = findHostBundle();
  readonly #capabilities = capabilityNames(
    /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0",
  );

  readonly #bounds: Bounds;
  readonly #onUnbounded: (problem: string) => void;
  readonly #processParts: ProcessParts;
  readonly #crun: readonly string[];
  readonly #filters: ReadyFilters;
  #groups: Promise<ControlGroups | undefined> | undefined;

  /**
   * @param env this machine's variables
   * @param onUnbounded told once, before the first container, when memory of containers cannot be bound here, and why
   * @param memory where what takes long to make is kept for later sessions
   */
  constructor(
    host: RunHost,
    bounds: Bounds = boundsOf({}),
    env: Variables = {},
    onUnbounded: (problem: string) => void = () => undefined,
    memory?: FilterMemory,
  ) {
    this.#host = host;
    this.#environment = new HostEnvironment(env, host.dir);
    this.#bounds = bounds;
    this.#onUnbounded = onUnbounded;
    this.#processParts = {
      ownCapabilities: this.#capabilities,
      hardLimits: hardLimitsOf(readFileSync("/proc/self/limits", "utf8")),
      processes: bounds.processes,
      openFiles: bounds.openFiles,
      isUserNamespace: inUserNamespace,
    };
    this.#crun = ["crun", "--root", join(host.dir, "crun"), "--cgroup-manager=disabled"];
    this.#filters = new ReadyFilters(host, memory);
    this.#pipes = new PipeMaker(host);
  }

  /** Why containers cannot be run here, with what to do about it; `undefined` when they can. */
  async probe(): Promise<string | undefined> {
    const problems: string[] = [];
    for (const [program, debianPackage] of [
      ["crun", "crun"],
      ["nsenter", "util-linux"],
      ["setpriv", "util-linux"],
      ["ip", "iproute2"],
    ] as const) {
      const found = await runCommand(["sh", "-c", 'command -v "$0"', program]);
      if (found.code !== 0) problems.push(`${program} is missing (Debian package ${debianPackage})`);
    }
    if (!isExecutable(initPath)) problems.push(`${initPath} is missing (Debian package tini)`);
    if (!this.#capabilities.includes("CAP_SYS_ADMIN"))
      problems.push("the engine is not root, nor root of a user namespace of its own: start it by ./slipway");
    if (problems.length > 0) return problems.join("; ");
    try {
      await Promise.all([this.#host.mounted(), this.#host.anchor.enterArgs()]);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  }

  /** Starts one container. Rejects when it cannot even be tried; see `RunningContainer.exit` for what fails later. */
  async startContainer(given: ContainerSpec): Promise<RunningContainer> {
    await this.#host.mounted();
    const spec = this.#environment.addTo(given);
    const command = spec.args[0];
    if (command === undefined) throw new Error("a container needs a command: its list of arguments is empty");
    refuseLinkedFolders(spec.rootDir);
    const place = commandPlaceOf(spec);
    if (hasUnknownFormat(command, place))
      return failedContainer(describeStartFailure(command, "exec format error", place));
    await Promise.all([this.#pipes.prepare(), spec.network.setOwnName(spec.hostname)]);
    const id = this.#host.uniqueName("c");
    const groups = await this.#openGroups();
    const group = groups?.add(id);
    const bundle = join(this.#host.dir, id);
    const removeStubs = watchMountStubs(spec.rootDir, stubDestinations(spec));
    const endedBefore = endedForMemoryOnMachine();
    const removeBundle = (): void => {
      rmSync(bundle, { recursive: true, force: true });
      removeStubs();
    };
    const crun = [
      this.#host.runtimeProgram,
      ...this.#crun.slice(1),
      `--log=file:${bundle}/log`,
      "run",
      "--pid-file",
      `${bundle}/pid`,
      "-b",
      bundle,
      id,
    ];
    const begin = async () => {
      this.#writeBundle(bundle, spec, groups?.hasDeviceRules === true);
      return await this.#begin({ args: crun, groupLists: group?.lists ?? [] }, spec, `${bundle}/stdin`);
    };
    const { begun, stdout, stderr } = await begin().catch(async (error) => {
      removeBundle();
      await group?.remove();
      throw error;
    });
    const errors = new HeldStream(stderr, startFailurePrefixes);
    const leaveSize = followSize(spec.terminal, begun.pid);
    let ended = false;
    let killedBy: NodeJS.Signals | undefined;
    const finish = async (exitCode: number): Promise<Exit> => {
      ended = true;
      leaveSize();
      const started = readOptional(`${bundle}/pid`) !== "";
      const log = readOptional(`${bundle}/log`);
      removeBundle();
      const outOfMemory = whoseMemory(
        groups,
        group,
        killedBy === undefined && exitCode === killed && endedForMemoryOnMachine() > endedBefore,
      );
      await group?.remove();
      const reason = exitCode === 0 ? undefined : startFailureReason(await errors.heldText(), command);
      if (reason !== undefined) {
        errors.replaceHeld(`${describeStartFailure(command, reason, place)}\n`);
        return { code: 1 };
      }
      errors.release();
      if (!started && killedBy !== undefined) return { code: exitCodeOf(null, killedBy) };
      if (!started) throw new Error(describeContainerFailure(log, exitCode));
      return { code: exitCode, ...(outOfMemory === undefined ? {} : { outOfMemory }) };
    };
    const exit = begun.exit.then(finish).catch((error) => {
      // Whoever reads what it says would wait for ever.
      errors.release();
      throw error;
    });
    // Callers may look at `exit` late; a failure is theirs all the same.
    exit.catch(() => undefined);
    const { pid } = begun;
    return {
      stdout,
      stderr: errors.output,
      exit,
      kill: (signal) => {
        killedBy = signal;
        if (pid !== undefined) void signalContainer(pid, signal, !spec.noInit, () => ended);
      },
      join: async (joining) => {
        if (pid === undefined) throw new ContainerEnded("the container was not started");
        const started = { id, stateDir: join(this.#host.dir, "crun", id), runtimePid: pid, hasEnded: () => ended };
        return await this.#join({ ...started, enterGroup: enterAll(group?.lists ?? []) }, spec, joining);
      },
    };
  }

  /** Starts a program inside of the anchor, where what it reads has a name only until it has begun. */
  async #begin(
    program: Pick<InsideProgram, "args" | "groupLists">,
    { stdin: input, terminal }: Pick<ContainerSpec, "stdin" | "terminal">,
    inputPath: string,
  ) {
    const stdin = terminal?.input ?? (input === undefined ? "/dev/null" : inputPath);
    if (input !== undefined) writeFileSync(inputPath, input, { mode: 0o444 });
    return await this.#pipes.begin<BegunProgram>(async (pipe, errors) => {
      const stdout = terminal?.output ?? pipe.path;
      const begun = await this.#host.anchor.start({ ...program, stdin, stdout, stderr: errors.path });
      if (input !== undefined) rmSync(inputPath);
      return begun;
    });
  }

  async #join(container: StartedContainer, spec: ContainerSpec, joining: JoiningProcess): Promise<JoinedProcess> {
    const [command] = joining.args;
    if (command === undefined) throw new Error("a process needs a command: its list of arguments is empty");
    const request: JoinRequest = {
      ociProcess: ociProcess(joining, capabilitiesOf(spec, this.#processParts), this.#processParts),
      place: commandPlaceOf({ ...spec, ...joining }),
      command,
      terminal: joining.terminal,
      dir: join(this.#host.dir, this.#host.uniqueName("j")),
    };
    return await joinContainer(container, request, this.#pipes);
  }

  /** Takes away what the engine has made for all of its containers; they have ended. */
  async close(): Promise<void> {
    await (await this.#groups)?.close();
  }

  #openGroups(): Promise<ControlGroups | undefined> {
    const name = `${basename(this.#host.dir).replace("engine", "slipway")}-${engines++}`;
    const open = async (): Promise<ControlGroups | undefined> => {
      await this.#host.mounted();
      const opened = openControlGroups(join(this.#host.dir, "groups"), name, this.#bounds);
      if (typeof opened !== "string") return opened;
      this.#onUnbounded(opened);
      return undefined;
    };
    this.#groups ??= open();
    return this.#groups;
  }

  #writeBundle(bundle: string, spec: ContainerSpec, hasDeviceRules: boolean): void {
    mkdirSync(bundle, { mode: 0o700 });
    const certificates =
      this.#bundle === undefined || writesBundle(spec.args)
        ? undefined
        : { source: this.#bundle, destinations: findContainerBundles(spec.rootDir) };
    const made = ociConfig(spec, {
      initPath,
      certificates,
      places: locateMounts(spec),
      hasDeviceRules,
      ...this.#processParts,
      busyboxPath: busyboxPaths.find(isExecutable),
    });
    const ready = this.#filters.find(made.linux.seccomp, this.#crun);
    const config = ready === undefined ? made : withReadyFilter(made, ready);
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 });
  }
}

/** Mount points that must not stay in the root when the runtime had to make them. */
function stubDestinations(spec: ContainerSpec): string[] {
  return [
    "/etc/resolv.conf",
    "/etc/hosts",
    ...(spec.noInit ? [] : [initDestination]),
    ...spec.mounts.map((mount) => mount.destination),
  ];
}

/**
 * Where the mounts lie after the symbolic links of the image and of mounts made before. crun follows links safely, but does not
 * make what a broken one leads to, and /etc/resolv.conf is one in many images.
 */
function locateMounts(spec: ContainerSpec): Map<string, string> {
  const places = new Map<string, string>();
  const binds: BoundPlace[] = [];
  const add = (destination: string, source: string | undefined): void => {
    const place = locateInRoot(spec.rootDir, destination, binds)?.containerPath;
    if (place === undefined)
      throw new Error(`nothing can be mounted at ${destination}: symbolic links on the way form a loop`);
    places.set(destination, place);
    if (source !== undefined) binds.push({ destination: place, source });
  };
  for (const destination of ["/etc/resolv.conf", "/etc/hosts"]) add(destination, undefined);
  for (const mount of spec.mounts) add(mount.destination, mount.source);
  return places;
}

/**
 * The OCI runtime opens these folders by their names, and would follow a link out of the root: it then makes devices in a folder
 * of the host.
 *
 * @throws Error that names the folder
 */
function refuseLinkedFolders(rootDir: string): void {
  for (const name of ["dev", "proc", "sys"]) {
    if (lstatSync(join(rootDir, name), { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new Error(
        `the container could not be started: /${name} in its root is a symbolic link; it has to be a folder`,
      );
  }
}

function commandPlaceOf(spec: ContainerSpec): CommandPlace {
  const binds = spec.mounts.flatMap((mount) =>
    mount.kind === "bind" && mount.source !== undefined
      ? [{ destination: mount.destination, source: mount.source }]
      : [],
  );
  return { rootDir: spec.rootDir, binds, cwd: spec.cwd, searchPath: spec.env["PATH"] ?? "" };
}

/** A container whose command could not be executed, without starting it. */
function failedContainer(reason: string): RunningContainer {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdout.end();
  stderr.end(`${reason}\n`);
  return { stdout, stderr, exit: Promise.resolve({ code: 1 }), kill: () => undefined, join: noContainer };
}

async function noContainer(): Promise<JoinedProcess> {
  throw new ContainerEnded("the container was not started");
}

/** Processes that the kernel has ended on this machine because there was no memory left. */
function endedForMemoryOnMachine(): number {
  return countIn("/proc/vmstat", "oom_kill");
}

/** @param isLikely whether it looks so where there are no groups to ask */
function whoseMemory(
  groups: ControlGroups | undefined,
  group: ContainerGroup | undefined,
  isLikely: boolean,
): Exit["outOfMemory"] {
  if (groups === undefined || group === undefined) return isLikely ? "perhaps" : undefined;
  if (group.endedForMemory() === 0) return undefined;
  return groups.isFull() ? "containers" : "machine";
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
