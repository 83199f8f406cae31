import { suite } from "uvu";
import * as assert from "uvu/assert";
import { healthCommand, imageHealthcheck, toldHealthcheck } from "../../../../engine/src/api/healthcheck.ts";

const healthcheck = suite("the health check of an image");

healthcheck("has its times in whole nanoseconds, and is told as it was given", () => {
  const test = ["CMD-SHELL", "true"];
  const given = { test, interval: 1.001, timeout: 1100, startPeriod: 0, startInterval: 0, retries: 2 };
  const image = imageHealthcheck(given);
  assert.equal(image, { Test: test, Interval: 1_001_000, Timeout: 1_100_000_000, Retries: 2 });
  assert.equal(toldHealthcheck({ Healthcheck: image }), {
    args: ["true"],
    shell: true,
    interval: "1.001ms",
    timeout: "1.1s",
    startPeriod: "0s",
    startInterval: "0s",
    retries: 2,
  });
});

healthcheck("that an image switches off is none", () => {
  assert.is(toldHealthcheck({ Healthcheck: { Test: ["NONE"] } }), undefined);
});

for (const [test, command, shell] of [
  [["CMD", "check", "me"], ["check", "me"], undefined],
  [["CMD-SHELL", "check me"], ["/bin/sh", "-c", "check me"], undefined],
  [["CMD-SHELL", "check me"], ["/bin/sh", "-c", "check me"], []],
  [
    ["CMD-SHELL", "check me"],
    ["/bin/ash", "-eo", "pipefail", "-c", "check me"],
    ["/bin/ash", "-eo", "pipefail", "-c"],
  ],
] as const) {
  healthcheck(`${test.join(" ")} runs ${command.join(" ")}`, () => {
    const config = { Healthcheck: { Test: test }, ...(shell === undefined ? {} : { Shell: shell }) };
    assert.equal(healthCommand(config), command);
  });
}

healthcheck("that an image does not have is no command", () => {
  assert.is(healthCommand({}), undefined);
});

for (const [test, problem] of [
  [["NONE"], "container does not have a healthcheck command"],
  [[], "container does not have a healthcheck command"],
  [undefined, "container does not have a healthcheck command"],
  [["CMD"], "healthcheck command should have at least 2 elements: [CMD]"],
  [["CMD-SHELL"], "healthcheck shell command should have exactly 2 elements: [CMD-SHELL]"],
  [["CMD-SHELL", "a", "b"], "healthcheck shell command should have exactly 2 elements: [CMD-SHELL a b]"],
  [["RUN", "a"], "malformed healthcheck command: [RUN a]"],
] as const) {
  healthcheck(`${JSON.stringify(test)} starts no service`, () => {
    const config = { Healthcheck: test === undefined ? {} : { Test: test } };
    assert.throws(
      () => healthCommand(config),
      (error: Error) => error.message === `failed to setup docker healthcheck: ${problem}`,
    );
  });
}

healthcheck.run();
