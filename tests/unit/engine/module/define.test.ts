import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ModuleProblem } from "../../../../engine/src/module/config.ts";
import { defineModule } from "../../../../engine/src/module/define.ts";
import type {
  ScannedArgument,
  ScannedFunction,
  ScannedModule,
  ScannedType,
} from "../../../../engine/src/module/scanned.ts";

const define = suite("definition of a module");

const text: ScannedType = { kind: "STRING_KIND" };

function argument(name: string, more: Partial<ScannedArgument> = {}): ScannedArgument {
  return { name, type: text, isVariadic: false, isNullable: false, isOptional: false, ...more };
}

function method(name: string, more: Partial<ScannedFunction> = {}): ScannedFunction {
  return { name, returnType: text, arguments: {}, ...more };
}

function scanned(methods: readonly ScannedFunction[], more: Partial<ScannedModule> = {}): ScannedModule {
  const main = {
    kind: "class" as const,
    name: "Probe",
    methods: Object.fromEntries(methods.map((one) => [one.alias ?? one.name, one])),
    properties: {},
  };
  return { name: "Probe", objects: { Probe: main }, enums: {}, interfaces: {}, ...more };
}

const ring: ScannedModule["enums"] = {
  Ring: {
    kind: "enum",
    name: "Ring",
    values: {
      Canary: { name: "Canary", value: "canary" },
      EarlyAdopters: { name: "EarlyAdopters", value: "EARLY" },
    },
  },
};

define("finds the main object by the name of the module", () => {
  assert.is(defineModule("probe", scanned([]), []).main?.name, "Probe");
  assert.is(defineModule("other", scanned([]), []).main, undefined);
});

define("names functions for the schema and keeps what the source calls them", () => {
  const [first] = defineModule("probe", scanned([method("toHTML", { alias: "asHTML" })]), []).main?.functions ?? [];
  assert.is(first?.name, "asHtml");
  assert.is(first?.originalName, "asHTML");
});

define("gives defaults of primitives to the schema and leaves others to TypeScript", () => {
  const args = {
    name: argument("name", { defaultValue: "x" }),
    tags: argument("tags", { type: { kind: "LIST_KIND", typeDef: text }, defaultValue: ["a"] }),
    nothing: argument("nothing", { isNullable: true, isOptional: true, defaultValue: null }),
  };
  const [fn] = defineModule("probe", scanned([method("f", { arguments: args })]), []).main?.functions ?? [];
  const [name, tags, nothing] = fn?.args ?? [];
  assert.is(name?.defaultValue, '"x"');
  assert.is(name?.type.optional, false);
  assert.is(tags?.defaultValue, undefined);
  assert.is(tags?.type.optional, true);
  assert.is(nothing?.defaultValue, "null");
});

define("turns the default value of an enum into the name of its member", () => {
  const type = { kind: "ENUM_KIND", name: "Ring" };
  const args = { ring: argument("ring", { type, defaultValue: "EARLY" }) };
  const module = defineModule("probe", scanned([method("f", { arguments: args })], { enums: ring }), []);
  assert.is(module.main?.functions[0]?.args[0]?.defaultValue, '"EarlyAdopters"');
  assert.equal(module.main?.functions[0]?.args[0]?.type, { kind: "enum", name: "ProbeRing", optional: false });
  assert.equal(
    module.enums[0]?.members.map((member) => [member.originalName, member.name, member.value]),
    [
      ["Canary", "CANARY", "canary"],
      ["EarlyAdopters", "EARLY_ADOPTERS", "EARLY"],
    ],
  );
});

define("reads cache times as Go durations and refuses others", () => {
  const cacheOf = (cache: string) =>
    defineModule("probe", scanned([method("f", { cache })]), []).main?.functions[0]?.cache;
  assert.equal(cacheOf("1h30m"), { policy: "default", ttlSeconds: 5400 });
  assert.equal(cacheOf("never"), { policy: "never" });
  assert.throws(() => cacheOf("bogus"), /cache of Probe\.f: time: invalid duration "bogus"/);
});

define("refuses what the real engine refuses: a function called id, two defaults, types of dependencies", () => {
  assert.throws(() => defineModule("probe", scanned([method("id")]), []), /reserved name "id" on object "Probe"/);
  const two = { dir: argument("dir", { defaultValue: "x", defaultPath: "/" }) };
  assert.throws(
    () => defineModule("probe", scanned([method("f", { arguments: two })]), []),
    /cannot set multiple defaults/,
  );
  const postal = defineModule(
    "postal",
    { ...scanned([]), name: "Postal", objects: { Card: { ...objectNamed("Card") } } },
    [],
  );
  const card = { kind: "OBJECT_KIND", name: "PostalCard" } as const;
  const refuses = (refused: ScannedModule, words: string) =>
    assert.throws(
      () => defineModule("probe", refused, [postal]),
      (error: Error) => error.message === `${words} external type from dependency module "postal"`,
    );
  refuses(scanned([method("f", { returnType: card })]), 'object "Probe" function "f" cannot return');
  const cards = argument("all", { type: { kind: "LIST_KIND", typeDef: card } });
  const taking = method("f", { arguments: { all: cards } });
  refuses(scanned([taking]), 'object "Probe" function "f" arg "all" cannot reference');
  const box = { ...objectNamed("Box"), properties: { card: { name: "card", type: card, isExposed: true } } };
  refuses({ ...scanned([]), objects: { Box: box } }, 'object "Box" field "card" cannot reference');
});

function objectNamed(name: string): ScannedModule["objects"][string] {
  return { kind: "class", name, methods: {}, properties: {} };
}

define("refuses names of which the API leaves nothing, or what no name can be there", () => {
  const use = 'use letters from a to z, digits and "_", and none of the digits first';
  const refusal = (message: string) => (error: unknown) =>
    error instanceof ModuleProblem && error.message === `${message}, which cannot be: ${use}`;
  assert.throws(
    () => defineModule("probe", scanned([method("日本")]), []),
    refusal('a function of Probe: the name "日本" is "" in the API'),
  );
  assert.throws(
    () => defineModule("probe", scanned([method("f", { arguments: { $1: argument("$1") } })]), []),
    refusal('an argument of Probe.f: the name "$1" is "1" in the API'),
  );
  const status = { kind: "enum" as const, name: "Status", values: { ÄÖ: { name: "ÄÖ", value: "a" } } };
  assert.throws(
    () => defineModule("probe", scanned([], { enums: { Status: status } }), []),
    refusal('a member of Status: the name "ÄÖ" is "ÄÖ" in the API'),
  );
  const [größe] = defineModule("probe", scanned([method("größe")]), []).main?.functions ?? [];
  assert.is(größe?.name, "gre");
});

define.run();
