import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS, type ProviderName } from "../../../ci/src/config/provider-schema.ts";
import { filesOf } from "../../support/pipeline-settings.ts";

const PAGE = "docs/providers/README.md";

/** Lines that say something, of the files that the provider runs. */
function countLines(name: ProviderName, engine: string): number {
  const runner = name === "bitbucket" && engine === "embedded" ? ", runner: linux.shell" : "";
  const files = filesOf(name, `{ engine: ${engine}${runner} }`).filter(({ path }) => !path.endsWith(".json"));
  return files.flatMap(({ text }) => text.split("\n").filter((line) => line.trim() !== "")).length;
}

const lines = suite("the lines of generated files");

lines("are as many as the page of providers says", () => {
  const page = readFileSync(PAGE, "utf8");
  const wanted = PROVIDERS.map(
    (name) => `| \`${name}\` | ${countLines(name, "dagger")} | ${countLines(name, "embedded")} |`,
  );
  for (const row of wanted) assert.ok(page.includes(`\n${row}\n`), `${PAGE} has not the row\n${row}`);
});

lines.run();
