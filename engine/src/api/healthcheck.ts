import type { Healthcheck } from "../dockerfile/instructions.ts";
import { formatGoDuration } from "../go-texts/duration.ts";
import type { ImageConfig } from "../image/image.ts";
import { ApiError } from "./errors.ts";
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

/**
 * The command by which an image says whether it can be used; `undefined` when it says nothing of it.
 *
 * @throws ApiError when what it says is no command; "NONE" is none either, for the real engine
 */
export function healthCommand({ Healthcheck, Shell }: ImageConfig): readonly string[] | undefined {
  if (Healthcheck === undefined || Healthcheck === null) return undefined;
  const test = (Healthcheck as ImageHealthcheck).Test ?? [];
  const [kind, ...args] = test;
  if (kind === undefined || kind === "NONE") throw noCommand("container does not have a healthcheck command");
  if (kind === "CMD") {
    if (args.length > 0) return args;
    throw noCommand(`healthcheck command should have at least 2 elements: ${goList(test)}`);
  }
  if (kind !== "CMD-SHELL") throw noCommand(`malformed healthcheck command: ${goList(test)}`);
  if (args.length !== 1) throw noCommand(`healthcheck shell command should have exactly 2 elements: ${goList(test)}`);
  return [...(Shell === undefined || Shell.length === 0 ? ["/bin/sh", "-c"] : Shell), ...args];
}

function noCommand(why: string): ApiError {
  return new ApiError(`failed to setup docker healthcheck: ${why}`);
}

/** As Go prints a list of texts. */
function goList(texts: readonly string[]): string {
  return `[${texts.join(" ")}]`;
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
