import type { CheckSettings, Settings } from "../config/settings.ts";
import { SETUP_FILE } from "../input/setup-file.ts";
import type { Project } from "../languages/language.ts";
import { listByHand } from "../providers/by-hand.ts";
import { hasFile, isBelow, type Outline } from "../repository/outline.ts";
import { type RingPolicy, tellCarried } from "../rollout/policy.ts";
import { alignColumns } from "../table.ts";
import { images } from "../tool-images.ts";
import { tellBeforeDeploy } from "./before-deploy.ts";
import { findLacks, findSteps, type Lack, type Surroundings } from "./lacks.ts";
import { listRemarks } from "./remarks.ts";

/** What a person reads, and whether something is missing that what is there would fail by. */
export interface Diagnosis {
  readonly report: string;
  readonly missing: number;
}

/**
 * What would run in this repository and with which image, what is missing, and what to do.
 *
 * It runs nothing of the repository: what it tells is what the other functions would do.
 */
export function diagnose(settings: Settings, outline: Outline, surroundings: Surroundings): Diagnosis {
  const lacks = findLacks(settings, outline, surroundings);
  const steps = findSteps(settings, outline, surroundings);
  const report = [
    `Repository of ${settings.product}, ${outline.paths.length} files`,
    ...section("Checks", checkRows(settings)),
    ...section("Images", buildRows(settings)),
    ...section("Backing services", backingRows(settings)),
    ...section("Rings", ringRows(settings)),
    ...section("Workers and jobs", turnRows(settings)),
    ...section(
      "To set by hand in CI systems, because no file can hold it; Slipway cannot see whether it is set",
      listByHand(settings, outline.text("dagger.json")),
    ),
    "",
    ...(lacks.length === 0 ? ["Nothing is missing."] : tellLacks("Missing", lacks)),
    ...(steps.length === 0 ? [] : ["", ...tellLacks("On the way to a deploy", steps)]),
    ...(hasFile(outline, SETUP_FILE) ? tellBeforeDeploy(settings, readManifestTexts(outline)) : []),
    ...section(
      "Worth knowing",
      [...surroundings.remarks, ...listRemarks(settings, outline)].map((remark) => [remark]),
    ),
  ].join("\n");
  return { report, missing: lacks.length };
}

function readManifestTexts(outline: Outline): Map<string, string> {
  const paths = [...outline.told].filter((path) => path.startsWith("manifests/"));
  return new Map(paths.map((path) => [path, outline.text(path) ?? ""]));
}

function tellLacks(title: string, lacks: readonly Lack[]): string[] {
  return [`${title}: ${lacks.length}`, ...lacks.flatMap(({ what, todo }) => [`  ${what}`, `    to do: ${todo}`])];
}

/** The images that checks, builds, backing services and manifests begin with, each once. */
export function listImages(settings: Settings): string[] {
  const { checks, services, backing, rings, projects } = settings;
  const ofChecks = Object.values(checks).flatMap((check) =>
    check.image === undefined ? startOf(findProject(check, projects)) : [check.image],
  );
  const ofServices = Object.values(services).flatMap(({ path, build }) => {
    if ("image" in build) return [build.image];
    if (!("language" in build)) return [];
    const shipped = build.language === "node" || build.language === "go" ? [images.debian] : [];
    return [...startOf(projects.find((one) => one.path === path && one.language === build.language)), ...shipped];
  });
  // A compose file may name more than anything of the repository starts.
  const needed = new Set([...Object.values(services), ...Object.values(checks)].flatMap(({ needs }) => needs));
  const ofBacking = Object.entries(backing).flatMap(([name, { image }]) => (needed.has(name) ? [image] : []));
  // kubectl puts charts together as well, and speaks to the cluster out of a system that has a shell.
  const ofRings = Object.values(rings).flatMap(({ manifests }) => [
    ...(manifests.kind === "helm" ? [images.helm] : []),
    ...[images.kubectl, images.debian],
  ]);
  return [...new Set([...ofChecks, ...ofServices, ...ofBacking, ...ofRings])];
}

/** What the stages of a Dockerfile begin with is for the Dockerfile to say. */
function startOf(project: Project | undefined): string[] {
  return project === undefined || project.language === "dockerfile" ? [] : [project.image.value];
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", title, ...alignColumns(rows).map((line) => `  ${line}`)];
}

function checkRows({ checks, projects, decisions }: Settings): string[][] {
  return Object.entries(checks).map(([name, check]) => [
    name,
    check.image ?? findProject(check, projects)?.image.value ?? "",
    typeof check.run === "string" ? check.run : check.run.map((command) => command.join(" ")).join(" && "),
    check.needs.length === 0 ? "" : `needs ${check.needs.join(", ")}`,
    decisions.of(["checks", name, "run"]).from,
  ]);
}

/** The project in the folder of a check, or the nearest one above it. */
function findProject({ path, language }: CheckSettings, projects: Settings["projects"]): Project | undefined {
  const fitting = projects.filter(
    (project) => (language === undefined || project.language === language) && isBelow(path, project.path),
  );
  const [nearest] = [...fitting].sort((left, right) => right.path.length - left.path.length);
  return nearest;
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
  return Object.entries(rings).map(([name, { after, namespace, deployments, manifests, strategy, attestations }]) => [
    name,
    after === null ? "first" : `after ${after}`,
    `namespace ${namespace}`,
    `${manifests.path} (${manifests.kind})`,
    strategy,
    Object.entries(deployments)
      .map(([service, deployment]) => `${service} is Deployment ${deployment}`)
      .join(", "),
    tellDemand(attestations),
  ]);
}

function tellDemand(attestations: RingPolicy["attestations"]): string {
  const carried = tellCarried(attestations);
  return carried === undefined ? "" : `images carry ${carried}`;
}

/** What a release does with those that have no Service, and what the account of a ring needs the right to. */
function turnRows({ services, rings }: Settings): string[][] {
  if (Object.keys(rings).length === 0) return [];
  return Object.entries(services).flatMap(([name, { kind, build }]) => {
    if ("image" in build || kind === "service") return [];
    if (kind === "worker") return [[name, kind, "starts with the candidate; both colours work until the bake is over"]];
    const rights = "its account needs get, list, watch, create, patch and delete of jobs.batch";
    return [[name, kind, `runs once for each release in a ring, before the rest of it; ${rights}`]];
  });
}
