import { suite } from "uvu";
import * as assert from "uvu/assert";
import { imageHealthcheck, toldHealthcheck } from "../../../../engine/src/api/healthcheck.ts";

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

healthcheck.run();
