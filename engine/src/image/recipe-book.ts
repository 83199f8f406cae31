import { digestOf } from "../store/store.ts";
import { planRecipe, type RecipeFile, type RecipePlan, readRecipes } from "./recipe.ts";
import debian from "./recipes/debian.json" with { type: "json" };
import golang from "./recipes/golang.json" with { type: "json" };
import java from "./recipes/java.json" with { type: "json" };
import kafka from "./recipes/kafka.json" with { type: "json" };
import kubectl from "./recipes/kubectl.json" with { type: "json" };
import maven from "./recipes/maven.json" with { type: "json" };
import node from "./recipes/node.json" with { type: "json" };
import python from "./recipes/python.json" with { type: "json" };
import type { Reference } from "./reference.ts";

let book: RecipeFile[] | undefined;

/** The recipes that come with the engine, checked when the first one is asked for. */
function readBook(): RecipeFile[] {
  book ??= readRecipes({
    "debian.json": debian,
    "node.json": node,
    "python.json": python,
    "golang.json": golang,
    "java.json": java,
    "maven.json": maven,
    "kafka.json": kafka,
    "kubectl.json": kubectl,
  });
  return book;
}

/** The recipe for an image, if there is one. A digest names bytes that no recipe can make. */
export function findRecipe(reference: Reference, platform: string): RecipePlan | undefined {
  const { registry, repository, tag, digest } = reference;
  if (digest !== undefined || tag === undefined) return undefined;
  const path = registry === "docker.io" ? repository.replace(/^library\/(?=[^/]+$)/, "") : `${registry}/${repository}`;
  const name = `${path}:${tag}`;
  return planRecipe(name, platform, readBook(), digestOf);
}

/** The names of all images for that platform that recipes can make, sorted. */
export function recipeNames(platform: string): string[] {
  return readBook()
    .flatMap(({ images }) => images)
    .filter(({ platforms }) => platforms.includes(platform))
    .map(({ names }) => names[0] ?? "")
    .sort();
}
