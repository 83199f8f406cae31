import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
} from "graphql";
import coreSchema from "./schema.graphqls";

const UNKNOWN_DIRECTIVES = new Set(["include", "skip", "specifiedBy", "oneOf"]);

/** The types that a client sees: those of the core, and those of the modules that are served to it. */
export interface Catalogue {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
}

let core: Catalogue | undefined;

/** The types of the core alone. Parsed once, at first use. */
export function coreCatalogue(): Catalogue {
  core ??= catalogueOf(parse(coreSchema, { noLocation: true }));
  return core;
}

/** The core and more types in GraphQL's schema language, for example `extend type Query { hello: Hello! }`. */
export function extendCatalogue(base: Catalogue, text: string): Catalogue {
  const more = parse(text, { noLocation: true });
  return catalogueOf({ kind: Kind.DOCUMENT, definitions: [...base.document.definitions, ...more.definitions] });
}

function catalogueOf(document: DocumentNode): Catalogue {
  const built = buildASTSchema(mergeExtensions(document), { assumeValid: true, assumeValidSDL: true });
  // buildASTSchema adds those that every GraphQL server has to know; the real engine does not know them.
  const directives = built.getDirectives().filter((directive) => !UNKNOWN_DIRECTIVES.has(directive.name));
  return { document, schema: new GraphQLSchema({ ...built.toConfig(), directives }) };
}

/** `extend type X {…}` put into `type X {…}`, because buildASTSchema leaves extensions out. */
function mergeExtensions(document: DocumentNode): DocumentNode {
  const extensions = document.definitions.filter((d) => d.kind === Kind.OBJECT_TYPE_EXTENSION);
  if (extensions.length === 0) return document;
  return {
    kind: Kind.DOCUMENT,
    definitions: document.definitions.flatMap((definition): readonly DefinitionNode[] => {
      if (definition.kind === Kind.OBJECT_TYPE_EXTENSION) return [];
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [definition];
      const added = extensions.filter((e) => e.name.value === definition.name.value).flatMap((e) => e.fields ?? []);
      if (added.length === 0) return [definition];
      const names = new Set(added.map((field) => field.name.value));
      const kept = (definition.fields ?? []).filter((field) => !names.has(field.name.value));
      return [{ ...definition, fields: [...kept, ...added] }];
    }),
  };
}

/** The field of a type, or undefined when there is none. */
export function fieldOf(catalogue: Catalogue, type: string, field: string): GraphQLField<unknown, unknown> | undefined {
  const found = catalogue.schema.getType(type);
  return isObjectType(found) || isInterfaceType(found) ? found.getFields()[field] : undefined;
}

/** Whether values of that type are objects with an id, and not scalars. */
export function isObject(type: GraphQLNamedType): boolean {
  return isObjectType(type) || isInterfaceType(type);
}

/** The type that an `ID` stands for, by the directive `expectedType`. */
export function expectedType(argument: GraphQLArgument): string | undefined {
  const directive = argument.astNode?.directives?.find((d) => d.name.value === "expectedType");
  const value = directive?.arguments?.[0]?.value;
  if (value?.kind === Kind.STRING) return value.value;
  const name = getNamedType(argument.type).name;
  return name !== "ID" && name.endsWith("ID") ? name.slice(0, -2) : undefined;
}
