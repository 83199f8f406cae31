import type { ImageSettings } from "../dockerfile/planned.ts";
import type { ImageConfig } from "../image/image.ts";
import { healthcheckOf, imageHealthcheck } from "./healthcheck.ts";
import type { ContainerValue, PortValue } from "./values.ts";

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
    healthcheck: healthcheckOf(imageConfig),
    stopSignal: imageConfig.StopSignal ?? "",
    onBuild: imageConfig.OnBuild ?? [],
  };
}

/** A container with the configuration that a stage ends with. */
export function withSettings(container: ContainerValue, settings: ImageSettings): ContainerValue {
  return {
    ...container,
    env: new Map(settings.env),
    labels: new Map([...settings.labels].sort(([a], [b]) => (a < b ? -1 : 1))),
    ports: [...settings.ports].sort().map(portOf),
    user: settings.user,
    workdir: settings.workdir,
    entrypoint: settings.entrypoint ?? [],
    defaultArgs: settings.cmd ?? [],
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
