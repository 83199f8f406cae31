import coreSchema from "./schema.graphqls";

/** What kind of type a word of GraphQL's schema language begins. */
export type Keyword = "type" | "interface" | "scalar" | "enum" | "input";

/** The definition of one type as it stands in the schema of the core. */
export interface TypeText {
  readonly keyword: Keyword;
  readonly text: string;
}

/** The whole schema of the core. */
export const CORE_SCHEMA: string = coreSchema;

let texts: ReadonlyMap<string, TypeText> | undefined;

/**
 * The definitions of the core by the name of the type. Cut out of the text, which takes a hundredth of the time of reading
 * it all: most commands need a few types.
 */
export function coreTypeTexts(): ReadonlyMap<string, TypeText> {
  texts ??= new Map(
    [...CORE_SCHEMA.matchAll(/^(type|interface|scalar|enum|input) (\w+)(?:[^\n{]*\{\n[^}]*^\}|[^\n{]*$)/gm)].map(
      ([text, keyword, name]) => [name as string, { keyword: keyword as Keyword, text }],
    ),
  );
  return texts;
}

/** The names of a core type's fields, in their order. */
export function coreFieldNames(type: string): readonly string[] {
  return [...(coreTypeTexts().get(type)?.text ?? "").matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name as string);
}
