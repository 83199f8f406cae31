import { type DocumentNode, type GraphQLSchema, isInputObjectType, isObjectType, Kind, parse } from "graphql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Catalogue } from "../../../../engine/src/api/catalogue.ts";
import { answer } from "../../../../engine/src/protocol/query.ts";
import { validationProblems } from "../../../../engine/src/protocol/validate.ts";
import { variableValues } from "../../../../engine/src/protocol/variables.ts";
import { makeGraph } from "../api/asked.ts";
import { readRecorded } from "./asking.ts";

const part = suite("a part of the schema");

const whole = new Catalogue([]);

/** A catalogue of which all types were built. */
function built(): Catalogue {
  assert.ok(Object.keys(whole.schema.getTypeMap()).length > 100);
  return whole;
}

/** Names of what a type has. */
function fieldsOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
}

/** The documents that the real engine was asked, wrong ones among them. */
function* recordedDocuments(): Generator<readonly [text: string, document: DocumentNode]> {
  for (const { ask } of readRecorded("requests.json")) {
    const text = typeof ask === "string" ? ask : String(ask["query"]);
    let document: DocumentNode;
    try {
      document = parse(text);
    } catch {
      continue;
    }
    yield [text, document];
  }
}

part("tells of every document what the whole tells", () => {
  const growing = new Catalogue([]);
  let right = 0;
  for (const [text, document] of recordedDocuments()) {
    const expected = validationProblems(built(), document);
    if (expected.length === 0) right += 1;
    assert.equal(validationProblems(new Catalogue([]), document), expected, text);
    assert.equal(validationProblems(growing, document), expected, text);
  }
  assert.ok(right > 50, `${right} documents were right`);
});

part("has the fields that a document asks for, and what they take", () => {
  const catalogue = new Catalogue([]);
  const schema = catalogue.schemaFor(
    parse("query ($port: PortForward!) { container { withExposedPort(port: 1) { platform rootfs { id } } } }"),
  );
  assert.equal(fieldsOf(schema, "Container"), ["platform", "rootfs", "withExposedPort"]);
  assert.equal(fieldsOf(schema, "PortForward").length > 1, true);
  assert.is(schema.getType("Address"), undefined);
  const more = catalogue.schemaFor(parse("{ container { stdout } }"));
  assert.ok(fieldsOf(more, "Container").includes("stdout"));
  assert.ok(fieldsOf(more, "Container").includes("platform"));
  assert.is(catalogue.schemaFor(parse("{ container { stdout } }")), more);
});

part("is not enough for fragments, directives, questions about types, and what there is not", () => {
  for (const text of [
    "{ ...F } fragment F on Query { version }",
    "{ ... on Query { version } }",
    "{ version @skip(if: false) }",
    "{ __schema { types { name } } }",
    "{ nothing }",
    "{ version { of } }",
    "mutation { version }",
  ])
    assert.ok(new Catalogue([]).schemaFor(parse(text)).getType("Address"), text);
});

part("gives variables their types", () => {
  const document = parse('query ($ports: [PortForward!], $platform: Platform = "linux/amd64") { version }');
  const [operation] = document.definitions;
  assert.ok(operation?.kind === Kind.OPERATION_DEFINITION);
  const given = { ports: [{ backend: 80 }] };
  const values = (catalogue: Catalogue) => variableValues(catalogue.schemaFor(document), operation, given);
  assert.equal(values(new Catalogue([])), values(built()));
});

part("reads the parts of an argument where only the part of the schema is there", async () => {
  const graph = makeGraph();
  const idOf = async (port: number) => {
    const query = `{ host { service(ports: [{ backend: ${port}, protocol: TCP }]) { id } } }`;
    return JSON.stringify((await answer(graph, new Catalogue([]), { query })).body);
  };
  assert.match(await idOf(80), /"id":/);
  assert.is.not(await idOf(80), await idOf(81));
});

part("gives way to the whole when many documents have asked for other fields", () => {
  const catalogue = new Catalogue([]);
  const fields = fieldsOf(built().schema, "Container").filter((name) => /^with/.test(name));
  const seen = fields.map((name) => catalogue.schemaFor(parse(`{ container { ${name} } }`)));
  assert.is(seen[0]?.getType("Address"), undefined);
  assert.ok(seen.at(-1)?.getType("Address"));
});

part.run();
