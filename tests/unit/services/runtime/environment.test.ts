import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readConfig as readDashboard } from "../../../../services/dashboard/src/config.ts";
import { readConfig as readIngest } from "../../../../services/ingest/src/config.ts";
import { readConfig as readProcessor } from "../../../../services/processor/src/config.ts";
import { createLog, EnvironmentError } from "../../../../services/runtime/src/index.ts";

const environment = suite("environment of the services");

function problemsOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  return "";
}

for (const [name, read] of [
  ["ingest", readIngest],
  ["processor", readProcessor],
  ["dashboard", readDashboard],
] as const) {
  environment(`${name} needs nothing but the brokers, and takes empty variables as not set`, () => {
    const config = read({ KAFKA_BROKERS: "a:9092, b:9093", PORT: "", UNRELATED: "x" });
    assert.equal([config.KAFKA_BROKERS, config.PORT, config.MANAGEMENT_PORT], [["a:9092", "b:9093"], 8080, 8081]);
  });

  environment(`${name} without brokers says what it expects`, () => {
    assert.is(
      problemsOf(() => read({})),
      "the environment cannot be used:\n  KAFKA_BROKERS: is missing; expected host:port, several with commas between them, for example kafka:9092",
    );
  });
}

environment("tells all problems at once, each with its variable", () => {
  const text = problemsOf(() =>
    readProcessor({ KAFKA_BROKERS: "kafka", PORT: "99999", WINDOW_MS: "1h", LOG_LEVEL: "loud" }),
  );
  const names = text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/[.:]/)[0]);
  assert.equal(names.sort(), ["KAFKA_BROKERS", "LOG_LEVEL", "PORT", "WINDOW_MS"]);
});

environment("of a processor with a colour names the live Service, and is told so beside all other problems", () => {
  assert.is(
    problemsOf(() => readProcessor({ SLIPWAY_COLOUR: "blue", PORT: "-1" })),
    [
      "the environment cannot be used:",
      "  KAFKA_BROKERS: is missing; expected host:port, several with commas between them, for example kafka:9092",
      "  PORT: expected at least 0",
      "  PROCESSOR_URL: is missing; one with a SLIPWAY_COLOUR has to know where the live Service is, for example http://processor:8080",
    ].join("\n"),
  );
  assert.match(
    problemsOf(() => readProcessor({ KAFKA_BROKERS: "a:1", SLIPWAY_COLOUR: "red", PROCESSOR_URL: "processor" })),
    /\n {2}SLIPWAY_COLOUR: expected blue or green\n {2}PROCESSOR_URL: expected an address/,
  );
  const set = { KAFKA_BROKERS: "a:1", SLIPWAY_COLOUR: "blue", PROCESSOR_URL: "http://processor:8080" };
  assert.equal(readProcessor(set).turns, { colour: "blue", liveUrl: "http://processor:8080" });
  assert.is(readProcessor({ ...set, SLIPWAY_COLOUR: "" }).turns, undefined);
});

environment("logs one JSON object a line, from the level that was asked for, with errors in words", () => {
  const lines: string[] = [];
  const log = createLog("ingest", "warn", (line) => void lines.push(line));
  log.info("not shown");
  log.warn("lost\nsomething", { reason: new TypeError("no") });
  assert.is(lines.length, 1);
  const { time: _, ...rest } = JSON.parse(lines[0] ?? "");
  assert.equal(rest, { level: "warn", service: "ingest", message: "lost\nsomething", reason: "TypeError: no" });
  assert.is(lines[0]?.indexOf("\n"), (lines[0]?.length ?? 0) - 1);
});

environment.run();
