import type { CheckSettings, Settings } from "../config/settings.ts";
import { hasFile, isBelow, isThere, type Outline } from "../repository/outline.ts";
import { alignColumns } from "../table.ts";

/** Something that keeps a repository from the whole way, and what to do. */
interface Lack {
  readonly what: string;
  readonly todo: string;
}

/**
 * What would run in this repository and with which image, what is missing, and what to do.
 *
 * It runs nothing of the repository: what it tells is what the other functions would do.
 */
export function reportDoctor(settings: Settings, outline: Outline): string {
  const lacks = findLacks(settings, outline);
  return [
    `Repository of ${settings.product}, ${outline.paths.length} files`,
    ...section("Checks", checkRows(settings)),
    ...section("Images", buildRows(settings)),
    ...section("Backing services", backingRows(settings)),
    ...section("Rings", ringRows(settings)),
    "",
    ...(lacks.length === 0 ? ["Nothing is missing."] : [`Missing: ${lacks.length}`]),
    ...lacks.flatMap(({ what, todo }) => [`  ${what}`, `    to do: ${todo}`]),
  ].join("\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", title, ...alignColumns(rows).map((line) => `  ${line}`)];
}

function checkRows({ checks, projects, decisions }: Settings): string[][] {
  return Object.entries(checks).map(([name, check]) => [
    name,
    check.image ?? imageOf(check, projects),
    typeof check.run === "string" ? check.run : check.run.map((command) => command.join(" ")).join(" && "),
    check.needs.length === 0 ? "" : `needs ${check.needs.join(", ")}`,
    decisions.of(["checks", name, "run"]).from,
  ]);
}

/** Of the project in its folder, or of the nearest one above it. */
function imageOf({ path, language }: CheckSettings, projects: Settings["projects"]): string {
  const fitting = projects.filter(
    (project) => (language === undefined || project.language === language) && isBelow(path, project.path),
  );
  const [nearest] = [...fitting].sort((left, right) => right.path.length - left.path.length);
  return nearest?.image.value ?? "";
}

function buildRows({ services, projects }: Settings): string[][] {
  return Object.entries(services).map(([name, { path, kind, port, build }]) => {
    const where = port === undefined ? kind : `port ${port}`;
    if ("image" in build) return [name, `the image ${build.image}`, where];
    if ("imageOf" in build) return [name, `the image of ${build.imageOf}`, where];
    if ("dockerfile" in build)
      return [name, `${build.dockerfile}${build.target === undefined ? "" : `, stage ${build.target}`}`, where];
    const project = projects.find((one) => one.path === path && one.language === build.language);
    return [name, `${build.language} in ${path}, built with ${project?.image.value ?? "its image"}`, where];
  });
}

function backingRows({ backing }: Settings): string[][] {
  return Object.entries(backing).map(([name, { image, port, tell }]) => [
    name,
    image,
    `port ${port}`,
    `tells ${Object.keys(tell).join(", ") || "nothing"}`,
  ]);
}

function ringRows({ rings }: Settings): string[][] {
  return Object.entries(rings).map(([name, { after, namespace, manifests, strategy }]) => [
    name,
    after === null ? "first" : `after ${after}`,
    `namespace ${namespace}`,
    `${manifests.path} (${manifests.kind})`,
    strategy,
  ]);
}

/** What is missing on the way from a commit to production, in the order of that way. */
function findLacks(settings: Settings, outline: Outline): Lack[] {
  const { checks, services, rings, images } = settings;
  const lacks: Lack[] = [];
  const add = (isMissing: boolean, what: string, todo: string) => {
    if (isMissing) lacks.push({ what, todo });
  };
  add(!hasFile(outline, "slipway.yaml"), "there is no slipway.yaml: everything is as it was found", "run slipway init");
  add(
    Object.keys(checks).length === 0,
    "no check was found",
    "give the project a lint or test command of its own, or name one in checks of slipway.yaml",
  );
  add(
    Object.keys(services).length === 0,
    "no service was found, so there are no images and no stack",
    "add a Dockerfile or something that starts, or name the service in services of slipway.yaml",
  );
  add(
    Object.keys(services).length > 0 && images.registry === undefined,
    "no registry is named, so publish needs --registry",
    "set images.registry in slipway.yaml, such as ghcr.io/OWNER",
  );
  add(
    Object.keys(services).length > 0 && Object.keys(rings).length === 0,
    "there are no rings, so nothing can be deployed",
    "run slipway init, or name rings in slipway.yaml",
  );
  for (const [name, { manifests }] of Object.entries(rings)) {
    const todo = "run slipway init, or say where they are in rings of slipway.yaml";
    add(!isThere(outline, manifests.path), `ring ${name} has no manifests in ${manifests.path}`, todo);
  }
  return lacks;
}
