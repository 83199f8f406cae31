import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FunctionDef, ModuleDef, ObjectDef, TypeRef } from "../../../../engine/src/module/definition.ts";
import { entriesOf, isIncluded } from "../../../../engine/src/module/entries.ts";

const entries = suite("checks, generators and services of a module");

const included: readonly (readonly [string, string, boolean])[] = [
  ["lint", "lint", true],
  ["lint", "lintAll", false],
  ["tests", "tests:unit", true],
  ["tests:unit", "tests", false],
  ["tests:Unit", "tests:unit", true],
  ["lint-all", "lintAll", true],
  ["lintAll", "lintAll", true],
  ["lint_all", "lintAll", true],
  ["*", "lint", true],
  ["*", "tests:unit", false],
  ["tests:*", "tests:unit", true],
  ["lint*", "lintAll", true],
  ["**", "tests:unit", true],
  ["**:unit", "tests:unit", true],
  ["**:unit", "unit", true],
  ["tests:**", "tests:unit", true],
  ["tests:**:fast", "tests:unit:fast", true],
  ["tests:**:fast", "tests:fast", true],
  ["tests:**:fast", "other:fast", false],
  ["lin?", "lint", true],
  ["lin?", "linted", false],
  ["{lint,unit}", "unit", true],
  ["{lint,unit}", "units", false],
  ["[l-m]int", "mint", true],
  ["[!l-m]int", "mint", false],
  ["lint.", "lintx", false],
];

for (const [pattern, name, is] of included) {
  entries(`${pattern} ${is ? "takes" : "leaves"} ${name}`, () => {
    assert.is(isIncluded(name.split(":"), [pattern]), is);
  });
}

entries("without a pattern all are taken", () => {
  assert.is(isIncluded(["a"], []), true);
  assert.is(isIncluded(["a"], ["b", "a"]), true);
});

const ofObject = (name: string): TypeRef => ({ kind: "object", name, optional: false });

function functionDef(name: string, more: Partial<FunctionDef> = {}): FunctionDef {
  return {
    originalName: name,
    name,
    description: "",
    args: [],
    returns: { kind: "void", optional: true },
    cache: { policy: "default" },
    isCheck: false,
    isGenerator: false,
    isUp: false,
    ...more,
  };
}

function objectDef(name: string, functions: readonly FunctionDef[], field?: string): ObjectDef {
  const fields =
    field === undefined ? [] : [{ originalName: "kept", name: "kept", description: "", type: ofObject(field) }];
  return { originalName: name, name, description: "", functions, fields };
}

entries("they are found in objects that need no arguments, sorted, and in circles once", () => {
  const check = { isCheck: true };
  const needed = {
    originalName: "a",
    name: "a",
    description: "",
    type: { kind: "string", optional: false },
    ignore: [],
  } as const;
  const main = objectDef(
    "Main",
    [
      functionDef("zero", check),
      functionDef("needs", { ...check, args: [needed] }),
      functionDef("given", { ...check, args: [{ ...needed, defaultValue: '"x"' }] }),
      functionDef("part", { returns: ofObject("Part") }),
      functionDef("made", { isGenerator: true }),
      functionDef("core", { returns: ofObject("Container") }),
    ],
    "Part",
  );
  const part = objectDef("Part", [functionDef("inPart", check), functionDef("back", { returns: ofObject("Main") })]);
  const module: ModuleDef = { name: "main", description: "", main, objects: [main, part], enums: [], interfaces: [] };
  const names = (kind: "check" | "generator" | "service") => entriesOf(module, kind).map(({ name }) => name);
  assert.equal(names("check"), ["given", "kept:in-part", "part:in-part", "zero"]);
  assert.equal(names("generator"), ["made"]);
  assert.equal(names("service"), []);
});

entries.run();
