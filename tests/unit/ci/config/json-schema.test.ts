import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type JsonSchema, makeJsonSchema, writeJsonSchema } from "../../../schema/json-schema.ts";

const jsonSchema = suite("the schema for editors");

jsonSchema("is written in ci/slipway.schema.json (npm run schema)", () => {
  assert.is(readFileSync("ci/slipway.schema.json", "utf8"), writeJsonSchema());
});

jsonSchema("is named in the first line of this repository's file", () => {
  const [first] = readFileSync("slipway.yaml", "utf8").split("\n");
  assert.is(first, "# yaml-language-server: $schema=ci/slipway.schema.json");
});

jsonSchema("says of every key what it is for", () => {
  const mute = (schema: JsonSchema, path: string): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, member]) => [
      ...(member.description === undefined ? [`${path}${key}`] : []),
      ...mute(member, `${path}${key}.`),
    ]),
    ...(typeof schema.additionalProperties === "object" ? mute(schema.additionalProperties, `${path}NAME.`) : []),
    ...(schema.anyOf ?? []).flatMap((one) => mute(one, path)),
  ];
  assert.equal(mute(makeJsonSchema(), ""), []);
});

jsonSchema("demands nothing: all can be found, or has a default", () => {
  const { services, checks, rings } = makeJsonSchema().properties ?? {};
  for (const section of [services, checks, rings]) assert.type(section?.additionalProperties, "object");
  assert.not("required" in makeJsonSchema());
});

jsonSchema.run();
