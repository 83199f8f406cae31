import { type DocumentNode, type GraphQLError, Kind, type OperationDefinitionNode } from "graphql";
import type { Catalogue } from "../api/catalogue.ts";
import { ApiError, messageOf } from "../api/errors.ts";
import type { Graph } from "../api/graph.ts";
import { parseBounded, TooCostly, tooDeep } from "./cost.ts";
import { parseProblem, unexpectedDefinition } from "./parse-problem.ts";
import { Run } from "./run.ts";
import { validationProblems } from "./validate.ts";
import { variableValues } from "./variables.ts";

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

/** Answers one GraphQL request. Never rejects. */
export async function answer(graph: Graph, catalogue: Catalogue, request: Request): Promise<Answer> {
  let run: Run;
  let operation: OperationDefinitionNode;
  try {
    const document = parsed(request.query);
    const problems = validationProblems(catalogue, document);
    if (problems.length > 0) return wrong(problems, INVALID);
    operation = operationOf(document, request.operationName ?? "");
    const variables = variableValues(catalogue.schemaFor(document), operation, request.variables ?? {});
    run = new Run(graph, catalogue, document, operation, variables, request.query);
  } catch (thrown) {
    const error = tooDeep(thrown) ?? (thrown as Error);
    if (error instanceof NotParsed) return wrong([error.message], "GRAPHQL_PARSE_FAILED");
    if (error instanceof TooCostly) return { status: 422, body: { errors: [errorOf(error)] } };
    return wrong([error.message], INVALID);
  }
  try {
    run.readArguments("Query", operation.selectionSet);
    const data = await run.selection(graph.root, "Query", operation.selectionSet);
    return { status: 200, body: { data } };
  } catch (error) {
    return { status: 200, body: { errors: [errorOf(error)] } };
  }
}

const INVALID = "GRAPHQL_VALIDATION_FAILED";

function wrong(messages: readonly string[], code: string): Answer {
  return { status: 422, body: { errors: messages.map((message) => ({ message, extensions: { code } })) } };
}

function errorOf(error: unknown): AnswerError {
  if (error instanceof ApiError && error.extensions !== undefined) {
    return { message: error.message, extensions: error.extensions };
  }
  return { message: messageOf(error) };
}

class NotParsed extends ApiError {}

/** @throws NotParsed; TooCostly; ApiError when there is nothing to run in it */
function parsed(query: string): DocumentNode {
  if (query.trim() === "") throw new ApiError("no operation provided");
  let document: DocumentNode;
  try {
    document = parseBounded(query);
  } catch (error) {
    if (error instanceof TooCostly) throw error;
    throw new NotParsed(parseProblem(error as GraphQLError, query));
  }
  const unexpected = unexpectedDefinition(document);
  if (unexpected !== undefined) throw new NotParsed(unexpected);
  if (!document.definitions.some((d) => d.kind === Kind.OPERATION_DEFINITION)) {
    throw new ApiError("no operation provided");
  }
  return document;
}

/** @throws ApiError when none has that name, or there are several and none is named */
function operationOf(document: DocumentNode, name: string): OperationDefinitionNode {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  const found = name === "" ? (operations.length === 1 ? operations[0] : undefined) : byName(operations, name);
  if (found === undefined) throw new ApiError(`operation ${name} not found`);
  return found;
}

function byName(operations: readonly OperationDefinitionNode[], name: string): OperationDefinitionNode | undefined {
  return operations.find((operation) => operation.name?.value === name);
}
