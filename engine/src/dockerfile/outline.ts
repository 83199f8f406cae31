import type { Dockerfile, Stage } from "./dockerfile.ts";
import { type ExpansionOptions, expandWord } from "./expansion.ts";
import type { Instruction } from "./instructions.ts";
import { rawSourceOf } from "./mounts.ts";
import { atLine, DockerfileProblem } from "./problem.ts";

/** What a build is asked for. */
export interface BuildRequest {
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Name of a stage; empty: the last one. */
  readonly target: string;
  /** `linux/amd64`: what the image is for. */
  readonly platform: string;
}

/** Where a stage begins, or files come from. */
export type Origin =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly name: string };

/** A stage whose base is known. */
export interface OutlinedStage extends Stage {
  readonly index: number;
  /** As it is told: a stage without a name has one by its number. */
  readonly name: string;
  readonly base: Origin;
  /** What `--platform` says, variables put in; undefined when it says nothing. */
  readonly platform: string | undefined;
}

/** The stages of a file, and which of them a build needs. */
export interface Outline {
  readonly stages: readonly OutlinedStage[];
  readonly target: number;
  /** In the order of the file, the target last. */
  readonly needed: readonly number[];
  /** ARGs above the first FROM and those of the platforms. */
  readonly globalArgs: ReadonlyMap<string, string | undefined>;
  readonly escapeSign: string;
  /** Stages by name; names of later ones too. */
  readonly byName: ReadonlyMap<string, number>;
}

/**
 * Puts the global arguments in, finds the base of each stage, and the stages that the target needs.
 *
 * @throws DockerfileProblem
 */
export function outlineStages(file: Dockerfile, request: BuildRequest): Outline {
  const { escapeSign } = file.directives;
  const globalArgs = globalArgsOf(file, request, { escapeSign });
  const byName = new Map<string, number>();
  const stages = file.stages.map((stage, index): OutlinedStage => {
    const outlined = outlineStage(stage, index, byName, globalArgs, { escapeSign });
    if (stage.from.name !== "") byName.set(stage.from.name, index);
    return outlined;
  });
  const target = request.target === "" ? stages.length - 1 : byName.get(request.target.toLowerCase());
  if (target === undefined) {
    throw new DockerfileProblem(`target stage ${JSON.stringify(request.target)} could not be found`);
  }
  const dependencies = stages.map((stage) => dependenciesOf(stage, stages, byName));
  refuseCircles(stages, dependencies);
  return { stages, target, needed: neededBy(target, stages, dependencies), globalArgs, escapeSign, byName };
}

function globalArgsOf(
  file: Dockerfile,
  { buildArgs, platform }: BuildRequest,
  options: ExpansionOptions,
): ReadonlyMap<string, string | undefined> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  const args = new Map<string, string | undefined>();
  for (const side of ["BUILD", "TARGET"]) {
    const own = { PLATFORM: platform, OS: os, ARCH: architecture, VARIANT: variant };
    for (const [name, value] of Object.entries(own)) {
      args.set(`${side}${name}`, buildArgs.get(`${side}${name}`) ?? value);
    }
  }
  for (const { name, value, line } of file.globalArgs) {
    const given = buildArgs.get(name);
    const own =
      value === undefined ? undefined : atLine(line, () => expandWord(value, (other) => args.get(other), options));
    args.set(name, given ?? own);
  }
  return args;
}

function outlineStage(
  stage: Stage,
  index: number,
  byName: ReadonlyMap<string, number>,
  args: ReadonlyMap<string, string | undefined>,
  options: ExpansionOptions,
): OutlinedStage {
  const { base, name, platform, line } = stage.from;
  const isSet = (other: string) => (args.has(other) ? (args.get(other) ?? "") : undefined);
  return atLine(line, () => {
    const baseName = expandWord(base, isSet, options);
    if (baseName === "") throw new DockerfileProblem(`base name (${base}) should not be blank`);
    const wanted = platform === "" ? undefined : expandWord(platform, isSet, options);
    if (wanted === "") throw new DockerfileProblem(`empty platform value from expression ${platform}`);
    const known = byName.get(baseName);
    const origin: Origin = known === undefined ? originOf(baseName) : { kind: "stage", index: known };
    return { ...stage, index, name: name === "" ? `stage-${index}` : name, base: origin, platform: wanted };
  });
}

function originOf(name: string): Origin {
  return name === "scratch" ? { kind: "scratch" } : { kind: "image", name };
}

/**
 * What `--from` names: a stage by its name or number, an image, or nothing at all (`scratch`).
 *
 * @throws DockerfileProblem `invalid stage index 7`
 */
export function findOrigin(
  from: string,
  stages: readonly unknown[],
  byName: ReadonlyMap<string, number>,
  byNumber: boolean,
): Origin {
  if (byNumber && /^[+-]?\d+$/.test(from)) {
    const index = Number(from);
    if (index >= 0 && index < stages.length) return { kind: "stage", index };
    throw new DockerfileProblem(`invalid stage index ${index}`);
  }
  const named = byName.get(from.toLowerCase());
  return named === undefined ? originOf(from) : { kind: "stage", index: named };
}

function dependenciesOf(
  { instructions }: Stage,
  stages: readonly unknown[],
  byName: ReadonlyMap<string, number>,
): ReadonlySet<number> {
  const found = instructions.flatMap((instruction) =>
    atLine(instruction.line, () =>
      originsOf(instruction, stages, byName).flatMap((origin) => (origin.kind === "stage" ? [origin.index] : [])),
    ),
  );
  return new Set(found);
}

function originsOf(
  instruction: Instruction,
  stages: readonly unknown[],
  byName: ReadonlyMap<string, number>,
): readonly Origin[] {
  if (instruction.kind === "copy" && instruction.from !== "") {
    return [findOrigin(instruction.from, stages, byName, true)];
  }
  if (instruction.kind !== "run") return [];
  return instruction.mounts
    .map(rawSourceOf)
    .filter((from) => from !== "")
    .map((from) => findOrigin(from, stages, byName, false));
}

function refuseCircles(stages: readonly OutlinedStage[], dependencies: readonly ReadonlySet<number>[]): void {
  const visited = new Set<number>();
  const isCircle = (index: number, way: ReadonlySet<number>): boolean => {
    if (way.has(index)) return true;
    if (visited.has(index)) return false;
    visited.add(index);
    const further = new Set([...way, index]);
    return [...(dependencies[index] ?? [])].some((next) => isCircle(next, further));
  };
  for (const { index, name, from } of stages) {
    if (!isCircle(index, new Set())) continue;
    throw new DockerfileProblem(`circular dependency detected on stage: ${stages.length === 1 ? "" : name}`, from.line);
  }
}

function neededBy(
  target: number,
  stages: readonly OutlinedStage[],
  dependencies: readonly ReadonlySet<number>[],
): readonly number[] {
  const needed = new Set<number>();
  const need = (index: number) => {
    if (needed.has(index)) return;
    needed.add(index);
    const base = stages[index]?.base;
    if (base?.kind === "stage") need(base.index);
    for (const next of dependencies[index] ?? []) need(next);
  };
  need(target);
  return [...needed].sort((a, b) => a - b);
}
