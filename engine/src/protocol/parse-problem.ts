import { type DocumentNode, type GraphQLError, Kind, TokenKind } from "graphql";

/** What is wrong with a text that is no query, as the real engine's parser says it. */
export function parseProblem(error: GraphQLError, query: string): string {
  const text = error.message.replace(/^Syntax Error: /, "").replace(/\.$/, "");
  if (/^(Invalid|Unterminated|Unexpected character|Cannot (parse|contain))/.test(text)) return "Unexpected <Invalid>";
  if (text.endsWith('found "}"') && isEmptySelection(query, error.positions?.[0] ?? 0)) {
    return "expected at least one definition, found }";
  }
  // Punctuation is quoted by our parser only.
  return text.replace(/"([!$&():=@{|}[\]]|\.\.\.)"/g, "$1");
}

function isEmptySelection(query: string, end: number): boolean {
  return /\{[\s,]*$/.test(query.slice(0, end));
}

/** Types are no part of a query. */
export function unexpectedDefinition(document: DocumentNode): string | undefined {
  for (const { kind, loc } of document.definitions) {
    if (kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION) continue;
    const token = loc?.startToken;
    return token?.kind === TokenKind.NAME ? `Unexpected Name "${token.value}"` : `Unexpected ${token?.kind ?? ""}`;
  }
  return undefined;
}
