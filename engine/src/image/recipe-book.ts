import { digestOf } from "../store/store.ts";
import { planRecipe, type RecipeFile, type RecipePlan, readRecipes } from "./recipe.ts";
import debian from "./recipes/debian.json" with { type: "json" };
import golang from "./recipes/golang.json" with { type: "json" };
import helm from "./recipes/helm.json" with { type: "json" };
import java from "./recipes/java.json" with { type: "json" };
import kafka from "./recipes/kafka.json" with { type: "json" };
import kubectl from "./recipes/kubectl.json" with { type: "json" };
import maven from "./recipes/maven.json" with { type: "json" };
import nginx from "./recipes/nginx.json" with { type: "json" };
import node from "./recipes/node.json" with { type: "json" };
import postgres from "./recipes/postgres.json" with { type: "json" };
import python from "./recipes/python.json" with { type: "json" };
import rabbitmq from "./recipes/rabbitmq.json" with { type: "json" };
import redis from "./recipes/redis.json" with { type: "json" };
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
    "postgres.json": postgres,
    "redis.json": redis,
    "rabbitmq.json": rabbitmq,
    "nginx.json": nginx,
    "kafka.json": kafka,
    "helm.json": helm,
    "kubectl.json": kubectl,
  });
  return book;
}

/** The recipe for an image, if there is one. A digest names bytes that no recipe can make. */
export function findRecipe(reference: Reference, platform: string): RecipePlan | undefined {
  const { tag, digest } = reference;
  if (digest !== undefined || tag === undefined) return undefined;
  return planRecipe(`${recipePath(reference)}:${tag}`, platform, readBook(), digestOf);
}

/** An image as recipes call it, without its tag: `python`, `apache/kafka`, `registry.k8s.io/kubectl`. */
export function recipePath({ registry, repository }: Reference): string {
  return registry === "docker.io" ? repository.replace(/^library\/(?=[^/]+$)/, "") : `${registry}/${repository}`;
}

/** All tags of an image that recipes can make for that platform, sorted. */
export function recipeTags(reference: Reference, platform: string): string[] {
  const start = `${recipePath(reference)}:`;
  return imagesFor(platform)
    .flatMap(({ names }) => names)
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .sort(byVersion);
}

/** The names of all images that recipes can make for that platform, sorted; one name for each recipe. */
export function recipeNames(platform: string): string[] {
  return imagesFor(platform)
    .map(({ names }) => names[0] ?? "")
    .sort(byVersion);
}

function imagesFor(platform: string): RecipeFile["images"] {
  return readBook()
    .flatMap(({ images }) => images)
    .filter(({ platforms }) => platforms.includes(platform));
}

/** 3.9 comes before 3.13. */
function byVersion(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
