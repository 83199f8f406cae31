import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ModuleProblem, parseModuleConfig } from "../../../../engine/src/module/config.ts";

const config = suite("dagger.json");

const base = { name: "probe", engineVersion: "v0.21.8", sdk: { source: "typescript" }, source: "ci" };

function problemOf(content: unknown): string {
  try {
    parseModuleConfig(typeof content === "string" ? content : JSON.stringify(content));
  } catch (error) {
    assert.instance(error, ModuleProblem);
    return (error as Error).message;
  }
  return "no problem";
}

config("is read with its defaults, and keys that are not known are left alone", () => {
  assert.equal(parseModuleConfig(JSON.stringify({ ...base, colour: "blue" })), {
    name: "probe",
    engineVersion: "v0.21.8",
    source: "ci",
    include: [],
    hasSdk: true,
    selfCalls: false,
    dependencies: [],
    toolchains: [],
    disableDefaultFunctionCaching: false,
  });
  const { source: _source, engineVersion: _version, ...least } = base;
  assert.is(parseModuleConfig(JSON.stringify(least)).source, ".");
  assert.is(parseModuleConfig(JSON.stringify(least)).engineVersion, "v0.9.9");
});

config("takes dependencies as objects and as plain texts, and the SDK as a plain text", () => {
  const dependencies = [{ name: "postal", source: "../postal" }, "./other"];
  assert.equal(parseModuleConfig(JSON.stringify({ ...base, sdk: "typescript", dependencies })).dependencies, [
    { name: "postal", source: "../postal" },
    { name: "", source: "./other" },
  ]);
});

config("that ends too early is refused in the words of the real engine", () => {
  const expected = "failed to decode module config: unexpected end of JSON input";
  assert.is(problemOf(""), expected);
  assert.is(problemOf('{ "name": "x",\n  "source": "ci",\n'), expected);
});

config("that is not JSON is refused with the character where it stops being that", () => {
  const expected = "failed to decode module config: invalid character";
  assert.is(problemOf('{\n  "name": probe }'), `${expected} 'p' looking for beginning of value`);
  assert.is(problemOf('{\n  "name": "a",\n  source: "b" }'), `${expected} 's' in line 3`);
});

config("without a name, or with a source but no SDK, is refused", () => {
  assert.is(problemOf({ ...base, name: "" }), "module name must be set");
  assert.is(problemOf({ name: "x", source: "." }), 'source path "." specified without sdk');
});

config("of another SDK is refused, one that exists in other words than one that does not", () => {
  assert.is(
    problemOf({ ...base, sdk: { source: "cobol" } }),
    'failed to load sdk for local module source: invalid SDK: "cobol"',
  );
  assert.match(
    problemOf({ ...base, sdk: { source: "go" } }),
    /TypeScript SDK only, and module "[^"]+" is of "go": say dagger instead of slipway to use Dagger.s own/,
  );
});

config("for a newer engine is refused, for a newer patch of the SDK it is not", () => {
  assert.is(problemOf({ ...base, engineVersion: "v9.9.9" }), "module requires dagger v9.9.9, but you have v0.21.8");
  assert.is(problemOf({ ...base, engineVersion: "v0.21.9" }), "no problem");
  assert.is(problemOf({ ...base, engineVersion: "v0.22.0" }), "module requires dagger v0.22.0, but you have v0.21.8");
});

config.run();
