import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chooseTests, readTestName } from "../../chosen-tests.ts";

const UVU = ["--import", "tsx", "--import", "./tests/support/suites.mjs", "node_modules/uvu/bin.js", "--no-color"];

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

chosen("that are nowhere are answered with those whose name is nearest", () => {
  const refusalOf = (word: string) => {
    try {
      chooseTests("tests/unit", [word]);
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^.*, perhaps /, "") : "";
    }
    return "taken";
  };
  assert.is(refusalOf("repository/gaurd.test.ts"), "repository/guard");
  assert.is(refusalOf("engine/src/api/graphs.ts"), "engine/api/graph");
  assert.is(refusalOf("engine/src/cli/grpah.ts"), "engine/api/graph");
  assert.match(refusalOf("nothing/like-it"), /, such as \S+\.test\.ts$/);
});

chosen("leave out what stands behind not:, of all or of those that are named", () => {
  const all = chooseTests("tests/unit", []);
  const ofEngine = all.filter((file) => file.startsWith("engine/"));
  assert.equal(
    chooseTests("tests/unit", ["not:engine"]),
    all.filter((file) => !ofEngine.includes(file)),
  );
  assert.equal(
    chooseTests("tests/unit", ["engine", "not:engine/api"]),
    ofEngine.filter((file) => !file.startsWith("engine/api/")),
  );
  assert.throws(() => chooseTests("tests/unit", ["not:nothing"]), /no tests for nothing/);
});

chosen("are those of one name behind -t, wherever that stands", () => {
  assert.equal(readTestName(["unit", "ci/src/delivery"]), { testName: undefined, words: ["unit", "ci/src/delivery"] });
  assert.equal(readTestName(["unit", "-t", "a name", "ci"]), { testName: "a name", words: ["unit", "ci"] });
  assert.equal(readTestName(["unit", "ci", "-t"]), { testName: "", words: ["unit", "ci"] });
});

chosen("of one name run alone, with the hooks of their suite, and none at all is no success", () => {
  const folder = mkdtempSync(join(tmpdir(), "named-tests-"));
  try {
    const text = `import { suite } from "uvu";
const shop = suite("the shop");
shop.before(() => console.log("opens"));
shop("sells bread", () => console.log("bread"));
shop("sells milk", () => console.log("milk"));
shop.run();
`;
    writeFileSync(join(folder, "shop.test.mjs"), text);
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const printed = (name: string) =>
      execFileSync(process.execPath, [...UVU, folder], {
        encoding: "utf8",
        env: { ...process.env, SLIPWAY_TEST_NAME: name },
      });
    assert.match(printed("BREAD"), /opens\n(?:.*)bread\n(?:.*)\(1 \/ 1\)/s);
    assert.not.match(printed("bread"), "milk");
    assert.match(printed("the shop"), /\(2 \/ 2\)/);
    assert.match(printed("nothing of this name"), /Total: +0\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

chosen("of a suite whose hook fails do not run, and the reason is shown", () => {
  const folder = mkdtempSync(join(tmpdir(), "failing-hook-"));
  try {
    const text = `import { suite } from "uvu";
const shop = suite("the shop");
let open;
shop.before(() => { throw new Error("the key is lost"); });
shop.after(() => open.close());
shop("sells bread", () => undefined);
shop.run();
`;
    writeFileSync(join(folder, "shop.test.mjs"), text);
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const { stdout, stderr } = spawnSync(process.execPath, [...UVU, folder], { encoding: "utf8" });
    assert.not.match(stdout, /Passed: +1/);
    assert.match(stderr, /FAIL {2}the shop {2}"before its tests"\n {4}Error: the key is lost\n/);
    assert.match(stderr, /FAIL {2}the shop {2}"after its tests"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

chosen("that fail show the text that does not match, of a long one both ends, and the cause of an error", () => {
  const folder = mkdtempSync(join(tmpdir(), "failing-match-"));
  try {
    const text = `import { suite } from "uvu";
import * as assert from "uvu/assert";
const shop = suite("the shop");
shop("is open", () => assert.match("closed\\non Sundays", /open/));
shop("sells no milk", () => assert.not.match("milk, " + "and more ".repeat(5_000) + "bread", "milk"));
shop("is found", () => { throw new Error("no shop", { cause: new Error("the map is old") }); });
shop("says why", () => assert.match("closed", /open/, "it should be open"));
shop.run();
`;
    writeFileSync(join(folder, "shop.test.mjs"), text);
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const { stdout } = spawnSync(process.execPath, [...UVU, folder], { encoding: "utf8" });
    assert.match(stdout, /to match `\/open\/` pattern {2}\(match\)\n\s+The text:\n\s+closed\n\s+on Sundays\n/);
    assert.match(
      stdout,
      /The text:\n\s+milk, and more [\s\S]*\[\d+ characters are left out\]\n[\s\S]*and more bread\n/,
    );
    assert.match(stdout, /it should be open {2}\(match\)\n\s+The text:\n\s+closed\n/);
    assert.match(stdout, /no shop\n\n\s+The cause:\n\s+Error: the map is old\n/);
    assert.ok(stdout.length < 12_000, String(stdout.length));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

chosen.run();
