import { tellNearest } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { type Members, memberOf, membersOf } from "./members.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import type { BackingSettings } from "./settings.ts";

type Kind = BackingSettings["kind"];

/** What within one service, backing service, check or ring does not go together. Takes the data as it was read. */
export function listClashes(data: unknown, composed: ReadonlyMap<string, Kind>): Problem[] {
  const each = (section: string, list: (path: readonly string[], settings: unknown) => Problem[]) =>
    [...membersOf(memberOf(data, section))].flatMap(([name, settings]) => list([section, name], settings));
  return [
    ...each("services", listServiceClashes),
    ...each("backing", (path, settings) => listBackingClashes(path, settings, composed)),
    ...each("checks", listCheckClashes),
    ...each("rings", listRingClashes),
    ...listSharedNamespaces(membersOf(memberOf(data, "rings"))),
    ...each("rings", (path, ring) =>
      listSharedDeployments(path, membersOf(memberOf(ring, "deployments")), membersOf(memberOf(data, "services"))),
    ),
    ...listWorkersInFront(membersOf(memberOf(data, "services")), membersOf(memberOf(data, "front"))),
  ];
}

/** The ways to make an image, by the key that decides, with what else may stand beside it. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  dockerfile: ["context", "target", "args", "start"],
  image: ["start"],
  imageOf: ["start"],
  output: ["language", "start", "main", "reads"],
};

function listServiceClashes(path: readonly string[], settings: unknown): Problem[] {
  const kind = memberOf(settings, "kind");
  const withPort = ["port", "metrics", "probe"].filter((key) => memberOf(settings, key) !== undefined);
  const noPort =
    kind === "worker" || kind === "job"
      ? withPort
          .filter((key) => key !== "metrics" || kind === "job")
          .map((key) =>
            about([...path, key], `cannot be used: a ${kind} answers no requests; kind: service does`, true),
          )
      : [];
  return [...noPort, ...listBuildClashes([...path, "build"], memberOf(settings, "build"))];
}

function listBuildClashes(path: readonly string[], build: unknown): Problem[] {
  const keys = [...membersOf(build).keys()];
  const language = memberOf(build, "language");
  const way =
    Object.keys(BUILDS).find((key) => keys.includes(key)) ?? (language === "dockerfile" ? "dockerfile" : undefined);
  if (way !== undefined) {
    const allowed = [
      way,
      ...(BUILDS[way] ?? []),
      ...(language === "dockerfile" && way === "dockerfile" ? ["language"] : []),
    ];
    return keys
      .filter((key) => !allowed.includes(key))
      .map((key) => about([...path, key], `cannot be used together with ${way}`, true));
  }
  // Without `dockerfile` it may still be the one in the folder; with a language of its own it is not.
  const ofDockerfile = ["context", "target", "args"].filter((key) => keys.includes(key));
  const foreign = language === undefined ? ["main"].filter((key) => keys.includes(key)) : ofDockerfile;
  const both = language !== undefined || ofDockerfile.length > 0 ? foreign : [];
  return both.map((key) =>
    about(
      [...path, key],
      `cannot be used together with ${language === undefined ? ofDockerfile[0] : "language"}`,
      true,
    ),
  );
}

/** Keys of backing services that only some kinds have. */
const ONLY: Readonly<Record<string, readonly Kind[]>> = {
  topics: ["kafka"],
  sql: ["postgres"],
  database: ["postgres"],
  user: ["postgres", "rabbitmq"],
  password: ["postgres", "rabbitmq"],
};

function listBackingClashes(
  path: readonly string[],
  settings: unknown,
  composed: ReadonlyMap<string, Kind>,
): Problem[] {
  const name = path.at(-1) ?? "";
  const kind = memberOf(settings, "kind") ?? composed.get(name) ?? (isWord(name) ? name : "other");
  if (typeof kind !== "string") return [];
  const foreign = Object.entries(ONLY)
    .filter(([key, kinds]) => memberOf(settings, key) !== undefined && !(kinds as readonly string[]).includes(kind))
    .map(([key, kinds]) =>
      about([...path, key], `cannot be used: only ${kinds.join(" and ")} can have it, this is ${kind}`, true),
    );
  if (kind !== "other" || composed.has(name)) return foreign;
  const meant = tellNearest(name, BACKING_KINDS);
  const missing = ["image", "port"]
    .filter((key) => memberOf(settings, key) === undefined)
    .map((key) => about([...path, key], `is missing; ${name} is not known by its name alone${meant}`));
  return [...foreign, ...missing];
}

function listCheckClashes(path: readonly string[], settings: unknown): Problem[] {
  const both = memberOf(settings, "image") !== undefined && memberOf(settings, "language") !== undefined;
  return both ? [about([...path, "language"], "cannot be used together with image", true)] : [];
}

/** A Deployment runs one service: that of its name, unless that one's has another name itself. */
function listSharedDeployments(path: readonly string[], deployments: Members, services: Members): Problem[] {
  const taken = new Map([...services.keys()].filter((name) => !deployments.has(name)).map((name) => [name, name]));
  const problems: Problem[] = [];
  for (const [service, deployment] of deployments) {
    if (typeof deployment !== "string") continue;
    if (memberOf(services.get(service), "kind") === "job")
      problems.push(about([...path, "deployments", service], "cannot be used: a job has no Deployment", true));
    const other = taken.get(deployment);
    if (other === undefined) taken.set(deployment, service);
    else
      problems.push(
        about([...path, "deployments", service], `expected a Deployment of its own; ${deployment} is that of ${other}`),
      );
  }
  return problems;
}

/** A ring is a whole namespace: its record, its lease and its ledger have one name in each. */
function listSharedNamespaces(rings: Members): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [ring, rules] of rings) {
    const written = memberOf(rules, "namespace");
    const namespace = typeof written === "string" ? written : ring;
    const other = taken.get(namespace);
    if (other === undefined) taken.set(namespace, ring);
    else
      problems.push(
        about(
          ["rings", ring, ...(typeof written === "string" ? ["namespace"] : [])],
          `expected a namespace of its own; ${namespace} is that of ring ${other}`,
          typeof written !== "string",
        ),
      );
  }
  return problems;
}

function listRingClashes(path: readonly string[], settings: unknown): Problem[] {
  const kind = memberOf(settings, "manifests", "kind");
  return memberOf(settings, "manifests", "values") !== undefined && kind !== undefined && kind !== "helm"
    ? [about([...path, "manifests", "values"], `cannot be used: only helm has values, this is ${String(kind)}`, true)]
    : [];
}

function listWorkersInFront(services: Members, front: Members): Problem[] {
  return [...front.keys()].flatMap((name) => {
    const kind = memberOf(services.get(name), "kind");
    return kind === "worker" || kind === "job"
      ? [about(["front", name], `cannot be used: ${name} is a ${kind}, so it answers no requests`, true)]
      : [];
  });
}

function isWord(name: string): name is (typeof BACKING_KINDS)[number] {
  return (BACKING_KINDS as readonly string[]).includes(name);
}
