import { z } from "zod";
import { tellChoices } from "./nearest-name.ts";

/** What may stand between braces in the pattern of a tag. */
export const TAG_PARTS = ["version", "commit", "short", "date"] as const;

/** The longest that each can become: a commit of SHA-256, and a version with its mark for changes. */
const LONGEST: Readonly<Record<string, string>> = {
  version: "20261125141249-6bb0d4da956a-dirty",
  commit: "0".repeat(64),
  short: "0".repeat(12),
  date: "2026-11-25",
};

/** A tag as registries take it (distribution/reference). */
const TAG = /^\w[\w.-]{0,127}$/;

/** The pattern of a tag: `{version}`, `latest`, `1.2-{short}`. */
export const tagPatternSchema = z
  .string("expected the pattern of a tag, such as {version} or latest")
  .superRefine((text, context) => {
    const message = findFault(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

function findFault(text: string): string | undefined {
  for (const [whole, name = ""] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (name === "branch")
      return "expected a pattern without {branch}: a commit is on many branches or on none; a workflow knows which one it was started for, and can write it out";
    if (!Object.hasOwn(LONGEST, name))
      return `expected a part of tags between the braces, not ${whole}; ${tellChoices(name, [...TAG_PARTS])}`;
  }
  const filled = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => LONGEST[name] ?? "");
  if (TAG.test(filled)) return undefined;
  if (filled.length > 128) return `expected a tag of at most 128 characters; this one can have ${filled.length}`;
  return "expected letters, digits, dots, dashes and underscores, with no dot or dash at the beginning, and {version}, {commit}, {short} or {date}";
}
