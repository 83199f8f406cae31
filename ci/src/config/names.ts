import { z } from "zod";
import { nameSchema } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import { COLOURS, deploymentName } from "../rollout/objects.ts";
import { listCircle } from "./circles.ts";
import { type Members, memberOf, membersOf, textsOf } from "./members.ts";
import { listReferences } from "./references.ts";
import { type Known, listReferred } from "./referred.ts";
import { ringNameSchema } from "./ring-schema.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import type { BackingSettings } from "./settings.ts";
import { placeSchema } from "./values.ts";

/** The broker's name in `needs`, and its host name for everything that is bound to it. */
export const KAFKA = "kafka";

/** What there is beside the file: names that it may use. */
export interface KnownNames {
  /** Services that were found; they count when the file names none. */
  readonly services: readonly string[];
  /** Backing services of a compose file, with their kinds. */
  readonly backing: ReadonlyMap<string, BackingSettings["kind"]>;
}

/**
 * Names in slipway.yaml that do not go together. Takes the data as it was read, so that it is told at once with what is
 * wrong otherwise; what has another form than it should is passed over here.
 */
export function listContradictions(data: unknown, found: KnownNames = { services: [], backing: new Map() }): Problem[] {
  const services = membersOf(memberOf(data, "services"));
  const backing = membersOf(memberOf(data, "backing"));
  const checks = membersOf(memberOf(data, "checks"));
  const rings = membersOf(memberOf(data, "rings"));
  const front = membersOf(memberOf(data, "front"));
  const names = memberOf(data, "services") === undefined ? found.services : [...services.keys()];
  const known = knowNames(names, backing, found.backing);
  return [
    ...listWrongNames(["services"], services, nameSchema),
    ...listWrongNames(["backing"], backing, nameSchema),
    ...listWrongNames(["checks"], checks, checkName),
    ...listWrongVariables("services", services, serviceVariable),
    ...listWrongVariables("backing", backing, imageVariable),
    ...listWrongVariables("checks", checks, variableName),
    ...listWrongNames(["front"], front, nameSchema),
    ...listWrongNames(["rings"], rings, ringNameSchema),
    ...listWrongNames(["projects"], membersOf(memberOf(data, "projects")), placeSchema),
    ...listTaken(services, new Set([...BACKING_KINDS, ...backing.keys(), ...found.backing.keys()])),
    ...listUnknownNeeds("services", services, known),
    ...listUnknownNeeds("checks", checks, known),
    ...[...known.entries()].flatMap(([name, kind]) =>
      kind === "service" ? [] : listReferred(["backing", name], backing.get(name), known, ["tell"]),
    ),
    ...[...services].flatMap(([name, settings]) => listReferred(["services", name], settings, known, ["env", "tell"])),
    ...[...checks].flatMap(([name, settings]) => listReferred(["checks", name], settings, known, ["env"])),
    ...listCircle("services", "these need each other in a circle", mapNeeds(services)),
    ...listUnknownImages(services, names),
    ...listFront(front, names),
    ...listRings(rings, names),
    ...listPlaces(rings, memberOf(data, "providers")),
  ];
}

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected letters, digits and underscores, not beginning with a digit");

const serviceVariable = variableName.refine(
  (name) => name !== "PORT",
  "cannot be used: PORT is given by the service's port",
);

/** Images of others have variables such as `discovery.type`. */
const imageVariable = z.string().regex(/^[^=\s\p{C}]+$/u, "expected a name without = and blanks");

/** The checks that Slipway has by itself, and the verb that runs all. */
const checkName = nameSchema.refine(
  (name) => name !== "manifests" && name !== "test",
  "cannot be used: a function of Slipway has this name",
);

function knowNames(services: readonly string[], backing: Members, composed: KnownNames["backing"]): Known {
  const kinds: readonly string[] = [...BACKING_KINDS, "other"];
  const written = [...backing].map(([name, settings]) => {
    const kind = memberOf(settings, "kind") ?? composed.get(name) ?? name;
    return [
      name,
      typeof kind === "string" && kinds.includes(kind) ? (kind as BackingSettings["kind"]) : "other",
    ] as const;
  });
  return new Map<string, BackingSettings["kind"] | "service">([
    ...BACKING_KINDS.map((kind) => [kind, kind] as const),
    ...composed,
    ...written,
    ...services.map((name) => [name, "service"] as const),
  ]);
}

/** Apart from the schema, because a wrong name would keep it from looking at what stands behind it. */
function listWrongNames(path: readonly string[], members: Members, rule: z.ZodType<string>): Problem[] {
  return [...members.keys()].flatMap((name) => {
    const read = rule.safeParse(name);
    const texts = read.success ? [] : read.error.issues.map(({ message }) => message);
    return texts.map((text) => about([...path, name], name === "" ? `the name is empty; ${text}` : text, true));
  });
}

function listWrongVariables(section: string, members: Members, rule: z.ZodType<string>): Problem[] {
  return [...members].flatMap(([name, settings]) =>
    ["env", "tell"].flatMap((part) =>
      listWrongNames([section, name, part], membersOf(memberOf(settings, part)), part === "env" ? rule : variableName),
    ),
  );
}

function listTaken(services: Members, ofBacking: ReadonlySet<string>): Problem[] {
  const names = [...services.keys()];
  return names.flatMap((name) => {
    const path = ["services", name];
    if (name === KAFKA) return [about(path, "cannot be used: this name belongs to the broker", true)];
    if (ofBacking.has(name)) return [about(path, "cannot be used: this name belongs to a backing service", true)];
    const other = names.find((one) => COLOURS.some((colour) => deploymentName(one, colour) === name));
    return other === undefined
      ? []
      : [about(path, `cannot be used: service ${other} has its pods under this name`, true)];
  });
}

function listUnknownNeeds(section: string, members: Members, known: Known): Problem[] {
  return [...members].flatMap(([of, settings]) =>
    [...textsOf(memberOf(settings, "needs"))]
      .filter(([, needed]) => !known.has(needed))
      .map(([index, needed]) => {
        const choices = [...known.keys()].filter((other) => section !== "services" || other !== of);
        return about([section, of, "needs", index], tellUnknown("service", needed, choices));
      }),
  );
}

/** What a service needs: what it says, and what its variables refer to. */
function mapNeeds(services: Members): Map<string, string[]> {
  return new Map(
    [...services].map(([name, settings]) => {
      const values = [...membersOf(memberOf(settings, "env")).values()].filter((value) => typeof value === "string");
      const referred = values.flatMap((value) => listReferences(value).map((one) => one.name));
      const needed = [...textsOf(memberOf(settings, "needs")).values(), ...referred.filter((one) => one !== name)];
      return [name, needed];
    }),
  );
}

function listUnknownImages(services: Members, names: readonly string[]): Problem[] {
  const named = [...services].flatMap(([name, settings]) => {
    const of = memberOf(settings, "build", "imageOf");
    return typeof of === "string" ? [{ name, of }] : [];
  });
  const unknown = named
    .filter(({ of }) => !names.includes(of))
    .map(({ name, of }) => {
      const choices = names.filter((other) => other !== name);
      return about(["services", name, "build", "imageOf"], tellUnknown("service", of, choices));
    });
  const chains = new Map(named.map(({ name, of }) => [name, [of]]));
  return [...unknown, ...listCircle("services", "these have each other's image in a circle", chains)];
}

function listFront(front: Members, services: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<unknown, string>();
  for (const [name, port] of front) {
    const path = ["front", name];
    if (!services.includes(name)) problems.push(about(path, tellUnknown("service", name, services), true));
    const other = owners.get(port);
    if (other === undefined) owners.set(port, name);
    else if (typeof port === "number")
      problems.push(about(path, `expected a port other than that of ${showName(other)}; found ${port} again`));
  }
  return problems;
}

/** Where the job that publishes keeps its secrets in CI systems. */
const PUBLISH = "publish";

/** The jobs of a ring see the secrets of its name, and those of no other job. */
function listPlaces(rings: Members, providers: unknown): Problem[] {
  const delivers = [...textsOf(providers)].length > 0 || [...membersOf(providers).values()].some(isDelivering);
  if (!delivers || !rings.has(PUBLISH)) return [];
  const text = "cannot be used with providers: the job that publishes has its secrets under this name";
  return [about(["rings", PUBLISH], text, true)];
}

function isDelivering(provider: unknown): boolean {
  return memberOf(provider, "deliver") !== false;
}

function listRings(rings: Members, services: readonly string[]): Problem[] {
  const before = [...rings].flatMap(([ring, rules]) => {
    const after = memberOf(rules, "after");
    return typeof after === "string" ? [{ ring, after }] : [];
  });
  const unknown = before
    .filter(({ after }) => !rings.has(after))
    .map(({ ring, after }) => {
      const choices = [...rings.keys()].filter((other) => other !== ring);
      return about(["rings", ring, "after"], tellUnknown("ring", after, choices));
    });
  const strange = [...rings].flatMap(([ring, rules]) =>
    [...membersOf(memberOf(rules, "deployments")).keys()]
      .filter((name) => !services.includes(name))
      .map((name) => about(["rings", ring, "deployments", name], tellUnknown("service", name, services), true)),
  );
  const named = new Map(before.map(({ ring, after }) => [ring, [after]]));
  return [...unknown, ...strange, ...listCircle("rings", "these come after each other in a circle", named)];
}
