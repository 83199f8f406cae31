import { type ConstDirectiveNode, Kind } from "graphql";

/** What may have directives in a schema's text. */
export interface Directed {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
}

/** The text that a directive of the schema gives something, by its first argument. */
export function directiveText({ astNode }: Directed, directive: string): string | undefined {
  const value = astNode?.directives?.find(({ name }) => name.value === directive)?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
