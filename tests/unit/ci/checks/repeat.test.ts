import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellRepeat } from "../../../../ci/src/checks/repeat.ts";
import { MODULE } from "../../../support/pipeline-settings.ts";

const repeat = suite("how a failure is repeated");

repeat("is one line for each engine, at the commit", () => {
  assert.is(
    tellRepeat("check --name unit", { commit: "1decb59" }, MODULE),
    `To repeat it in a clone, on either engine:
  git fetch origin 1decb59 && git switch --detach 1decb59 && slipway call check --name unit
  git fetch origin 1decb59 && git switch --detach 1decb59 && dagger call check --name unit`,
  );
});

repeat("merges the two commits again that a CI system has merged: only it has that merge", () => {
  assert.is(
    tellRepeat("test", { base: "1decb59", merged: "0f3a2c1" }, MODULE),
    `To repeat it in a clone, on either engine:
  git fetch origin 1decb59 0f3a2c1 && git switch --detach 1decb59 && git merge --no-edit 0f3a2c1 && slipway call test
  git fetch origin 1decb59 0f3a2c1 && git switch --detach 1decb59 && git merge --no-edit 0f3a2c1 && dagger call test`,
  );
});

repeat("names the module where dagger.json does not lead to it, and no commit that nobody knows", () => {
  assert.is(
    tellRepeat("test", undefined, undefined),
    `To repeat it in a clone, on either engine:
  slipway call test
  dagger call -m github.com/slipway/slipway@v0.1.0 test`,
  );
});

repeat.run();
