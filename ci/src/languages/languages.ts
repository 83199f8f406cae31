import { dockerfile } from "./dockerfile/dockerfile.ts";
import { go } from "./go/go.ts";
import { java } from "./java/java.ts";
import type { Language, LanguageName } from "./language.ts";
import { node } from "./node/node.ts";
import { python } from "./python/python.ts";

/** Every language that Slipway knows. */
export const languages: Readonly<Record<Exclude<LanguageName, "dockerfile">, Language>> & {
  readonly dockerfile: typeof dockerfile;
} = { node, python, go, java, dockerfile };
