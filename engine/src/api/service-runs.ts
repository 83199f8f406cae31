import type { NetworkLease, RunningContainer } from "../run/container.ts";
import { ApiError, ExecFailure, unsupported } from "./errors.ts";
import { type Command, collectOutput, type Output, prepareContainer } from "./exec.ts";
import type { Obj } from "./graph.ts";
import type { Session } from "./session.ts";
import type { ContainerValue, PortValue, ServiceBinding } from "./values.ts";

/** How long a service goes on after the last one who used it. */
const GRACE_MS = 10_000;
/** How long a service may take to end after it was told to. */
const STOP_MS = 10_000;
/** The real engine gives up on a health check after 15 minutes. */
const HEALTHY_WITHIN_MS = 15 * 60_000;

/** What a service is made of. */
export type ServiceValue = ContainerService | HostService | TunnelService;

export interface ContainerService {
  readonly kind: "container";
  readonly container: ContainerValue;
  readonly command: Command;
  readonly hostname: string | undefined;
}

/** A port that leads to another one. */
export interface Forward {
  /** 0: any that is free. */
  readonly frontend: number;
  readonly backend: number;
  readonly protocol: string;
}

/** Something that listens on the machine of the caller. */
export interface HostService {
  readonly kind: "host";
  readonly host: string;
  readonly ports: readonly Forward[];
  readonly hostname: string | undefined;
}

/** A service that is made reachable on the machine of the caller. */
export interface TunnelService {
  readonly kind: "tunnel";
  readonly service: Obj;
  readonly ports: readonly Forward[];
  readonly hostname: undefined;
}

/** A service that runs. */
export interface ServiceRun {
  readonly hostname: string;
  readonly lease: NetworkLease | undefined;
  /** Ports that others connect to: those of the service, or those on the host for a tunnel. */
  readonly ports: readonly number[];
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<number>;
  /** What its users show when it is gone. */
  readonly output: () => Output;
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

interface Entry {
  starting: Promise<ServiceRun>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** The services of one session: each runs once, for all who use it. */
export class ServiceRuns {
  readonly #entries = new Map<string, Entry>();
  readonly #named = new Map<string, ServiceRun>();
  readonly #watchers = new Set<() => void>();

  /** Names and addresses of all services that run. */
  names(): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const [hostname, run] of this.#named) {
      if (run.lease !== undefined) names.set(hostname, run.lease.address);
    }
    return names;
  }

  /** Calls `changed` whenever a service starts or ends, until the answer is called. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** Starts the service when it does not run, and keeps it running until `release`. */
  async use(session: Session, service: Obj): Promise<{ run: ServiceRun; release: () => void }> {
    const key = await service.key();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { starting: this.#start(session, service, key), users: 0, timer: undefined };
      this.#entries.set(key, entry);
    }
    const mine = entry;
    mine.users += 1;
    clearTimeout(mine.timer);
    const release = () => {
      mine.users -= 1;
      if (mine.users > 0) return;
      mine.timer = setTimeout(() => void this.#stop(key, mine, "SIGTERM"), GRACE_MS);
      mine.timer.unref();
    };
    try {
      return { run: await mine.starting, release };
    } catch (error) {
      mine.users -= 1;
      if (this.#entries.get(key) === mine) this.#entries.delete(key);
      throw error;
    }
  }

  async stop(service: Obj, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const key = await service.key();
    const entry = this.#entries.get(key);
    if (entry !== undefined) await this.#stop(key, entry, signal);
  }

  /** Ends all of them, at once. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries].map(([key, entry]) => this.#stop(key, entry, "SIGKILL")));
  }

  async #stop(key: string, entry: Entry, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    clearTimeout(entry.timer);
    await (await entry.starting).stop(signal);
  }

  async #start(session: Session, service: Obj, key: string): Promise<ServiceRun> {
    const value = await service.value<ServiceValue>();
    const hostname = hostnameOf(value, key);
    const run = await startService(session, value, hostname);
    this.#named.set(hostname, run);
    this.#changed();
    void run.ended.then(() => {
      if (this.#named.get(hostname) === run) this.#named.delete(hostname);
      const entry = this.#entries.get(key);
      if (entry !== undefined) this.#entries.delete(key);
      this.#changed();
    });
    return run;
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** The name that was given, or one that only depends on what the service is. */
export function hostnameOf(value: ServiceValue, key: string): string {
  return (
    value.hostname ??
    BigInt(`0x${key.replace(/[^0-9a-f]/g, "").slice(0, 17)}`)
      .toString(36)
      .slice(0, 13)
  );
}

async function startService(session: Session, value: ServiceValue, hostname: string): Promise<ServiceRun> {
  if (value.kind === "host") return await startHostService(session, value, hostname);
  if (value.kind === "tunnel") return await startTunnel(session, value);
  return await startContainerService(session, value, hostname);
}

const never = new Promise<number>(() => {});
const noOutput = (): Output => ({ stdout: "", stderr: "", combined: "" });

/** @throws ApiError for a port that there cannot be, or that cannot be forwarded here */
function checkForwards(ports: readonly Forward[]): void {
  for (const { frontend, backend, protocol } of ports) {
    if (protocol !== "TCP") throw unsupported(`forwarding ${protocol} ports`);
    const wrong = [frontend, backend].find((port) => port < 0 || port > 65_535);
    if (wrong !== undefined) throw new ApiError(`listen tcp: address ${wrong}: invalid port`);
  }
}

async function startHostService(session: Session, value: HostService, hostname: string): Promise<ServiceRun> {
  checkForwards(value.ports);
  const { lease, close } = await session.network.forwardToHost(value.host, value.ports);
  const ports = value.ports.map((port) => port.frontend);
  return { hostname, lease, ports, ended: never, output: noOutput, stop: close };
}

async function startTunnel(session: Session, value: TunnelService): Promise<ServiceRun> {
  checkForwards(value.ports);
  const { run, release } = await session.services.use(session, value.service);
  if (run.lease === undefined) throw new ApiError("tunneling to non-Container services is not supported");
  const lease = run.lease;
  const forwards = await Promise.all(
    value.ports.map((port) => session.network.forwardFromHost(lease, port.frontend, port.backend)),
  );
  return {
    hostname: "127.0.0.1",
    lease: undefined,
    ports: forwards.map((forward) => forward.port),
    ended: run.ended,
    output: run.output,
    stop: async () => {
      await Promise.all(forwards.map((forward) => forward.close()));
      release();
    },
  };
}

async function startContainerService(session: Session, value: ContainerService, hostname: string): Promise<ServiceRun> {
  const { container, command } = value;
  if (container.healthcheck !== undefined) throw unsupported("a Docker health check of a service");
  const name = `service ${command.args.join(" ")}`;
  const id = `${hostname} ${Date.now()}`;
  session.report({ kind: "start", id, name });
  const lease = await session.network.lease("service");
  try {
    const bound = await bindServices(session, container.services, lease, command.args);
    const prepared = await prepareContainer(session, container, command, lease);
    prepared.makeWorkdir();
    const started = await session.start(prepared.spec);
    const live = { stdout: "", stderr: "", combined: "" };
    const reading = collectOutput(started, prepared.secrets, (stream, said) => {
      live[stream] += said;
      live.combined += said;
      session.report({ kind: "log", id, stream, text: said });
    });
    let stopped = false;
    const ended = Promise.all([started.exit, reading]).then(
      ([{ code }]) => code,
      // It could not even be started: for those who wait for it that is an end like any other.
      (error: Error) => {
        live.stderr += `${error.message}\n`;
        return 1;
      },
    );
    const cleaned = ended.then(async (code) => {
      await prepared.discard();
      await bound.release();
      await lease.release();
      session.report({ kind: "end", id, outcome: code === 0 || stopped ? "done" : "failed" });
      return code;
    });
    const run: ServiceRun = {
      hostname,
      lease,
      ports: container.ports.filter((port) => port.protocol === "TCP").map((port) => port.port),
      ended: cleaned,
      output: () => live,
      stop: (signal) => {
        stopped = true;
        return stopContainer(started, cleaned, signal);
      },
    };
    await untilHealthy(session, run, container.ports, command);
    return run;
  } catch (error) {
    await lease.release();
    throw error;
  }
}

async function stopContainer(
  started: RunningContainer,
  ended: Promise<number>,
  signal: "SIGTERM" | "SIGKILL",
): Promise<void> {
  started.kill(signal);
  const timer = setTimeout(() => started.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** Waits until each port that is to be checked accepts a connection. */
async function untilHealthy(
  session: Session,
  run: ServiceRun,
  ports: readonly PortValue[],
  command: Command,
): Promise<void> {
  const checked = ports.filter((port) => port.protocol === "TCP" && !port.experimentalSkipHealthcheck);
  let code: number | undefined;
  void run.ended.then((ended) => {
    code = ended;
  });
  // A command that cannot even start has ended by now; a service without ports is healthy when it has started.
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  for (const { port } of checked) {
    for (
      let waitMs = 20;
      !(await session.network.accepts(run.lease as NetworkLease, port));
      waitMs = Math.min(waitMs * 2, 500)
    ) {
      await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, waitMs))]);
      if (code !== undefined) throw exitedEarly(run, command, code);
      if (Date.now() > deadline) {
        await run.stop("SIGKILL");
        throw new ApiError(`port ${port} of ${run.hostname} was not open within ${HEALTHY_WITHIN_MS / 60_000} minutes`);
      }
    }
  }
}

function exitedEarly(run: ServiceRun, command: Command, exitCode: number): ApiError {
  if (exitCode === 0) return new ExitedBeforeHealthy("service exited before healthcheck");
  const { stdout, stderr } = run.output();
  return new ExecFailure(`exit code: ${exitCode}`, { cmd: command.args, exitCode, stdout, stderr });
}

class ExitedBeforeHealthy extends ApiError {}

export interface BoundServices {
  /** Calls `gone` when one of them ends by itself. The answer stops watching, and says which one it was. */
  onExit(gone: () => void): () => ApiError | undefined;
  release(): Promise<void>;
}

/**
 * Starts the bound services and puts their names into the hosts of `lease`.
 *
 * @throws ExecFailure of the service that could not start, with its name
 */
export async function bindServices(
  session: Session,
  bindings: readonly ServiceBinding[],
  lease: NetworkLease,
  cmd: readonly string[],
): Promise<BoundServices> {
  const names = new Map(session.services.names());
  const used = await Promise.allSettled(bindings.map(({ service }) => session.services.use(session, service)));
  const running = used.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const release = async () => {
    for (const { release: giveBack } of running) giveBack();
  };
  for (const [place, result] of used.entries()) {
    if (result.status === "fulfilled") continue;
    await release();
    const { alias, service } = bindings[place] as ServiceBinding;
    throw startFailure(result.reason, alias, await service.key(), cmd);
  }
  for (const [place, { run }] of running.entries()) {
    const alias = (bindings[place] as ServiceBinding).alias;
    const { address } = run.lease as NetworkLease;
    for (const name of [alias, alias.toLowerCase(), run.hostname]) if (name !== "") names.set(name, address);
  }
  await lease.setHosts(names);
  return {
    release,
    onExit: (gone) =>
      watchExits(
        running.map(({ run }) => run),
        bindings,
        gone,
      ),
  };
}

function startFailure(error: unknown, alias: string, key: string, cmd: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const message = `start ${key.slice(0, 13)} (aliased as ${alias}): ${error.message}`;
  if (error instanceof ExecFailure) return new ExecFailure(message, error.exec);
  if (error instanceof ExitedBeforeHealthy) {
    return new ExecFailure(message, { cmd, exitCode: -1, stdout: "", stderr: "" });
  }
  return error instanceof ApiError ? new ApiError(message, error.extensions) : error;
}

function watchExits(
  runs: readonly ServiceRun[],
  bindings: readonly ServiceBinding[],
  gone: () => void,
): () => ApiError | undefined {
  let first: ApiError | undefined;
  let watching = true;
  for (const [place, run] of runs.entries()) {
    void run.ended.then((code) => {
      if (!watching || first !== undefined) return;
      const alias = bindings[place]?.alias ?? "";
      const text = `bound service ${run.hostname} (aliased as ${alias}) exited`;
      first = code === 0 ? new ApiError(text) : new ApiError(`${text} with code ${code}`);
      gone();
    });
  }
  return () => {
    watching = false;
    return first;
  };
}
