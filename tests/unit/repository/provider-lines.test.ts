import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS, type ProviderName } from "../../../ci/src/config/provider-schema.ts";
import { readPage } from "../../docs/read-page.ts";
import { filesOf } from "../../support/pipeline-settings.ts";

const PAGE = "docs/providers/README.md";
const FOLDER = "tests/providers/by-hand";
const BY_HAND = "docs/how-to/from-github-actions.md";

/** Lines that say something. */
function countLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

/** Those of the files that the provider runs. */
function countGenerated(name: ProviderName, engine: string): number {
  const runner = name === "bitbucket" && engine === "embedded" ? ", runner: linux.shell" : "";
  const files = filesOf(name, `{ engine: ${engine}${runner} }`).filter(({ path }) => !path.endsWith(".json"));
  return countLines(files.map(({ text }) => text).join("\n"));
}

/** Those of the file that somebody could have written for the same steps. */
function countByHand(name: ProviderName): number {
  const file = readdirSync(FOLDER).find((one) => one.startsWith(`${name}.`)) ?? "Jenkinsfile";
  return countLines(readFileSync(`${FOLDER}/${file}`, "utf8"));
}

const lines = suite("the lines of generated files");

lines("are as many as the page of providers says", () => {
  const page = readFileSync(PAGE, "utf8");
  const wanted = PROVIDERS.map(
    (name) =>
      `| \`${name}\` | ${countGenerated(name, "dagger")} | ${countGenerated(name, "embedded")} | ${countByHand(name)} |`,
  );
  for (const row of wanted) assert.ok(page.includes(`\n${row}\n`), `${PAGE} has not the row\n${row}`);
});

lines("of a workflow by hand are as many as the same page says", () => {
  const { steps } = readPage(BY_HAND, readFileSync(BY_HAND, "utf8"));
  const workflow = steps.find((step) => step.kind === "file" && step.path === ".github/workflows/ci.yml");
  assert.ok(
    readFileSync(PAGE, "utf8").includes(
      ` has ${countLines(workflow?.kind === "file" ? workflow.text : "")} such lines.`,
    ),
  );
});

lines.run();
