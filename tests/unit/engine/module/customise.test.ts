import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseModuleConfig } from "../../../../engine/src/module/config.ts";
import { customise } from "../../../../engine/src/module/customise.ts";
import type { ArgumentDef, ModuleDef } from "../../../../engine/src/module/definition.ts";
import { argument, fn, moduleOf, object } from "../cli/fake-engine.ts";

const customised = suite("a toolchain with settings");

const tool = moduleOf("tool", [
  object(
    "Tool",
    [
      fn("scan", "string", [argument("level", "int"), argument("source", "Directory", { ignore: ["own"] })]),
      fn("part", "Part"),
    ],
    {
      constructor_: fn("", "Tool", [
        argument("version", "string", { defaultValue: '"1"' }),
        argument("base", "Container", { defaultAddress: "alpine" }),
        argument("strict", "bool"),
        argument("names", "[string]"),
      ]),
    },
  ),
  object("Part", [fn("count", "int", [argument("factor", "float")])]),
]);

/** What `customizations` of a dagger.json with these makes of the module. */
function withSettings(...customizations: readonly object[]): ModuleDef {
  const toolchains = [{ name: "tool", source: "tool", customizations }];
  const config = parseModuleConfig(JSON.stringify({ name: "app", toolchains }));
  return customise(tool, config.toolchains[0]?.customizations ?? []);
}

function argumentOf(module: ModuleDef, name: string, object = "Tool", called = ""): ArgumentDef | undefined {
  const owner = module.objects.find((one) => one.name === object);
  const found = called === "" ? owner?.constructor_ : owner?.functions.find((one) => one.name === called);
  return found?.args.find((one) => one.name === name);
}

customised("has other defaults for its constructor, each in the type of the argument", () => {
  const module = withSettings(
    { argument: "version", default: "2" },
    { argument: "strict", default: "true" },
    { argument: "names", default: '["a"]' },
    { argument: "base", default: "ignored: an object has no text" },
  );
  assert.is(argumentOf(module, "version")?.defaultValue, '"2"');
  assert.is(argumentOf(module, "strict")?.defaultValue, "true");
  assert.is(argumentOf(module, "names")?.defaultValue, '["a"]');
  assert.equal(argumentOf(module, "base"), argumentOf(tool, "base"));
  assert.is(module.main, module.objects[0]);
});

customised("has them for functions, also for those of what a function returns", () => {
  const module = withSettings(
    { function: ["scan"], argument: "level", default: "3" },
    { function: ["scan"], argument: "source", defaultPath: "/src", ignore: ["*", "!a"] },
    { function: ["part", "count"], argument: "factor", default: "0.5" },
  );
  assert.is(argumentOf(module, "level", "Tool", "scan")?.defaultValue, "3");
  const source = argumentOf(module, "source", "Tool", "scan");
  assert.equal([source?.defaultPath, source?.ignore, source?.type.optional], ["/src", ["*", "!a"], true]);
  assert.is(argumentOf(module, "factor", "Part", "count")?.defaultValue, "0.5");
});

customised("has one place for a default: a path takes that of an address", () => {
  const base = argumentOf(withSettings({ argument: "base", defaultPath: "/image" }), "base");
  assert.equal([base?.defaultPath, base?.defaultAddress], ["/image", undefined]);
  const back = withSettings(
    { argument: "base", defaultPath: "/image" },
    { argument: "base", defaultAddress: "debian" },
  );
  assert.equal(
    [argumentOf(back, "base")?.defaultPath, argumentOf(back, "base")?.defaultAddress],
    [undefined, "debian"],
  );
});

customised("stays as it is where settings name nothing, or are no value of the type", () => {
  const module = withSettings(
    { argument: "nope", default: "2" },
    { function: ["nope"], argument: "level", default: "2" },
    { function: ["scan", "nope"], argument: "level", default: "2" },
    { function: ["scan"], argument: "level", default: "many" },
  );
  assert.equal(module, tool);
});

customised.run();
