import type { Healthcheck } from "../dockerfile/instructions.ts";
import type { ImageSettings } from "../dockerfile/planned.ts";
import type { ImageConfig } from "../image/image.ts";
import { formatGoDuration } from "./go-duration.ts";
import type { ContainerValue, HealthcheckValue, PortValue } from "./values.ts";

/** A healthcheck as an image's configuration has it (docker image spec); what is zero is left out. */
interface ImageHealthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

const NS_PER_MS = 1e6;

/** The configuration that a stage begins with, from the container of its image. */
export function settingsOf(container: ContainerValue): ImageSettings {
  const { env, labels, ports, user, workdir, entrypoint, defaultArgs, imageConfig } = container;
  return {
    env,
    labels,
    ports: new Set(ports.map(({ port, protocol }) => `${port}/${protocol.toLowerCase()}`)),
    volumes: new Set(Object.keys(imageConfig.Volumes ?? {})),
    user,
    workdir,
    entrypoint: entrypoint.length === 0 ? undefined : entrypoint,
    cmd: defaultArgs.length === 0 ? undefined : defaultArgs,
    shell: imageConfig.Shell ?? [],
    healthcheck: healthcheckOf(imageConfig.Healthcheck as ImageHealthcheck | undefined),
    stopSignal: imageConfig.StopSignal ?? "",
    onBuild: imageConfig.OnBuild ?? [],
  };
}

/** A container with the configuration that a stage ends with. */
export function withSettings(container: ContainerValue, settings: ImageSettings): ContainerValue {
  const { healthcheck } = settings;
  return {
    ...container,
    env: new Map(settings.env),
    labels: new Map([...settings.labels].sort(([a], [b]) => (a < b ? -1 : 1))),
    ports: [...settings.ports].sort().map(portOf),
    user: settings.user,
    workdir: settings.workdir,
    entrypoint: settings.entrypoint ?? [],
    defaultArgs: settings.cmd ?? [],
    healthcheck: healthcheck === undefined ? undefined : toldHealthcheck(healthcheck),
    imageConfig: imageConfigOf(settings),
  };
}

function portOf(entry: string): PortValue {
  const [port, protocol] = entry.split("/");
  return {
    port: Number(port),
    protocol: protocol === "udp" ? "UDP" : "TCP",
    description: undefined,
    experimentalSkipHealthcheck: false,
  };
}

function imageConfigOf({ volumes, onBuild, shell, stopSignal, healthcheck }: ImageSettings): ImageConfig {
  return {
    ...(volumes.size === 0 ? {} : { Volumes: Object.fromEntries([...volumes].sort().map((path) => [path, {}])) }),
    ...(onBuild.length === 0 ? {} : { OnBuild: onBuild }),
    ...(shell.length === 0 ? {} : { Shell: shell }),
    ...(stopSignal === "" ? {} : { StopSignal: stopSignal }),
    ...(healthcheck === undefined ? {} : { Healthcheck: imageHealthcheck(healthcheck) }),
  };
}

function imageHealthcheck(healthcheck: Healthcheck): ImageHealthcheck {
  const set = (name: keyof ImageHealthcheck, value: number) => (value === 0 ? {} : { [name]: value });
  return {
    Test: healthcheck.test,
    ...set("Interval", healthcheck.interval * NS_PER_MS),
    ...set("Timeout", healthcheck.timeout * NS_PER_MS),
    ...set("StartPeriod", healthcheck.startPeriod * NS_PER_MS),
    ...set("StartInterval", healthcheck.startInterval * NS_PER_MS),
    ...set("Retries", healthcheck.retries),
  };
}

function healthcheckOf(image: ImageHealthcheck | undefined): Healthcheck | undefined {
  if (image?.Test === undefined) return undefined;
  return {
    test: image.Test,
    interval: (image.Interval ?? 0) / NS_PER_MS,
    timeout: (image.Timeout ?? 0) / NS_PER_MS,
    startPeriod: (image.StartPeriod ?? 0) / NS_PER_MS,
    startInterval: (image.StartInterval ?? 0) / NS_PER_MS,
    retries: image.Retries ?? 0,
  };
}

/** As the API tells it: without the word that says how it is run. */
function toldHealthcheck(healthcheck: Healthcheck): HealthcheckValue | undefined {
  const [kind, ...args] = healthcheck.test;
  if (kind === "NONE") return undefined;
  return {
    args,
    shell: kind === "CMD-SHELL",
    interval: formatGoDuration(healthcheck.interval),
    timeout: formatGoDuration(healthcheck.timeout),
    startPeriod: formatGoDuration(healthcheck.startPeriod),
    startInterval: formatGoDuration(healthcheck.startInterval),
    retries: healthcheck.retries,
  };
}
