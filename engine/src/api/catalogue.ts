import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLSchema,
  getNamedType,
  introspectionTypes,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  Kind,
  parse,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  visit,
} from "graphql";
import { CORE_SCHEMA, coreTypeTexts, type Keyword } from "./core-texts.ts";
import { directiveText } from "./directives.ts";
import { withImplemented } from "./implementing.ts";
import { SchemaPart } from "./schema-part.ts";

const UNKNOWN_DIRECTIVES = new Set(["include", "skip", "specifiedBy", "oneOf"]);

const KINDS = {
  type: Kind.OBJECT_TYPE_DEFINITION,
  interface: Kind.INTERFACE_TYPE_DEFINITION,
  scalar: Kind.SCALAR_TYPE_DEFINITION,
  enum: Kind.ENUM_TYPE_DEFINITION,
  input: Kind.INPUT_OBJECT_TYPE_DEFINITION,
} as const satisfies Record<Keyword, Kind>;

/**
 * The types that a client sees: those of the core, and those of the modules that are served to it. To read and build them all
 * takes longer than a call whose result is known, so it is done when somebody asks for `schema`, and `type` does without.
 */
export class Catalogue {
  readonly #more: readonly DefinitionNode[];
  readonly #types = new Map<string, GraphQLNamedType | undefined>();
  readonly #definitions = new Map<string, readonly TypeDefinitionNode[]>();
  readonly #part = new SchemaPart((name) => this.#definitionsOf(name)[0]);
  #partSchema: GraphQLSchema | undefined;
  #schema: GraphQLSchema | undefined;

  /** @param more definitions beside those of the core */
  constructor(more: readonly DefinitionNode[]) {
    this.#more = more;
  }

  /** All types, as GraphQL's own functions need them. */
  get schema(): GraphQLSchema {
    this.#schema ??= schemaOf(coreDocument().definitions, this.#more);
    return this.#schema;
  }

  /**
   * Types in which a document is right when it is right in the whole schema, and its variables mean the same. One that is wrong has
   * to be looked at in the whole.
   */
  schemaFor(document: DocumentNode): GraphQLSchema {
    if (this.#schema !== undefined || hasInterfaces(this.#more)) return this.schema;
    const added = this.#part.add(document);
    if (added === undefined) return this.schema;
    if (added === "more" || this.#partSchema === undefined) this.#partSchema = built(this.#part.definitions());
    return this.#partSchema;
  }

  /** These types and more of them. */
  extended(more: readonly DefinitionNode[]): Catalogue {
    return new Catalogue([...this.#more, ...more]);
  }

  /**
   * One type with its fields or values; undefined when there is none. Of the types that it names only the name and the kind
   * are sure to be there: ask for each by itself.
   */
  type(name: string): GraphQLNamedType | undefined {
    if (this.#schema !== undefined || hasInterfaces(this.#more)) return this.schema.getType(name);
    if (!this.#types.has(name)) this.#types.set(name, this.#buildAlone(name));
    return this.#types.get(name);
  }

  #buildAlone(name: string): GraphQLNamedType | undefined {
    const merged = this.#definitionsOf(name);
    if (merged.length === 0) return OF_GRAPHQL.find((type) => type.name === name);
    const named = new Set<string>();
    for (const node of merged) visit(node, { NamedType: ({ name: { value } }) => void named.add(value) });
    named.delete(name);
    const nameless = [...named].flatMap((other) => this.#withoutContent(other) ?? []);
    return built([...merged, ...nameless]).getType(name);
  }

  /** The definition of a type, with all that extends it; none where there is no such type. */
  #definitionsOf(name: string): readonly TypeDefinitionNode[] {
    const known = this.#definitions.get(name);
    if (known !== undefined) return known;
    const own = this.#more.filter(isTypeDefinitionNode).findLast((node) => node.name.value === name);
    const definition = own ?? definitionOf(coreTypeTexts().get(name)?.text);
    const extensions = this.#more.filter(
      (node) => node.kind === Kind.OBJECT_TYPE_EXTENSION && node.name.value === name,
    );
    const merged = mergeExtensions([...(definition === undefined ? [] : [definition]), ...extensions]);
    const found = merged.filter(isTypeDefinitionNode);
    this.#definitions.set(name, found);
    return found;
  }

  /** A type that has only its name and kind, and an enum its values, which defaults may name; undefined: GraphQL has it itself. */
  #withoutContent(name: string): TypeDefinitionNode | undefined {
    const own = this.#more.filter(isTypeDefinitionNode).findLast((node) => node.name.value === name);
    const core = coreTypeTexts().get(name);
    const kind = own?.kind ?? (core === undefined ? undefined : KINDS[core.keyword]);
    if (kind === Kind.ENUM_TYPE_DEFINITION) return own ?? definitionOf(core?.text);
    if (kind === undefined) return undefined;
    return { kind, name: { kind: Kind.NAME, value: name } } as TypeDefinitionNode;
  }
}

function definitionOf(text: string | undefined): TypeDefinitionNode | undefined {
  const definition = text === undefined ? undefined : parse(text, { noLocation: true }).definitions[0];
  return definition !== undefined && isTypeDefinitionNode(definition) ? definition : undefined;
}

/** What every schema has. */
const OF_GRAPHQL: readonly GraphQLNamedType[] = [...specifiedScalarTypes, ...introspectionTypes];

const ASSUMED = { assumeValid: true, assumeValidSDL: true } as const;

function built(definitions: readonly DefinitionNode[]): GraphQLSchema {
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, ASSUMED);
}

let core: Catalogue | undefined;
let document: DocumentNode | undefined;

/** The types of the core alone. */
export function coreCatalogue(): Catalogue {
  core ??= new Catalogue([]);
  return core;
}

/** The core and more types in GraphQL's schema language, for example `extend type Query { hello: Hello! }`. */
export function extendCatalogue(base: Catalogue, text: string): Catalogue {
  return base.extended(parse(text, { noLocation: true }).definitions);
}

/** The schema of the core, read once. */
function coreDocument(): DocumentNode {
  document ??= parse(CORE_SCHEMA, { noLocation: true });
  return document;
}

/** The core's own types say themselves which interfaces they have; that changes only with an interface of a module. */
function schemaOf(core: readonly DefinitionNode[], more: readonly DefinitionNode[]): GraphQLSchema {
  const merged = mergeExtensions([...core, ...more]);
  const definitions = hasInterfaces(more) ? withImplemented(merged) : merged;
  const whole = built(definitions);
  // buildASTSchema adds those that every GraphQL server has to know; the real engine does not know them.
  const directives = whole.getDirectives().filter((directive) => !UNKNOWN_DIRECTIVES.has(directive.name));
  return new GraphQLSchema({ ...whole.toConfig(), directives });
}

/** Which types have an interface of a module can only be told of all of them together. */
function hasInterfaces(definitions: readonly DefinitionNode[]): boolean {
  return definitions.some((one) => one.kind === Kind.INTERFACE_TYPE_DEFINITION);
}

/** `extend type X {…}` put into `type X {…}`, because buildASTSchema leaves extensions out. */
function mergeExtensions(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const extensions = definitions.filter((d) => d.kind === Kind.OBJECT_TYPE_EXTENSION);
  if (extensions.length === 0) return definitions;
  return definitions.flatMap((definition): readonly DefinitionNode[] => {
    if (definition.kind === Kind.OBJECT_TYPE_EXTENSION) return [];
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [definition];
    const added = extensions.filter((e) => e.name.value === definition.name.value).flatMap((e) => e.fields ?? []);
    if (added.length === 0) return [definition];
    const names = new Set(added.map((field) => field.name.value));
    const kept = (definition.fields ?? []).filter((field) => !names.has(field.name.value));
    return [{ ...definition, fields: [...kept, ...added] }];
  });
}

/** The field of a type, or undefined when there is none. */
export function fieldOf(catalogue: Catalogue, type: string, field: string): GraphQLField<unknown, unknown> | undefined {
  const found = catalogue.type(type);
  return isObjectType(found) || isInterfaceType(found) ? found.getFields()[field] : undefined;
}

/** Whether an object of that type may stand where an object or an interface is expected. */
export function isOneOf(catalogue: Catalogue, type: string, expected: string): boolean {
  if (type === expected) return true;
  const { schema } = catalogue;
  const [wanted, own] = [schema.getType(expected), schema.getType(type)];
  const mayHaveThem = isObjectType(own) || isInterfaceType(own);
  return isInterfaceType(wanted) && mayHaveThem && own.getInterfaces().some(({ name }) => name === expected);
}

/** Whether values of that type are objects with an id, and not scalars. */
export function isObject(type: GraphQLNamedType): boolean {
  return isObjectType(type) || isInterfaceType(type);
}

/** The type that an `ID` stands for, by the directive `expectedType`. */
export function expectedType(argument: GraphQLArgument): string | undefined {
  const expected = directiveText(argument, "expectedType");
  if (expected !== undefined) return expected;
  const name = getNamedType(argument.type).name;
  return name !== "ID" && name.endsWith("ID") ? name.slice(0, -2) : undefined;
}
