import type { ImageConfig } from "../image/image.ts";
import { ContainerEnded, type NetworkLease, type RunningContainer } from "../run/container.ts";
import { ApiError, ExecFailure } from "./errors.ts";
import type { Command, PreparedContainer } from "./exec.ts";
import { collectOutput } from "./exec-output.ts";
import { exitText } from "./exit-text.ts";
import { healthcheckOf } from "./healthcheck.ts";
import { ExitedBeforeHealthy, type ServiceRun } from "./service-run.ts";
import type { ContainerService } from "./service-value.ts";
import type { Session } from "./session.ts";

/** The real engine gives up on a port after 15 minutes. */
const OPEN_WITHIN_MS = 15 * 60_000;

/** What the real engine takes for what an image's check does not say. */
const CHECK_AGAIN_MS = 5_000;
const CHECKS = 3;

/**
 * Waits until each port that is to be checked accepts a connection. A service without ports is healthy when it has started.
 *
 * @throws ApiError when the service ends before, or a port stays closed
 */
export async function untilPortsOpen(
  session: Session,
  run: ServiceRun,
  lease: NetworkLease,
  { container, command }: ContainerService,
): Promise<void> {
  const checked = container.ports.filter((port) => port.protocol === "TCP" && !port.experimentalSkipHealthcheck);
  const deadline = Date.now() + OPEN_WITHIN_MS;
  for (const { port } of checked) {
    for (let waitMs = 20; !(await session.network.accepts(lease, port)); waitMs = Math.min(waitMs * 2, 500)) {
      await pause(waitMs, run, command);
      if (Date.now() > deadline)
        throw new ApiError(`port ${port} of ${run.hostname} was not open within ${OPEN_WITHIN_MS / 60_000} minutes`);
    }
  }
}

/** A service in its container, as its check needs it. */
export interface CheckedService {
  readonly run: ServiceRun;
  readonly started: RunningContainer;
  readonly prepared: PreparedContainer;
  readonly command: Command;
  readonly imageConfig: ImageConfig;
}

/**
 * Runs the check of an image until it passes; open ports do not count then. As the real engine does it: the first time at once;
 * failures count from the end of the start period; a check may take as long as it likes, whatever its timeout says.
 *
 * @throws ExecFailure of the check that failed last; of the service when it ends before
 */
export async function untilCheckPasses(service: CheckedService, args: readonly string[]): Promise<void> {
  const { run, command } = service;
  const asked = healthcheckOf(service.imageConfig);
  const againMs = positive(asked?.startInterval) ?? positive(asked?.interval) ?? CHECK_AGAIN_MS;
  const most = positive(asked?.retries) ?? CHECKS;
  const countsFrom = Date.now() + (positive(asked?.startPeriod) ?? 0);
  for (let failures = 0; ; ) {
    const failure = await Promise.race([check(service, args), exitOf(run, command)]);
    if (failure === undefined) return;
    if (Date.now() >= countsFrom) failures += 1;
    if (failures === most) throw failure;
    await pause(againMs, run, command);
  }
}

/** Why the check did not pass; `undefined` when it did. */
async function check(
  { run, started, prepared, command }: CheckedService,
  args: readonly string[],
): Promise<ExecFailure | undefined> {
  const { cwd, user } = prepared.spec;
  try {
    const joined = await started.join({ args, env: prepared.plainEnv, cwd, user });
    const [exit, { stdout, stderr }] = await Promise.all([
      joined.exit,
      collectOutput(joined, prepared.secrets, () => undefined),
    ]);
    if (exit.code === 0) return undefined;
    const exec = { cmd: args, exitCode: exit.code, stdout: stdout.end(), stderr: stderr.end() };
    return new ExecFailure(`health check errored: ${exitText(exit)}`, exec);
  } catch (error) {
    if (error instanceof ContainerEnded) return await exitOf(run, command);
    throw error;
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** Waits; ends early with the error of a service that ends meanwhile. */
async function pause(ms: number, run: ServiceRun, command: Command): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([waited, exitOf(run, command)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Never answers: throws when the service has ended, which is too early. */
async function exitOf(run: ServiceRun, { args }: Command): Promise<never> {
  const exit = await run.ended;
  const cause = run.cause();
  if (cause !== undefined) throw cause;
  if (exit.code === 0) throw new ExitedBeforeHealthy("service exited before healthcheck");
  const { stdout, stderr } = run.output();
  throw new ExecFailure(exitText(exit), { cmd: args, exitCode: exit.code, stdout, stderr });
}
