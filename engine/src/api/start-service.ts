import type { Exit, NetworkLease, RunningContainer } from "../run/container.ts";
import { ApiError, unsupported } from "./errors.ts";
import type { PreparedContainer } from "./exec.ts";
import { collectOutput, newOutput } from "./exec-output.ts";
import { healthCommand } from "./healthcheck.ts";
import { type ReadyContainer, readyContainer } from "./ready-container.ts";
import { untilCheckPasses, untilPortsOpen } from "./service-health.ts";
import type { ServiceRun } from "./service-run.ts";
import type { ContainerService, Forward, HostService, ServiceValue, TunnelService } from "./service-value.ts";
import type { Session } from "./session.ts";

/** How long a service may take to end after it was told to. */
const STOP_MS = 10_000;

/**
 * Starts a service, and answers when it can be used.
 *
 * @param begun gets it as soon as its container runs
 */
export async function startService(
  session: Session,
  value: ServiceValue,
  hostname: string,
  begun: (run: ServiceRun) => void,
): Promise<ServiceRun> {
  if (value.kind === "host") return await startHostService(session, value, hostname);
  if (value.kind === "tunnel") return await startTunnel(session, value);
  return await startContainerService(session, value, hostname, begun);
}

const never = new Promise<Exit>(() => {});
const noCause = () => undefined;
const noOutput = () => ({ stdout: "", stderr: "" });

/** @throws ApiError for a port that there cannot be, or that cannot be forwarded here */
export function checkForwards(ports: readonly Forward[]): void {
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
  return { hostname, lease, ports, ended: never, cause: noCause, output: noOutput, stop: close };
}

async function startTunnel(session: Session, value: TunnelService): Promise<ServiceRun> {
  checkForwards(value.ports);
  const { run, release } = await session.services.use(session, value.service);
  const { lease } = run;
  if (lease === undefined) {
    release();
    throw new ApiError("tunneling to non-Container services is not supported");
  }
  const opened = await Promise.allSettled(
    value.ports.map((port) => session.network.forwardFromHost(lease, port.frontend, port.backend)),
  );
  const forwards = opened.flatMap((forward) => (forward.status === "fulfilled" ? [forward.value] : []));
  const close = async () => {
    await Promise.all(forwards.map((forward) => forward.close()));
    release();
  };
  const failed = opened.find((forward) => forward.status === "rejected");
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  let closed: Promise<void> | undefined;
  return {
    hostname: "127.0.0.1",
    lease: undefined,
    ports: forwards.map((forward) => forward.port),
    ended: run.ended,
    cause: run.cause,
    output: run.output,
    // Whoever ends all services may come while another one ends this: the service behind it is given back once.
    stop: () => {
      closed ??= close();
      return closed;
    },
  };
}

async function startContainerService(
  session: Session,
  value: ContainerService,
  hostname: string,
  begun: (run: ServiceRun) => void,
): Promise<ServiceRun> {
  const { container, command } = value;
  const check = healthCommand(container.imageConfig);
  const { run, started, prepared, lease, fail } = await runService(session, value, hostname);
  begun(run);
  try {
    if (check === undefined) await untilPortsOpen(session, run, lease, value);
    else await untilCheckPasses({ run, started, prepared, command, imageConfig: container.imageConfig }, check);
    return run;
  } catch (error) {
    await fail();
    throw error;
  }
}

/** A service whose container runs, whether or not it can be used yet. */
interface BegunService {
  readonly run: ServiceRun;
  readonly started: RunningContainer;
  readonly prepared: PreparedContainer;
  readonly lease: NetworkLease;
  /** Ends it as one that has failed. */
  readonly fail: () => Promise<void>;
}

async function runService(
  session: Session,
  { container, command }: ContainerService,
  hostname: string,
): Promise<BegunService> {
  const name = `service ${command.args.join(" ")}`;
  const id = `${hostname} ${Date.now()}`;
  session.report({ kind: "start", id, name });
  let ready: ReadyContainer | undefined;
  const clean = async (outcome: "done" | "failed") => {
    await ready?.close();
    session.report({ kind: "end", id, outcome });
  };
  try {
    ready = await readyContainer(session, container, command, { role: "service", name });
    const { lease, bound, prepared } = ready;
    prepared.makeWorkdir();
    const started = await session.start(prepared.spec);
    // It may run and print for days: only the end is kept.
    const output = newOutput(0);
    const show = (stream: "stdout" | "stderr", text: string) => session.report({ kind: "log", id, stream, text });
    const reading = collectOutput(started, prepared.secrets, show, { output });
    let asked: "to stop" | "as failed" | undefined;
    let cause: ApiError | undefined;
    const lost = bound.onExit(() => started.kill("SIGKILL"));
    const ended = Promise.all([started.exit, reading]).then(
      ([exit]): Exit => exit,
      // It could not even be started: for those who wait for it that is an end like any other.
      (error: Error) => {
        output.stderr.add(Buffer.from(`${error.message}\n`));
        return { code: 1 };
      },
    );
    const cleaned = ended.then(async (exit) => {
      cause = lost();
      const isWell = asked === undefined ? exit.code === 0 : asked === "to stop";
      await clean(isWell ? "done" : "failed");
      return exit;
    });
    const run: ServiceRun = {
      hostname,
      lease,
      ports: container.ports.filter((port) => port.protocol === "TCP").map((port) => port.port),
      ended: cleaned,
      cause: () => cause,
      output: () => ({ stdout: output.stdout.end(), stderr: output.stderr.end() }),
      stop: (signal) => {
        asked ??= "to stop";
        return stopContainer(started, cleaned, signal);
      },
      enter: entryOf(started, prepared),
    };
    const fail = () => {
      asked ??= "as failed";
      return run.stop("SIGKILL");
    };
    return { run, started, prepared, lease, fail };
  } catch (error) {
    await clean("failed");
    throw error;
  }
}

function entryOf(
  started: RunningContainer,
  { spec, plainEnv }: PreparedContainer,
): Exclude<ServiceRun["enter"], undefined> {
  const { cwd, user } = spec;
  return (process) => started.join({ ...process, env: { ...plainEnv, ...process.env }, cwd, user });
}

async function stopContainer(
  started: RunningContainer,
  ended: Promise<Exit>,
  signal: "SIGTERM" | "SIGKILL",
): Promise<void> {
  started.kill(signal);
  const timer = setTimeout(() => started.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}
