import type { Checkout } from "../checkout/checkout.ts";
import { listCalls } from "../providers/providers.ts";
import type { CheckedOut } from "../repository/git-head.ts";

/**
 * The commands that repeat a failure in any clone of the repository, one for each engine: at what is checked out, where it is
 * known. A line can be copied as it is.
 *
 * @param words what is called: `check --name unit`
 * @param moduleFile the text of dagger.json at the top; undefined when there is none
 */
export function tellRepeat(words: string, at: CheckedOut | undefined, moduleFile: string | undefined): string {
  const before = at === undefined ? "" : `${tellCheckOut(at)} && `;
  return [
    "To repeat it in a clone, on either engine:",
    ...listCalls(words, moduleFile).map((call) => `  ${before}${call}`),
  ].join("\n");
}

function tellCheckOut(at: CheckedOut): string {
  if ("commit" in at) return `git fetch origin ${at.commit} && git switch --detach ${at.commit}`;
  const { base, merged } = at;
  return `git fetch origin ${base} ${merged} && git switch --detach ${base} && git merge --no-edit ${merged}`;
}

/** What a failed run of checks ends with. @param failed the names of the checks that failed, one or more */
export async function tellHowToRepeat(
  { outline, readCheckedOut }: Checkout,
  failed: readonly string[],
): Promise<string> {
  const [first, ...others] = failed;
  const words = others.length === 0 ? `check --name ${first}` : "test";
  return tellRepeat(words, await readCheckedOut(), outline.text("dagger.json"));
}
