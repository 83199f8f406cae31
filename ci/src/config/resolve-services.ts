import { about } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import type { Found, Project } from "../languages/language.ts";
import { isThere } from "../repository/outline.ts";
import { composedAt } from "./build-by-compose.ts";
import { connect } from "./connections.ts";
import { folderOf } from "./find-services.ts";
import { toName } from "./found-name.ts";
import { listReferences } from "./references.ts";
import { isCalled, resolveBuild } from "./resolve-build.ts";
import { projectsAt, type Scene } from "./scene.ts";
import type { ServiceSettings } from "./settings.ts";

type Written = NonNullable<Scene["file"]["services"]>[string];

/** Where a folder of a service is looked for. */
const PLACES = ["", "services/", "apps/", "packages/", "cmd/"];

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
          ...(isShared ? [] : ofBuild.map((project) => portOf(project, build))),
          published,
          ...(isShared ? [] : others.map((project) => project.port)),
          ...portsOfPrograms(scene, path),
        );
  const kind =
    decisions.decide([...at, "kind"], written.kind, {
      value: port === undefined ? "worker" : "service",
      from: port === undefined ? "default: no port was found" : "default: it has a port",
    } as const) ?? "service";
  if (kind === "service" && port === undefined)
    problems.push(about([...at, "port"], "is missing; expected a whole number from 1 to 65535: every service has one"));
  else if (port === undefined && written.kind === undefined && scene.file.services !== undefined)
    problems.push(
      about(
        [...at, "port"],
        `is missing; nothing in ${showName(path)} says at which port it listens: give port, or kind: worker if it has none, or kind: job if it ends`,
      ),
    );
  const compose = ofCompose === undefined ? undefined : `${composed.path?.value} services.${ofCompose.name}`;
  const said = { ...ofCompose?.env, ...written.env };
  const needs = resolveNeeds(scene, at, name, written.needs, said, ofCompose?.needs, compose);
  const [connections] = projects.flatMap((project) => project.connections ?? []);
  const connected = connections === undefined ? {} : connect(scene, connections, needs);
  const env = { ...connected, ...said };
  for (const variable of Object.keys(connected))
    if (said[variable] === undefined) decisions.note([...at, "env", variable], connections?.from ?? "");
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
    needs,
    env: withoutPort(env),
    tell: written.tell ?? (port === undefined ? {} : { [`${toVariable(name)}_URL`]: `{${name}.url}` }),
    ...(written.metrics === undefined ? {} : { metrics: written.metrics }),
  };
}

/** What the program of a folder says that has a Dockerfile there, and belongs to a module above. */
function portsOfPrograms({ detected }: Scene, path: string): (Found<number> | undefined)[] {
  return detected.projects.flatMap((project) =>
    project.mains
      .filter(({ value }) => value !== "." && folderOf(project.path, value) === path)
      .map(({ port }) => port),
  );
}

/** The port of what is started: of several programs each has its own. */
function portOf({ language, mains, port }: Project, build: ServiceSettings["build"]): Found<number> | undefined {
  const main = "language" in build ? mains.find(({ value }) => value === build.main) : undefined;
  return language === "go" && main !== undefined && mains.length > 1 ? main.port : port;
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
  const places = PLACES.map((place) => `${place}${name}`)
    .filter((path) => isThere(outline, path))
    .map((path) => ({ value: path, from: "a folder of its name" }));
  const candidates = [
    ...composed.services
      .filter((one) => one.name === name)
      .map(({ path }) => ({ value: path, from: `${composed.path?.value} services.${name}.build` })),
    ...places.filter(({ value }) => projects.some(({ path }) => path === value)),
    ...projects.flatMap(({ path, mains }) =>
      mains.filter((main) => isCalled(main, name)).map(({ from }) => ({ value: path, from })),
    ),
    ...places,
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
