import { z } from "zod";
import { VERSION } from "../../../ci/src/version.ts";
import type { AnswerText, Operation, ParameterText, ServiceText } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** A document of OpenAPI 3.1. */
export interface Document extends Json {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationJson>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** What of an operation answers are held to. */
interface OperationJson extends Json {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: Json }>> }>>;
}

/** The document of a service, from the zod schemas that it has in common with its code. */
export function makeDocument({ title, description, operations, named }: ServiceText): Document {
  const ids = new Map<z.core.$ZodType, string>(Object.entries(named).map(([id, schema]) => [schema, id]));
  const refer: Refer = (schema, io) => {
    const id = ids.get(schema);
    return id === undefined ? inline(schema, io, ids) : { $ref: `#/components/schemas/${id}` };
  };
  const paths: Record<string, Record<string, OperationJson>> = {};
  for (const one of operations) {
    const { method, path } = one;
    paths[path] = { ...paths[path], [method]: describe(one, refer) };
  }
  return {
    openapi: "3.1.0",
    info: { title, description, version: VERSION, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named).map(([id, schema]) => [id, inline(schema, ioOf(id), ids)])),
    },
  };
}

type Side = "input" | "output";
type Refer = (schema: z.ZodType, io: Side) => Json;

/** What clients send is named so; all else is what they get. */
function ioOf(id: string): Side {
  return id.endsWith("Input") ? "input" : "output";
}

/** A schema as JSON Schema, in which others that are named stand by their names. */
function inline(schema: z.ZodType, io: Side, ids: ReadonlyMap<z.core.$ZodType, string>): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const id = ids.get(zodSchema);
      if (id === undefined || (zodSchema as z.core.$ZodType) === schema) return;
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[key];
      jsonSchema.$ref = `#/components/schemas/${id}`;
    },
  });
  return rest;
}

function describe(one: Operation, refer: Refer): OperationJson {
  const { summary, parameters = [], body, answers } = one;
  return {
    operationId: nameOperation(one),
    summary,
    ...(parameters.length > 0 && { parameters: parameters.map((parameter) => describeParameter(parameter, refer)) }),
    ...(body !== undefined && { requestBody: { required: true, content: contentOf(body, "input", refer) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer, refer)]),
    ),
  };
}

/** `postV1EventsStream`. */
function nameOperation({ method, path }: Operation): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const rest = words.length === 0 ? ["root"] : words;
  return `${method}${rest.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("")}`;
}

function describeParameter({ name, in: place, description, schema }: ParameterText, refer: Refer): Json {
  return { name, in: place, description, required: place === "path", schema: refer(schema, "input") };
}

function describeAnswer(
  { description, content, headers }: AnswerText,
  refer: Refer,
): OperationJson["responses"][string] {
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: "string" } }]),
      ),
    }),
    ...(content !== undefined && { content: contentOf(content, "output", refer) }),
  } as OperationJson["responses"][string];
}

function contentOf(content: Readonly<Record<string, z.ZodType | undefined>>, io: Side, refer: Refer): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [
      type,
      { schema: schema === undefined ? { type: "string" } : refer(schema, io) },
    ]),
  );
}
