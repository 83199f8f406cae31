import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  TypeInfo,
  validate,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { type Catalogue, fieldOf, isObject } from "../api/catalogue.ts";
import { ApiError, unsupported } from "../api/errors.ts";
import { type Args, type Graph, Obj } from "../api/graph.ts";
import { coerceArgs } from "./coerce.ts";

export interface Request {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

export interface AnswerError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** 422: the request is wrong by itself. 200: it was run, whatever came out. */
  readonly status: 200 | 422;
  readonly body: { readonly data?: unknown; readonly errors?: readonly AnswerError[] };
}

/** Rules of graphql-js that the real engine does not apply: it checks values itself, when a field is run. */
const LEFT_OUT = new Set([
  "ValuesOfCorrectTypeRule",
  "ScalarLeafsRule",
  "OverlappingFieldsCanBeMergedRule",
  "VariablesInAllowedPositionRule",
  "NoUnusedFragmentsRule",
  "PossibleFragmentSpreadsRule",
  "LoneAnonymousOperationRule",
]);
const RULES = specifiedRules.filter((rule) => !LEFT_OUT.has(rule.name));

/** Answers one GraphQL request. Never rejects. */
export async function answer(graph: Graph, catalogue: Catalogue, request: Request): Promise<Answer> {
  if (request.query.trim() === "") return wrong("no operation provided", "GRAPHQL_VALIDATION_FAILED");
  let document: DocumentNode;
  try {
    document = parse(request.query);
  } catch (error) {
    return wrong(parseProblem(error as GraphQLError, request.query), "GRAPHQL_PARSE_FAILED");
  }
  const problems = validationProblems(catalogue, document, request);
  if (problems.length > 0) {
    const errors = problems.map((message) => ({ message, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }));
    return { status: 422, body: { errors } };
  }
  const operation = operationOf(document, request.operationName) as OperationDefinitionNode;
  const run = new Run(graph, catalogue, document, operation, variablesOf(operation, request), request.query);
  try {
    const data = await run.selection(graph.root, "Query", operation.selectionSet);
    return { status: 200, body: { data } };
  } catch (error) {
    const status = error instanceof InvalidSelection ? 422 : 200;
    return { status, body: { errors: [errorOf(error)] } };
  }
}

function variablesOf(operation: OperationDefinitionNode, request: Request): Readonly<Record<string, unknown>> {
  const variables: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const given = request.variables?.[name];
    const value = given === undefined && defaultValue !== undefined ? valueFromASTUntyped(defaultValue) : given;
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

function wrong(message: string, code: string): Answer {
  return { status: 422, body: { errors: [{ message, extensions: { code } }] } };
}

function errorOf(error: unknown): AnswerError {
  if (error instanceof ApiError && error.extensions !== undefined) {
    return { message: error.message, extensions: error.extensions };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}

class InvalidSelection extends ApiError {}

/** The real engine's parser words two cases in its own way. */
function parseProblem(error: GraphQLError, query: string): string {
  const text = error.message.replace(/^Syntax Error: /, "").replace(/\.$/, "");
  if (/^\s*\{\s*\}\s*$/.test(query)) return "expected at least one definition, found }";
  return text.replace(/, found <EOF>/, ", found <EOF>");
}

function validationProblems(catalogue: Catalogue, document: DocumentNode, request: Request): string[] {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (operations.length === 0) return ["no operation provided"];
  const operation = operationOf(document, request.operationName);
  if (operation === undefined) return [`operation ${request.operationName ?? ""} not found`];
  if (operation.operation !== "query") return [`Schema does not support operation type "${operation.operation}"`];
  const problems = validate(catalogue.schema, document, RULES, { maxErrors: 50 }).map((error) => error.message);
  problems.push(...selectionsOfScalars(catalogue, document));
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const given = request.variables?.[name];
    if (definition.type.kind === Kind.NON_NULL_TYPE && given === undefined && definition.defaultValue === undefined) {
      problems.push("must be defined");
    }
  }
  return problems;
}

/** An object may be without a selection until it is run, a scalar may not have one. */
function selectionsOfScalars(catalogue: Catalogue, document: DocumentNode): string[] {
  const problems: string[] = [];
  const types = new TypeInfo(catalogue.schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node) => {
        const type = getNamedType(types.getType());
        if (type === undefined || !isLeafType(type)) return;
        for (const inner of node.selectionSet?.selections ?? []) {
          if (inner.kind === Kind.FIELD)
            problems.push(`Cannot query field "${inner.name.value}" on type "${type.name}".`);
        }
      },
    }),
  );
  return problems;
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (name !== undefined && name !== "") return operations.find((o) => o.name?.value === name);
  return operations.length === 1 ? operations[0] : undefined;
}

/** One operation being run: walks the selections, all fields of a level at the same time. */
class Run {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(
    readonly graph: Graph,
    readonly catalogue: Catalogue,
    readonly document: DocumentNode,
    readonly operation: OperationDefinitionNode,
    readonly variables: Readonly<Record<string, unknown>>,
    readonly text: string,
  ) {
    const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  async selection(on: Obj, type: string, selections: SelectionSetNode): Promise<Record<string, unknown>> {
    const fields = this.#collect(type, selections, new Map());
    const names = [...fields.keys()];
    const values = await allSettledFirstError(names.map((name) => this.#field(on, type, fields.get(name) ?? [])));
    return Object.fromEntries(names.map((name, place) => [name, values[place]]));
  }

  /** Fields by the name of their answer, with the fragments that apply to the type put in. */
  #collect(type: string, selections: SelectionSetNode, into: Map<string, FieldNode[]>): Map<string, FieldNode[]> {
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        into.set(name, [...(into.get(name) ?? []), selection]);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      if (condition === undefined || this.#applies(condition, type)) this.#collect(type, fragment.selectionSet, into);
    }
    return into;
  }

  #applies(condition: string, type: string): boolean {
    if (condition === type) return true;
    const [wanted, own] = [this.catalogue.schema.getType(condition), this.catalogue.schema.getType(type)];
    return isInterfaceType(wanted) && isObjectType(own) && own.getInterfaces().some((i) => i.name === condition);
  }

  async #field(on: Obj, type: string, nodes: FieldNode[]): Promise<unknown> {
    const node = nodes[0] as FieldNode;
    const name = node.name.value;
    if (name === "__typename") return type;
    if (name.startsWith("__")) return this.#introspect(node);
    const field = fieldOf(this.catalogue, type, name);
    if (field === undefined) throw new ApiError(`Cannot query field "${name}" on type "${type}".`);
    const named = getNamedType(field.type);
    if (isObject(named) && node.selectionSet === undefined) {
      throw new InvalidSelection(`field "${name}" of type "${named.name}" must have a selection of subfields`);
    }
    const args = this.#args(field, node);
    const value = await select(this.graph, on, type, field, args);
    return await this.#answer(value, nodes);
  }

  #args(field: GraphQLField<unknown, unknown>, node: FieldNode): Args {
    try {
      return coerceArgs(this.graph, field, node, this.variables);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new ApiError(
        `query:\n${this.text}\n\nerror: parse selections: parse field "${field.name}": ${error.message}`,
      );
    }
  }

  async #answer(value: unknown, nodes: FieldNode[]): Promise<unknown> {
    if (Array.isArray(value)) return await allSettledFirstError(value.map((item) => this.#answer(item, nodes)));
    if (!(value instanceof Obj)) return value ?? null;
    const selections = nodes.flatMap((node) => node.selectionSet?.selections ?? []);
    return await this.selection(value, value.type, { kind: Kind.SELECTION_SET, selections });
  }

  /** Questions about the schema are answered by graphql-js. */
  #introspect(node: FieldNode): unknown {
    const result = executeSync({
      schema: this.catalogue.schema,
      document: {
        kind: Kind.DOCUMENT,
        definitions: [
          { ...this.operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [node] } },
          ...this.#fragments.values(),
        ],
      },
      variableValues: this.variables,
    });
    const problem = result.errors?.[0];
    if (problem !== undefined) throw new ApiError(problem.message);
    return result.data?.[node.alias?.value ?? node.name.value];
  }
}

/**
 * Takes one field of an object: a scalar, an object, a list of either, or null. Objects come back as recipes that have
 * not run yet, except where the field says that they must.
 *
 * @throws ApiError when the field is not supported here, or fails
 */
export async function select(
  graph: Graph,
  on: Obj,
  type: string,
  field: GraphQLField<unknown, unknown>,
  args: Args,
): Promise<unknown> {
  if (field.name === "id" && type !== "Query") return await on.id();
  if (!graph.supports(on.type, field.name)) throw unsupported(`${on.type}.${field.name}`);
  const how = graph.field(on.type, field.name);
  const named = getNamedType(field.type);
  if (!isObject(named)) return await how.run(on, args, graph, undefined);
  if (isList(field.type)) {
    const values = (await how.run(on, args, graph, undefined)) as readonly unknown[];
    return values.map((value, nth) =>
      value instanceof Obj ? value : graph.object(named.name, { parent: on, field: field.name, args, nth }, { value }),
    );
  }
  if (how.eager === true) {
    const value = await how.run(on, args, graph, undefined);
    if (value === null || value === undefined || value instanceof Obj) return value;
    return graph.object(named.name, { parent: on, field: field.name, args }, { value });
  }
  return graph.object(named.name, { parent: on, field: field.name, args });
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** Like Promise.all, but waits for all, so that nothing goes on behind an answer; throws the first that failed in order of place. */
async function allSettledFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
}
