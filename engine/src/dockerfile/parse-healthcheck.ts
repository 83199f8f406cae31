import { parseGoDuration } from "../go-texts/duration.ts";
import { readFlags } from "./flags.ts";
import type { Healthcheck } from "./instructions.ts";
import type { SourceInstruction } from "./lines.ts";
import { DockerfileProblem, quoted } from "./problem.ts";
import { jsonWords } from "./words.ts";

const NEVER: Omit<Healthcheck, "test"> = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };

/** @throws DockerfileProblem */
export function parseHealthcheck(source: SourceInstruction): Healthcheck {
  const [, written = "", rest = ""] = /^(\S*)\s*([\s\S]*)$/.exec(source.rest) ?? [];
  if (written === "") throw new DockerfileProblem("HEALTHCHECK requires at least one argument");
  const kind = written.toUpperCase();
  const list = jsonWords(rest);
  const words = list ?? (rest === "" ? [] : [rest]);
  if (kind === "NONE") {
    if (words.length > 0) throw new DockerfileProblem("HEALTHCHECK NONE takes no arguments");
    return { ...NEVER, test: ["NONE"] };
  }
  const flags = readFlags(source.flags, {
    interval: "text",
    timeout: "text",
    "start-period": "text",
    "start-interval": "text",
    retries: "text",
  });
  if (kind !== "CMD") throw new DockerfileProblem(`Unknown type ${quoted(kind)} in HEALTHCHECK (try CMD)`);
  if (words.length === 0) throw new DockerfileProblem("Missing command after HEALTHCHECK CMD");
  const time = (name: string) => readTime(name, flags.text(name));
  return {
    test: [list === undefined ? "CMD-SHELL" : "CMD", ...words],
    interval: time("interval"),
    timeout: time("timeout"),
    startPeriod: time("start-period"),
    startInterval: time("start-interval"),
    retries: readRetries(flags.text("retries")),
  };
}

function readTime(name: string, text: string): number {
  if (text === "") return 0;
  const time = asProblem(() => parseGoDuration(text));
  if (time === 0 || time >= 1) return time;
  throw new DockerfileProblem(`Interval ${quoted(name)} cannot be less than 1ms`);
}

function readRetries(text: string): number {
  if (text === "") return 0;
  const failed = (why: string) => new DockerfileProblem(`strconv.ParseInt: parsing ${quoted(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw failed("invalid syntax");
  const count = Number(text);
  if (count > 0x7fff_ffff || count < -0x8000_0000) throw failed("value out of range");
  if (count < 0) throw new DockerfileProblem(`--retries cannot be negative (${count})`);
  return count;
}

function asProblem<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new DockerfileProblem((error as Error).message);
  }
}
