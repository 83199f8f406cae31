import type { Checkout } from "../checkout/checkout.ts";
import { listCalls } from "../providers/providers.ts";

/**
 * The commands that repeat a failure in any clone of the repository, one for each engine: at this commit, where it is known. A line
 * can be copied as it is.
 *
 * @param words what is called: `check --name unit`
 * @param moduleFile the text of dagger.json at the top; undefined when there is none
 */
export function tellRepeat(words: string, commit: string | undefined, moduleFile: string | undefined): string {
  const at = commit === undefined ? "" : `git fetch origin ${commit} && git switch --detach ${commit} && `;
  return [
    "To repeat it in a clone, on either engine:",
    ...listCalls(words, moduleFile).map((call) => `  ${at}${call}`),
  ].join("\n");
}

/** What a failed run of checks ends with. @param failed the names of the checks that failed, one or more */
export async function tellHowToRepeat(
  { outline, readCommitHash }: Checkout,
  failed: readonly string[],
): Promise<string> {
  const [first, ...others] = failed;
  const words = others.length === 0 ? `check --name ${first}` : "test";
  return tellRepeat(words, await readCommitHash(), outline.text("dagger.json"));
}
