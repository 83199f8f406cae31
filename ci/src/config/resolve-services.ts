import { about } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import type { Found, Project } from "../languages/language.ts";
import { isThere } from "../repository/outline.ts";
import { composedAt } from "./build-by-compose.ts";
import { toName } from "./found-name.ts";
import { listReferences } from "./references.ts";
import { resolveBuild } from "./resolve-build.ts";
import { projectsAt, type Scene } from "./scene.ts";
import { isService } from "./service-folders.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import type { ServiceSettings } from "./settings.ts";

type Written = NonNullable<Scene["file"]["services"]>[string];

/** Where a folder of a service is looked for. */
const PLACES = ["", "services/", "apps/", "packages/", "cmd/"];

/**
 * The services that are found: the folders with a Dockerfile, a port or something that starts, by their names.
 *
 * A name that cannot be used, that another folder has, or that belongs to a backing service makes room for a longer one.
 */
export function findServices(projects: readonly Project[], composed: Scene["composed"]): Map<string, Found<string>> {
  const wanted = projects.filter(isService);
  const paths = [...new Set(wanted.map(({ path }) => path))];
  // The top of a workspace starts its members.
  const isWorkspace = wanted.some(({ path, root }) => path !== "." && root === ".");
  const kept = paths.filter(
    (path) => path !== "." || !isWorkspace || wanted.some((one) => one.path === "." && one.language === "dockerfile"),
  );
  const reserved = new Set<string>([...BACKING_KINDS, ...composed.backing.keys()]);
  const found = new Map<string, Found<string>>();
  for (const path of kept) {
    const here = wanted.filter((one) => one.path === path);
    const ofCompose = composed.services.filter((one) => one.path === path);
    const own = ofCompose.length === 1 ? ofCompose[0]?.name : undefined;
    const name =
      own ?? nameOf(path) ?? toName(titleOf(here) ?? titleOf(projects.filter((one) => one.path === ".")) ?? "app");
    const names = [name, toName(path.replaceAll("/", "-")), toName(`${name}-app`), "app"];
    const free = names.find((one) => one !== "" && !found.has(one) && !reserved.has(one));
    const from = here.map(tellWhy).join(", ");
    if (ofCompose.length > 1 && here.some((one) => one.language === "dockerfile")) {
      for (const one of ofCompose.filter((other) => !found.has(other.name) && !reserved.has(other.name)))
        found.set(one.name, { value: path, from: `${composed.path?.value} services.${one.name}` });
      continue;
    }
    if (free !== undefined) found.set(free, { value: path, from });
  }
  return found;
}

/** Folders that are called after what is done there, and not after what lies there. */
const GENERIC = /^(?:src|app|docker|dockerfiles?|build|containers?|images?|deploy|deployment)$/;

/** `services/cart/src` → `cart`; undefined when no part of the path says what lies there. */
function nameOf(path: string): string | undefined {
  const part = path.split("/").findLast((one) => one !== "." && !GENERIC.test(one));
  return part === undefined ? undefined : toName(part);
}

/** What projects call themselves. */
function titleOf(projects: readonly Project[]): string | undefined {
  return projects.find((one) => one.name !== undefined)?.name?.value;
}

function tellWhy({ language, port, mains, manager }: Project): string {
  return language === "dockerfile" ? manager.from : (port?.from ?? mains[0]?.from ?? manager.from);
}

/** Services by name, those of the file or those that are found. */
export function resolveServices(scene: Scene): Record<string, ServiceSettings> {
  const { file, found } = scene;
  const written = file.services ?? Object.fromEntries([...found.keys()].map((name) => [name, {}]));
  const isAlone = Object.keys(written).length === 1;
  return Object.fromEntries(
    Object.entries(written).map(([name, settings]) => [name, resolveService(scene, name, settings, isAlone)]),
  );
}

function resolveService(scene: Scene, name: string, written: Written, isAlone: boolean): ServiceSettings {
  const { decisions, composed, problems } = scene;
  const at = ["services", name];
  const path = decisions.decide([...at, "path"], written.path, ...findPath(scene, name, written, isAlone)) ?? ".";
  const build = resolveBuild(scene, name, path, written.build);
  const projects = "image" in build || "imageOf" in build ? [] : projectsAt(scene, path);
  const ofBuild = projects.filter(({ language }) => "dockerfile" in build === (language === "dockerfile"));
  const others = projects.filter((one) => !ofBuild.includes(one));
  const ofCompose = composedAt(scene, name, path);
  const isShared = composed.services.filter((one) => one.path === path).length > 1;
  const published =
    ofCompose?.port === undefined
      ? undefined
      : { value: ofCompose.port, from: `${composed.path?.value} services.${ofCompose.name}.ports` };
  const port =
    written.kind === "worker" || written.kind === "job"
      ? undefined
      : decisions.decide(
          [...at, "port"],
          written.port,
          ...(isShared ? [] : ofBuild.map((project) => project.port)),
          published,
          ...(isShared ? [] : others.map((project) => project.port)),
        );
  const kind =
    decisions.decide([...at, "kind"], written.kind, {
      value: port === undefined ? "worker" : "service",
      from: port === undefined ? "default: no port was found" : "default: it has a port",
    } as const) ?? "service";
  if (kind === "service" && port === undefined)
    problems.push(about([...at, "port"], "is missing; expected a whole number from 1 to 65535: a service has one"));
  else if (port === undefined && written.kind === undefined && scene.file.services !== undefined)
    problems.push(
      about(
        [...at, "port"],
        `is missing; nothing in ${showName(path)} says at which port it listens: give port, or kind: worker if it has none, or kind: job if it ends`,
      ),
    );
  const compose = ofCompose === undefined ? undefined : `${composed.path?.value} services.${ofCompose.name}`;
  const env = { ...ofCompose?.env, ...written.env };
  if (compose !== undefined)
    for (const variable of Object.keys(ofCompose?.env ?? {}))
      if (written.env?.[variable] === undefined) decisions.note([...at, "env", variable], `${compose}.environment`);
  return {
    path,
    kind,
    ...(port === undefined ? {} : { port }),
    probe:
      decisions.decide(
        [...at, "probe"],
        written.probe,
        ...(port === undefined ? [] : projects.map((project) => project.probe)),
        { value: "/", from: "default" },
      ) ?? "/",
    build,
    needs: resolveNeeds(scene, at, name, written.needs, env, ofCompose?.needs, compose),
    env: withoutPort(env),
    tell: written.tell ?? (port === undefined ? {} : { [`${toVariable(name)}_URL`]: `{${name}.url}` }),
    ...(written.metrics === undefined ? {} : { metrics: written.metrics }),
  };
}

/** `order-service` → `ORDER_SERVICE` */
export function toVariable(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

function withoutPort({ PORT: _, ...env }: Record<string, string>): Record<string, string> {
  return env;
}

function resolveNeeds(
  { decisions, composed, file, found }: Scene,
  at: readonly string[],
  name: string,
  written: readonly string[] | undefined,
  env: Readonly<Record<string, string>>,
  ofCompose: readonly string[] | undefined,
  from: string | undefined,
): string[] {
  const services = file.services === undefined ? [...found.keys()] : Object.keys(file.services);
  const known = (ofCompose ?? []).filter((one) => composed.backing.has(one) || services.includes(one));
  const direct =
    decisions.decide(
      [...at, "needs"],
      written,
      from === undefined || known.length === 0 ? undefined : { value: known, from: `${from}.depends_on` },
    ) ?? [];
  const referred = Object.entries(env).flatMap(([variable, value]) =>
    listReferences(value).map((one) => ({ variable, name: one.name })),
  );
  const implied = [...new Set(referred.map((one) => one.name))].filter((one) => one !== name && !direct.includes(one));
  if (implied.length > 0) {
    const variables = [...new Set(referred.filter((one) => implied.includes(one.name)).map((one) => one.variable))];
    const own = direct.length === 0 ? "" : `${decisions.of([...at, "needs"]).from} and `;
    decisions.note([...at, "needs"], `${own}what env.${variables.join(", env.")} refers to`);
  }
  return [...new Set([...direct, ...implied])];
}

/** Where the folder of a service may be, the likeliest first. */
function findPath(
  { detected, outline, file, composed, found }: Scene,
  name: string,
  written: Written,
  isAlone: boolean,
): Found<string>[] {
  if (file.services === undefined) {
    const place = found.get(name);
    return place === undefined ? [] : [place];
  }
  const { projects } = detected;
  const elsewhere = written.build?.image !== undefined || written.build?.imageOf !== undefined;
  const candidates = [
    ...composed.services
      .filter((one) => one.name === name)
      .map(({ path }) => ({ value: path, from: `${composed.path?.value} services.${name}.build` })),
    ...PLACES.map((place) => `${place}${name}`)
      .filter((path) => isThere(outline, path))
      .map((path) => ({ value: path, from: "a folder of its name" })),
    ...projects
      .filter(({ path }) => path !== "." && toName(path) === name)
      .map(({ path, manager }) => ({ value: path, from: manager.from })),
    ...projects
      .filter((project) => project.name !== undefined && toName(project.name.value) === name)
      .map((project) => ({ value: project.path, from: project.name?.from ?? "" })),
  ];
  const top = { value: ".", from: "default: the top of the repository" };
  const only = new Set(projects.map(({ path }) => path));
  const [single] = only;
  if (elsewhere || written.build?.dockerfile !== undefined) return [...candidates, top];
  if (isAlone && only.size === 1 && single !== undefined)
    return [...candidates, { value: single, from: "the only project of the repository" }];
  return isAlone ? [...candidates, top] : candidates;
}
