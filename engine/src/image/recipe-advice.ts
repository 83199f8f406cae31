import { recipeNames, recipePath, recipeTags } from "./recipe-book.ts";
import type { Reference } from "./reference.ts";

/**
 * What to do about an image that no registry gave and no recipe makes: the tags of the same image that can be made, else all
 * images, one a line.
 */
export function adviseOnRecipes(reference: Reference, platform: string): string {
  const way = "  to do: make the registry reachable (network, proxy, SLIPWAY_REGISTRY_MIRROR)";
  const tags = recipeTags(reference, platform);
  if (tags.length > 0)
    return `${way}, or use a tag of ${recipePath(reference)} that a recipe makes (${platform}): ${tags.join(", ")}`;
  const byImage = new Map<string, string[]>();
  for (const name of recipeNames(platform)) {
    const at = name.lastIndexOf(":");
    byImage.set(name.slice(0, at), [...(byImage.get(name.slice(0, at)) ?? []), name.slice(at + 1)]);
  }
  if (byImage.size === 0) return `${way}; no recipe makes an image for ${platform}`;
  const lines = [...byImage].map(([image, made]) => `    ${image}: ${made.join(", ")}`);
  return `${way}, or use an image that a recipe makes (${platform}):\n${lines.join("\n")}`;
}

/** Why no recipe makes an image. */
export function whyNoRecipe({ digest }: Reference): string {
  return digest === undefined ? "there is no recipe for it" : "no recipe can make the bytes that a digest names";
}
