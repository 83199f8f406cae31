import { about } from "../input/problems.ts";
import { listTwiceTold } from "./environment.ts";
import { toName } from "./found-name.ts";
import { readProviders } from "./provider-schema.ts";
import { resolveBacking } from "./resolve-backing.ts";
import { resolveChecks } from "./resolve-checks.ts";
import { resolveRings } from "./resolve-rings.ts";
import { resolveServices } from "./resolve-services.ts";
import type { Scene } from "./scene.ts";
import type { Settings } from "./settings.ts";

/** The settings of a repository. What is wrong is added to the problems of the scene; then the settings do not count. */
export function resolve(scene: Scene): Settings {
  const { file, decisions, problems, detected, composed, answers } = scene;
  const services = resolveServices(scene);
  const { checks, unwantedChecks } = resolveChecks(scene, services);
  const needed = [...Object.values(services), ...Object.values(checks)].flatMap(({ needs }) => needs);
  const backing = resolveBacking(scene, new Set(needed));
  const compose = decisions.decide<string | false>(["compose"], file.compose, composed.path, {
    value: false,
    from: "default: there is none",
  });
  problems.push(
    ...listTwiceTold("services", services, { services, backing }),
    ...listTwiceTold("checks", checks, { services, backing }),
  );
  const { registry, name, tags, platforms, attestations, source } = file.images;
  return {
    product: nameProduct(scene, Object.keys(services)),
    services,
    backing,
    compose: compose ?? false,
    front: resolveFront(scene, services),
    checks,
    unwantedChecks,
    answers,
    images: {
      ...(registry === undefined ? {} : { registry }),
      name: name ?? "{product}-{service}",
      tags: tags ?? ["{version}"],
      platforms: platforms ?? [],
      attestations: attestations ?? "auto",
      ...(source === undefined ? {} : { source }),
    },
    rings: resolveRings(scene),
    approvals: file.approvals,
    providers: readProviders(file.providers),
    projects: detected.projects,
    decisions,
  };
}

function nameProduct({ file, detected, decisions }: Scene, services: readonly string[]): string {
  const top = detected.projects.find(
    ({ path, name }) => path === "." && name !== undefined && toName(name.value) !== "",
  );
  const [first, second] = services;
  return (
    decisions.decide(
      ["product"],
      file.product,
      top?.name === undefined ? undefined : { value: toName(top.name.value), from: top.name.from },
      first !== undefined && second === undefined ? { value: first, from: "the only service" } : undefined,
      { value: "product", from: "default" },
    ) ?? "product"
  );
}

/** Ports below this one are root's on many machines. */
const FIRST_FREE_PORT = 1024;

/** Every service at its own port of localhost; where that is taken or root's, at the next one that is free. */
function resolveFront({ file, decisions, problems }: Scene, services: Settings["services"]): Record<string, number> {
  if (file.front !== undefined) {
    for (const name of Object.keys(file.front))
      if (services[name]?.port === undefined)
        problems.push(about(["front", name], `cannot be used: ${name} has no port, so it answers no requests`, true));
    return file.front;
  }
  const taken = new Set<number>();
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, { port }]) => {
      if (port === undefined) return [];
      let free = port < FIRST_FREE_PORT ? port + 8000 : port;
      while (taken.has(free)) free = free === 65_535 ? FIRST_FREE_PORT : free + 1;
      taken.add(free);
      decisions.note(
        ["front", name],
        free === port ? "default: its own port" : `default: port ${port} is taken or root's`,
      );
      return [[name, free] as const];
    }),
  );
}
