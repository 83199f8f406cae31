import { suite } from "uvu";
import * as assert from "uvu/assert";
import { resultLifetime } from "../../../../engine/src/module/cache-policy.ts";

const policy = suite("lifetime of results");

const current = { engineVersion: "v0.21.8", disableDefaultFunctionCaching: false };

policy("is seven days when nothing is said", () => {
  assert.equal(resultLifetime({ policy: "default" }, current), { kind: "stored", seconds: 604_800 });
});

policy("is what the function says", () => {
  assert.equal(resultLifetime({ policy: "never" }, current), { kind: "never" });
  assert.equal(resultLifetime({ policy: "session" }, current), { kind: "session" });
  assert.equal(resultLifetime({ policy: "default", ttlSeconds: 90 }, current), { kind: "stored", seconds: 90 });
  assert.equal(resultLifetime({ policy: "default", ttlSeconds: 0 }, current), { kind: "never" });
});

policy("is the session for modules from before results were stored, and for those that switched it off", () => {
  assert.equal(resultLifetime({ policy: "default" }, { ...current, engineVersion: "v0.19.3" }), { kind: "session" });
  assert.equal(resultLifetime({ policy: "default" }, { ...current, engineVersion: "v0.19.4" }).kind, "stored");
  assert.equal(resultLifetime({ policy: "default" }, { ...current, disableDefaultFunctionCaching: true }), {
    kind: "session",
  });
});

policy("that a function names itself holds for old modules too", () => {
  const old = { engineVersion: "v0.9.9", disableDefaultFunctionCaching: true };
  assert.equal(resultLifetime({ policy: "default", ttlSeconds: 5 }, old), { kind: "stored", seconds: 5 });
});

policy.run();
