import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";
import { ApiError } from "../api/errors.ts";

/** Names, punctuation and values; also comments. A generated client's longest request has some thousands. */
const MOST_TOKENS = 30_000;
/** Operations and fragments. */
const MOST_DEFINITIONS = 1_000;
/** Fields that are answered, each as often as its fragments are spread, with their arguments; and variables. */
const MOST_PARTS = 8_000;
/** Values of an answer about the schema: of the whole schema they are some 200,000. */
const MOST_SCHEMA_VALUES = 1_000_000;
/**
 * Fields below each other: a chain of an SDK is one for each call. What goes deeper would use up the stack: while nothing is
 * compiled yet the parser reaches some 1,950.
 */
const MOST_LEVELS = 1_600;

/** A request that would keep all others waiting; in the words of gqlgen, which can be told to refuse such too. */
export class TooCostly extends ApiError {
  constructor(what: string, amount: number | string, limit: number) {
    super(`operation has ${what} ${amount}, which exceeds the limit of ${limit}`, {
      code: "COMPLEXITY_LIMIT_EXCEEDED",
    });
  }
}

/** What uses up the stack is nested too deeply, wherever that shows. */
export function tooDeep(error: unknown): TooCostly | undefined {
  return error instanceof RangeError ? new TooCostly("depth", `above ${MOST_LEVELS}`, MOST_LEVELS) : undefined;
}

/**
 * The document of a query, when it is cheap enough to look at it further. The time for it grows with the query's length
 * alone, whatever fragments multiply in it.
 *
 * @throws TooCostly; GraphQLError for what is no query
 */
export function parseBounded(query: string): DocumentNode {
  checkComments(query);
  try {
    const document = parse(query, { maxTokens: MOST_TOKENS });
    checkSize(document);
    return document;
  } catch (error) {
    if (!(error as Partial<GraphQLError>).message?.includes("Parsing aborted")) throw tooDeep(error) ?? error;
    throw new TooCostly("a number of tokens", `above ${MOST_TOKENS}`, MOST_TOKENS);
  }
}

/** The parser does not count comments among its tokens. Nothing is read after the one that is too many. */
function checkComments(query: string): void {
  if (!hasManyMarks(query)) return;
  let comments = 0;
  const marks = /"""|["#]/g;
  for (let mark = marks.exec(query); mark !== null; mark = marks.exec(query)) {
    if (mark[0] !== "#") marks.lastIndex = endOfString(query, marks.lastIndex, mark[0]);
    else {
      comments += 1;
      if (comments > MOST_TOKENS) throw new TooCostly("a number of comments", `above ${MOST_TOKENS}`, MOST_TOKENS);
      marks.lastIndex = query.indexOf("\n", marks.lastIndex) + 1 || query.length;
    }
  }
}

/** Whether there can be too many comments at all: some of the marks may stand in texts. */
function hasManyMarks(query: string): boolean {
  let marks = 0;
  for (let at = query.indexOf("#"); at >= 0 && marks <= MOST_TOKENS; at = query.indexOf("#", at + 1)) marks += 1;
  return marks > MOST_TOKENS;
}

function endOfString(query: string, start: number, quote: string): number {
  for (let at = query.indexOf(quote, start); at >= 0; at = query.indexOf(quote, at + 1)) {
    let escapes = at;
    while (query[escapes - 1] === "\\") escapes -= 1;
    if ((at - escapes) % 2 === 0) return at + quote.length;
  }
  return query.length;
}

/** Every definition is looked at by itself, so what counts is the sum of all. */
function checkSize(document: DocumentNode): void {
  const { length } = document.definitions;
  if (length > MOST_DEFINITIONS) throw new TooCostly("a number of definitions", length, MOST_DEFINITIONS);
  const measure = new Measure(document);
  let [parts, schemaValues] = [0, 0];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const size = measure.of(definition.selectionSet);
    parts += size.parts + headOf(definition);
    schemaValues += size.schemaValues;
    if (parts > MOST_PARTS) throw new TooCostly("complexity", parts, MOST_PARTS);
    if (size.levels > MOST_LEVELS) throw new TooCostly("depth", size.levels, MOST_LEVELS);
  }
  if (schemaValues > MOST_SCHEMA_VALUES) throw new TooCostly("complexity", schemaValues, MOST_SCHEMA_VALUES);
}

function headOf({ variableDefinitions, directives }: OperationDefinitionNode | FragmentDefinitionNode): number {
  return (variableDefinitions?.length ?? 0) + (directives?.length ?? 0);
}

interface Size {
  readonly parts: number;
  readonly levels: number;
  /** Values of the answer, if it is about the schema. */
  readonly schemaValues: number;
}

/** How many of a kind a schema has, roughly, by the fields that list them. */
const LISTED: Readonly<Record<string, number>> = {
  types: 200,
  possibleTypes: 70,
  directives: 12,
  fields: 10,
  inputFields: 4,
  enumValues: 4,
  args: 3,
  interfaces: 2,
};

/** Adds up selections without expanding them: each fragment is measured once. */
class Measure {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Size>();

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  of(set: SelectionSetNode | undefined): Size {
    let [parts, levels, schemaValues] = [0, 0, 0];
    for (const selection of set?.selections ?? []) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? this.#ofFragment(selection.name.value)
          : this.of(selection.selectionSet);
      const isField = selection.kind === Kind.FIELD;
      parts +=
        inner.parts + 1 + (isField ? (selection.arguments?.length ?? 0) : 0) + (selection.directives?.length ?? 0);
      levels = Math.max(levels, inner.levels + 1);
      schemaValues += isField ? valuesOf(selection, inner) : inner.schemaValues;
    }
    return { parts, levels, schemaValues };
  }

  #ofFragment(name: string): Size {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // While it is measured: a fragment inside itself is refused by a rule of its own.
    this.#known.set(name, { parts: 0, levels: 0, schemaValues: 0 });
    const size = this.of(this.#fragments.get(name)?.selectionSet);
    this.#known.set(name, size);
    return size;
  }
}

function valuesOf({ name }: FieldNode, inner: Size): number {
  return 1 + inner.schemaValues * (LISTED[name.value] ?? 1);
}
