import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellRepeat } from "../../../../ci/src/checks/repeat.ts";
import { MODULE } from "../../../support/pipeline-settings.ts";

const repeat = suite("how a failure is repeated");

repeat("is one line for each engine, at the commit", () => {
  assert.is(
    tellRepeat("check --name unit", "1decb59", MODULE),
    `To repeat it in a clone, on either engine:
  git fetch origin 1decb59 && git switch --detach 1decb59 && slipway call check --name unit
  git fetch origin 1decb59 && git switch --detach 1decb59 && dagger call check --name unit`,
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
