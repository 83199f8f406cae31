import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  getNamedType,
  type InlineFragmentNode,
  isInterfaceType,
  isRequiredArgument,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { type Catalogue, fieldOf, isObject, isOneOf } from "../api/catalogue.ts";
import { ApiError } from "../api/errors.ts";
import { type Args, type Graph, Obj } from "../api/graph.ts";
import { coerceArgs } from "./coerce.ts";
import { literalValue } from "./literal.ts";
import { select } from "./select.ts";

/** The places where one name of an answer is asked for, and the type whose field it is. */
interface AskedField {
  readonly type: string;
  readonly nodes: FieldNode[];
}

/** One operation being run: walks the selections, all fields of a level at the same time. */
export class Run {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #arguments = new Map<FieldNode, Map<string, Args>>();

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
    const values = await allSettledFirstError([...fields.values()].map((asked) => this.#field(on, asked)));
    return Object.fromEntries(names.map((name, place) => [name, values[place]]));
  }

  /** Fields by the name of their answer, with the fragments that apply to the type put in. */
  #collect(type: string, selections: SelectionSetNode, into: Map<string, AskedField>): Map<string, AskedField> {
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const known = into.get(name);
        if (known === undefined) into.set(name, { type, nodes: [selection] });
        else known.nodes.push(selection);
        continue;
      }
      const fragment = this.#fragmentOf(selection);
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value ?? type;
      if (isOneOf(this.catalogue, type, condition)) this.#collect(type, fragment.selectionSet, into);
      else if (this.#mayBe(type, condition)) this.#collect(condition, fragment.selectionSet, into);
    }
    return into;
  }

  /** Of an object of a type that the client does not know, only what an interface of the client says can be asked. */
  #mayBe(type: string, condition: string): boolean {
    const { schema } = this.catalogue;
    const isKnown = schema.getType(type) !== undefined && !isInterfaceType(schema.getType(type));
    return !isKnown && isInterfaceType(schema.getType(condition));
  }

  async #field(on: Obj, { type, nodes }: AskedField): Promise<unknown> {
    const node = nodes[0] as FieldNode;
    const name = node.name.value;
    if (name === "__typename") return on.type;
    if (name.startsWith("__")) return this.#introspect(node);
    const field = fieldOf(this.catalogue, type, name);
    if (field === undefined) throw new ApiError(`Cannot query field "${name}" on type "${type}".`);
    const named = getNamedType(field.type);
    if (isObject(named) && node.selectionSet === undefined) {
      throw new ApiError(`field "${name}" of type "${named.name}" must have a selection of subfields`);
    }
    const args = this.#args(type, field, node);
    const missing = field.args.find((argument) => isRequiredArgument(argument) && args[argument.name] === undefined);
    if (missing !== undefined) throw new ApiError(`missing required argument: ${JSON.stringify(missing.name)}`);
    const value = await select(this.graph, on, type, field, args);
    return await this.#answer(value, nodes, named.name);
  }

  /**
   * Reads the arguments of all that is asked for, before any of it runs: what cannot be read makes the whole request
   * wrong.
   */
  readArguments(type: string, selections: SelectionSetNode): void {
    for (const selection of selections.selections) {
      if (selection.kind !== Kind.FIELD) {
        const fragment = this.#fragmentOf(selection);
        if (fragment !== undefined)
          this.readArguments(fragment.typeCondition?.name.value ?? type, fragment.selectionSet);
        continue;
      }
      const field = fieldOf(this.catalogue, type, selection.name.value);
      if (field === undefined) continue;
      this.#args(type, field, selection);
      if (selection.selectionSet !== undefined)
        this.readArguments(getNamedType(field.type).name, selection.selectionSet);
    }
  }

  #args(type: string, field: GraphQLField<unknown, unknown>, node: FieldNode): Args {
    const ofNode = this.#arguments.get(node) ?? new Map<string, Args>();
    this.#arguments.set(node, ofNode);
    const known = ofNode.get(type);
    if (known !== undefined) return known;
    try {
      const args = coerceArgs(this, type, field, node, this.variables);
      ofNode.set(type, args);
      return args;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const place = `query:\n${this.text}\n\nerror: parse selections: parse field "${field.name}": `;
      throw new ApiError(place + error.message, error.extensions);
    }
  }

  #fragmentOf(
    selection: FragmentSpreadNode | InlineFragmentNode,
  ): FragmentDefinitionNode | InlineFragmentNode | undefined {
    return selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
  }

  /** @param declared the type of the field: what is asked of an object whose own type the client does not know */
  async #answer(value: unknown, nodes: readonly FieldNode[], declared: string): Promise<unknown> {
    if (Array.isArray(value)) {
      return await allSettledFirstError(value.map((item) => this.#answer(item, nodes, declared)));
    }
    if (!(value instanceof Obj)) return value ?? null;
    const selections = nodes.flatMap((node) => node.selectionSet?.selections ?? []);
    const type = this.catalogue.type(value.type) === undefined ? declared : value.type;
    return await this.selection(value, type, { kind: Kind.SELECTION_SET, selections });
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
    const answer = result.data?.[node.alias?.value ?? node.name.value];
    if (answer !== null || node.name.value !== "__type") return answer;
    throw new ApiError(`unknown type: ${JSON.stringify(this.#nameOfType(node))}`);
  }

  #nameOfType(node: FieldNode): unknown {
    const name = node.arguments?.find((argument) => argument.name.value === "name")?.value;
    return name === undefined ? "" : literalValue(name, this.variables);
  }
}

/** Like Promise.all, but waits for all, so that nothing goes on behind an answer; throws the first that failed in order of place. */
async function allSettledFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
}
