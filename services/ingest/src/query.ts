/**
 * What in a query is not text. `URLSearchParams` puts U+FFFD in its place without a word, and a series would get another
 * name than was asked for.
 *
 * @param search With or without the `?`.
 */
export function findQueryProblems(search: string): string[] {
  const parts = search.replace(/^\?/, "").split("&");
  return parts.flatMap((part) => {
    try {
      decodeURIComponent(part);
      return [];
    } catch {
      return [`the query holds ${JSON.stringify(part.slice(0, 60))}, which is not UTF-8 in percent encoding`];
    }
  });
}
