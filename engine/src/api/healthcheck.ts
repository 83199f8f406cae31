import type { Healthcheck } from "../dockerfile/instructions.ts";
import { formatGoDuration } from "../go-texts/duration.ts";
import type { ImageConfig } from "../image/image.ts";
import type { HealthcheckValue } from "./values.ts";

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

/** As an image has it. */
export function imageHealthcheck(healthcheck: Healthcheck): ImageHealthcheck {
  const set = (name: keyof ImageHealthcheck, value: number) => (value === 0 ? {} : { [name]: Math.round(value) });
  return {
    Test: healthcheck.test,
    ...set("Interval", healthcheck.interval * NS_PER_MS),
    ...set("Timeout", healthcheck.timeout * NS_PER_MS),
    ...set("StartPeriod", healthcheck.startPeriod * NS_PER_MS),
    ...set("StartInterval", healthcheck.startInterval * NS_PER_MS),
    ...set("Retries", healthcheck.retries),
  };
}

/** That of an image. */
export function healthcheckOf(config: ImageConfig): Healthcheck | undefined {
  const image = config.Healthcheck as ImageHealthcheck | undefined;
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

/** That of an image as the API tells it: without the word that says how it is run. */
export function toldHealthcheck(config: ImageConfig): HealthcheckValue | undefined {
  const healthcheck = healthcheckOf(config);
  if (healthcheck === undefined) return undefined;
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
