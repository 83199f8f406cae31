import type { Container } from "@dagger.io/dagger";

/** How often a service of a stack is asked whether it can be used. */
const ASK_EVERY = "500ms";

/** What Docker takes for what a health check does not say. */
const DOCKER_INTERVAL_S = 30;
const DOCKER_RETRIES = 3;

/**
 * A container that is ready as soon as its image's health check passes. The check is asked often, for as long as Docker would wait
 * until it calls the container unhealthy: by the numbers of the image alone, made for years and not for a start, the engine would
 * ask at once, when nothing can be up yet, and then half a minute later.
 *
 * Without a check its ports decide; `HEALTHCHECK NONE` is no check.
 */
export async function askOften(container: Container): Promise<Container> {
  const check = container.dockerHealthcheck();
  // The type of the SDK has no null in it, the API has: there may be no check to ask for its arguments.
  const args = (await check.args()) as string[] | null;
  if (args === null) return container.withoutDockerHealthcheck();
  const [shell, timeout, startPeriod, interval, retries] = await Promise.all([
    check.shell(),
    check.timeout(),
    check.startPeriod(),
    check.interval(),
    check.retries(),
  ]);
  const patience = patienceOf({ startPeriod, interval, retries });
  const numbers = { startPeriod: `${patience}s`, startInterval: ASK_EVERY, retries: 1 };
  return container.withDockerHealthcheck(args, { shell, timeout, interval, ...numbers });
}

/**
 * A container of which nothing but this port is waited for, or none. What an image says that it exposes need not be open: a worker
 * may be made from the image of a server.
 */
export async function waitForOnly(container: Container, port: number | undefined): Promise<Container> {
  const exposed = await container.exposedPorts();
  const ports = await Promise.all(
    exposed.map(async (one) => ({ number: await one.port(), protocol: await one.protocol() })),
  );
  const closed = ports.reduce((left, { number, protocol }) => left.withoutExposedPort(number, { protocol }), container);
  return openAt(closed, port);
}

/** A container that is waited for until it listens at this port, if there is one. */
export function openAt(container: Container, port: number | undefined): Container {
  return port === undefined ? container : container.withExposedPort(port);
}

/** Seconds until Docker calls a container unhealthy whose check never passes. */
export function patienceOf(check: {
  /** Durations as Go prints them: `1m30s`. */
  readonly startPeriod: string;
  readonly interval: string;
  /** 0 when nothing is said. */
  readonly retries: number;
}): number {
  const interval = secondsOf(check.interval) || DOCKER_INTERVAL_S;
  const retries = check.retries > 0 ? check.retries : DOCKER_RETRIES;
  return secondsOf(check.startPeriod) + interval * retries;
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };

function secondsOf(duration: string): number {
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|ns)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ""] ?? 0), 0);
}
