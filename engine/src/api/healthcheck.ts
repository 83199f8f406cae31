import type { Healthcheck } from "../dockerfile/instructions.ts";
import { formatGoDuration, parseGoDuration } from "../go-texts/duration.ts";
import type { HealthcheckValue } from "./values.ts";

/** A healthcheck as an image's configuration has it (docker image spec); what is zero is left out. */
export interface ImageHealthcheck {
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

/** From that of an image. */
export function healthcheckOf(image: ImageHealthcheck | undefined): Healthcheck | undefined {
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
export function toldHealthcheck(healthcheck: Healthcheck | undefined): HealthcheckValue | undefined {
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

/** That of an image, from what a call has given. */
export function givenHealthcheck(value: HealthcheckValue): ImageHealthcheck {
  const { args, shell, retries } = value;
  return imageHealthcheck({
    test: [shell ? "CMD-SHELL" : "CMD", ...args],
    interval: parseGoDuration(value.interval),
    timeout: parseGoDuration(value.timeout),
    startPeriod: parseGoDuration(value.startPeriod),
    startInterval: parseGoDuration(value.startInterval),
    retries,
  });
}
