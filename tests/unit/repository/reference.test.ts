import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ruleNames } from "../../../ci/src/manifests/rules.ts";
import { VARIABLES } from "../../../engine/src/cli/variables.ts";
import { FUNCTION_GROUPS } from "../../reference/effects.ts";
import { PAGES } from "../../reference/pages.ts";
import { readObjects } from "../../reference/read-objects.ts";
import { readVariables, variablesOf, variablesOfScript } from "../../reference/read-variables.ts";

const reference = suite("the reference");

for (const [path, print] of Object.entries(PAGES)) {
  reference(`says in ${path} what the code says (npm run reference)`, () => {
    assert.is(readFileSync(path, "utf8"), print());
  });
}

reference("has no page that nobody prints", () => {
  const there = readdirSync("docs/reference", { encoding: "utf8" }).map((name) => `docs/reference/${name}`);
  assert.equal(there.sort(), Object.keys(PAGES).sort());
});

reference("explains all that it names", () => {
  const rows = Object.entries(PAGES).flatMap(([path, print]) =>
    [...print().matchAll(/^\| (?!-)(.*) \|$/gm)].map(([, row = ""]) => [path, ...row.split(/(?<!\\) \| /)]),
  );
  assert.equal(
    rows.filter((cells) => cells.length < 3 || cells.at(-1) === ""),
    [],
  );
});

reference("of manifests' rules, in docs/manifests.md, has each rule, in the order in which they are told", () => {
  const table = readFileSync("docs/manifests.md", "utf8").split("| Rule | Requires |")[1]?.split("\n\n")[0] ?? "";
  const cells = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = ""]) => cell);
  assert.equal(
    cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)),
    ruleNames,
  );
});

reference("begins each function with a sentence on one line, which lists of functions show alone", () => {
  const functions = readObjects("ci/src/index.ts").flatMap((object) => object.functions);
  const cut = functions.filter(({ description }) => !/\.$/.test(description.split("\n")[0] ?? ""));
  assert.equal(
    cut.map(({ name }) => name),
    [],
  );
});

reference("has every function of the module in one group, and no other", () => {
  const functions = readObjects("ci/src/index.ts").flatMap((object) => object.functions.map(({ name }) => name));
  const grouped = Object.values(FUNCTION_GROUPS).flatMap((effects) => Object.keys(effects));
  assert.equal(grouped.sort(), functions.sort());
});

reference("knows no function that changes something and whose result is used again", () => {
  const functions = readObjects("ci/src/index.ts").flatMap((object) => object.functions);
  const effects = new Map(Object.values(FUNCTION_GROUPS).flatMap((group) => Object.entries(group)));
  const changing = functions.filter(({ name }) => !["none", "runs"].includes(effects.get(name) ?? ""));
  assert.equal(
    changing.filter(({ cache, isCheck }) => cache !== "never" || isCheck).map(({ name }) => name),
    [],
  );
});

/** Found where variables are read, and no variables of the person. */
const OTHERS: Readonly<Record<string, string>> = {
  GIT_CONFIG_COUNT: "the engine sets it for git where a call gives a login",
  GRADLE_OPTS: "a container is told",
  MAVEN_OPTS: "a container is told",
  PWD: "the shell sets it",
  SLIPWAY_ENGINE_BUILD: "written into the engine when it is built",
  SLIPWAY_PROGRAM: "written into the engine when it is built",
  SLIPWAY_VERSION: "written into the engine when it is built",
};

reference("knows each variable that the engine and the script read, and no other", () => {
  const read = new Set([...readVariables("engine/src").keys(), ...variablesOfScript(readFileSync("slipway", "utf8"))]);
  const told = new Set(Object.values(VARIABLES).flatMap((group) => group.map(({ name }) => name)));
  const known = (name: string) => told.has(name) || told.has(name.toUpperCase()) || name in OTHERS;
  assert.equal([...read].filter((name) => !known(name)).sort(), []);
  assert.equal([...told, ...Object.keys(OTHERS)].filter((name) => !read.has(name)).sort(), []);
});

/** In the code, and nothing that a person sets or sees. */
const INNER: Readonly<Record<string, string>> = {
  SLIPWAY_CALL: "in a container of Slipway's own, so that it runs again",
  SLIPWAY_PAGE: "the page of the dashboard, written into it when it is built",
  SLIPWAY_REGISTRY: "an example of a name",
  SLIPWAY_TRY_AFTER: "in a container of a check, so that it runs again",
};

reference("names every variable of Slipway that stands anywhere in the code", () => {
  const code = ["ci/src", "engine/src", "services"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.m?[jt]s$/.test(path) && !/node_modules|dist\//.test(path))
      .map((path) => readFileSync(`${folder}/${path}`, "utf8")),
  );
  const named = [...code, readFileSync("slipway", "utf8")].flatMap((text) => text.match(/SLIPWAY_[A-Z_]*[A-Z]/g) ?? []);
  const page = readFileSync("docs/reference/environment.md", "utf8");
  const known = (name: string) => page.includes(`\`${name}\``) || name in OTHERS || name in INNER;
  assert.equal([...new Set(named)].filter((name) => !known(name)).sort(), []);
  assert.equal(
    Object.keys(INNER).filter((name) => !named.includes(name)),
    [],
  );
});

reference("finds variables that are read by name, by a constant, and taken out of the environment", () => {
  const text = `
    const SWITCH = "SLIPWAY_BY_CONSTANT";
    const { SLIPWAY_TAKEN, SLIPWAY_RENAMED: other = "" } = process.env;
    use(process.env.SLIPWAY_DOT, host.env["SLIPWAY_NAMED"], env[SWITCH], \`of \${env["SLIPWAY_INSIDE"]}\`);`;
  assert.equal([...variablesOf(text)].sort(), [
    "SLIPWAY_BY_CONSTANT",
    "SLIPWAY_DOT",
    "SLIPWAY_INSIDE",
    "SLIPWAY_NAMED",
    "SLIPWAY_RENAMED",
    "SLIPWAY_TAKEN",
  ]);
  assert.equal([...variablesOfScript("a=${SLIPWAY_A:-x} $SLIPWAY_B $c")], ["SLIPWAY_A", "SLIPWAY_B"]);
});

reference("has a schema for all that services read, and nothing that the module reads", () => {
  assert.equal([...readVariables("services").keys()], []);
  assert.equal([...readVariables("ci/src", /^process\.env$/).keys()], []);
});

reference.run();
