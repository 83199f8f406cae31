import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chooseTests } from "../../chosen-tests.ts";

const chosen = suite("tests named on the command line");

for (const word of [
  "tests/unit/repository/chosen-tests.test.ts",
  "./tests/unit/repository/chosen-tests.test.ts",
  "repository/chosen-tests.test.ts",
  "repository/chosen-tests",
]) {
  chosen(`are found by ${word}`, () => {
    assert.equal(chooseTests("tests/unit", [word]), ["repository/chosen-tests.test.ts"]);
  });
}

chosen("are found by the code that they test", () => {
  assert.equal(chooseTests("tests/unit", ["engine/src/image/reference.ts"]), ["engine/image/reference.test.ts"]);
  const api = chooseTests("tests/unit", ["engine/src/api/"]);
  assert.ok(api.includes("engine/api/graph.test.ts"), api.join());
  assert.equal(
    api.filter((file) => !file.startsWith("engine/api/")),
    [],
  );
});

chosen("are each taken once, in the usual order", () => {
  assert.equal(chooseTests("tests/unit", ["repository/guard", "repository/arrows", "repository/guard"]), [
    "repository/arrows.test.ts",
    "repository/guard.test.ts",
  ]);
});

chosen("are all there are without a word, or with the name of the folder", () => {
  assert.equal(chooseTests("tests/unit", ["tests/unit/"]), chooseTests("tests/unit", []));
});

chosen("that are nowhere are refused by name, and do not end in a green run of nothing", () => {
  assert.throws(
    () => chooseTests("tests/unit", ["repository/guard", "repository/guards", "engine/src/apis"]),
    (error: Error) =>
      error.message.startsWith(
        "tests/unit: no tests for repository/guards, engine/src/apis; name a test file, a folder,",
      ),
  );
});

chosen.run();
