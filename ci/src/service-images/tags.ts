import { type Commit, nameVersion } from "../git/commit.ts";
import { TAG_PARTS } from "../input/tag-pattern.ts";

type Part = (typeof TAG_PARTS)[number];

/** What the parts of a tag's pattern say of a commit. */
const SAYS: Readonly<Record<Part, (commit: Commit) => string>> = {
  version: nameVersion,
  commit: ({ hash }) => hash,
  short: ({ hash }) => hash.slice(0, 12),
  date: ({ time }) => time.slice(0, 10),
};

/** What a tag has to have so that another commit does not get the same one. */
const OF_ONE_COMMIT: readonly Part[] = ["version", "commit", "short"];

/**
 * The tags of a commit's images, each once. Those that only this commit can have come first: a tag that moves, such as
 * `latest`, is moved when everything else is there.
 */
export function fillTags(patterns: readonly string[], commit: Commit): string[] {
  const ofOne = (pattern: string) => OF_ONE_COMMIT.some((part) => pattern.includes(`{${part}}`));
  const sorted = [...patterns.filter(ofOne), ...patterns.filter((pattern) => !ofOne(pattern))];
  const fill = (pattern: string) =>
    TAG_PARTS.reduce((text, part) => text.replaceAll(`{${part}}`, SAYS[part](commit)), pattern);
  return [...new Set(sorted.map(fill))];
}
