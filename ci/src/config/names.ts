import { z } from "zod";
import { entries, fields } from "../input/fields.ts";
import { nameSchema, ownValue } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import { COLOURS, deploymentName } from "../rollout/objects.ts";

/** The broker's name in `needs`, and its host name for everything that is bound to it. */
export const KAFKA = "kafka";

/**
 * Names in slipway.yaml that do not go together. Takes the data as it was read, so that it is told at once with what is
 * wrong otherwise; what has another form than it should is passed over here.
 */
export function listContradictions(data: unknown): Problem[] {
  const services = membersOf(memberOf(data, "services"));
  const rings = membersOf(memberOf(data, "rings"));
  const front = membersOf(memberOf(data, "front"));
  return [
    ...listWrongNames(["services"], services, nameSchema),
    ...[...services].flatMap(([name, settings]) =>
      listWrongNames(["services", name, "env"], membersOf(memberOf(settings, "env")), variableName),
    ),
    ...listWrongNames(["front"], front, nameSchema),
    ...listWrongNames(["rings"], rings, ringName),
    ...listTaken(services),
    ...listUnknownNeeds(services),
    ...listFront(front, services),
    ...listRings(rings),
  ];
}

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected letters, digits and underscores, not beginning with a digit")
  .refine((name) => name !== "PORT", "cannot be used: PORT is given by the service's port");

/** Kubernetes keeps names with this beginning for itself. */
const ringName = nameSchema.refine((name) => !name.startsWith("kube-"), "cannot be used: Kubernetes keeps kube-…");

type Members = ReadonlyMap<string, unknown>;

/** Apart from the schema, because a wrong name would keep it from looking at what stands behind it. */
function listWrongNames(path: readonly string[], members: Members, rule: z.ZodType<string>): Problem[] {
  return [...members.keys()].flatMap((name) => {
    const read = rule.safeParse(name);
    const texts = read.success ? [] : read.error.issues.map(({ message }) => message);
    return texts.map((text) => about([...path, name], name === "" ? `the name is empty; ${text}` : text, true));
  });
}

function listTaken(services: Members): Problem[] {
  const names = [...services.keys()];
  return names.flatMap((name) => {
    const path = ["services", name];
    if (name === KAFKA) return [about(path, "cannot be used: this name belongs to the broker", true)];
    const other = names.find((one) => COLOURS.some((colour) => deploymentName(one, colour) === name));
    return other === undefined
      ? []
      : [about(path, `cannot be used: service ${other} has its pods under this name`, true)];
  });
}

function listUnknownNeeds(services: Members): Problem[] {
  const known = [...services.keys()];
  const needs = new Map([...services].map(([name, settings]) => [name, textsOf(memberOf(settings, "needs"))]));
  const unknown = [...needs].flatMap(([of, all]) =>
    [...all]
      .filter(([, needed]) => needed !== KAFKA && !services.has(needed))
      .map(([index, needed]) => {
        const choices = [KAFKA, ...known.filter((other) => other !== of)];
        return about(["services", of, "needs", index], tellUnknown("service", needed, choices));
      }),
  );
  const named = new Map([...needs].map(([name, all]) => [name, [...all.values()]]));
  return [...unknown, ...listCircle("services", "these need each other in a circle", named)];
}

function listFront(front: Members, services: Members): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<unknown, string>();
  for (const [name, port] of front) {
    const path = ["front", name];
    if (!services.has(name)) problems.push(about(path, tellUnknown("service", name, [...services.keys()]), true));
    const other = owners.get(port);
    if (other === undefined) owners.set(port, name);
    else if (typeof port === "number")
      problems.push(about(path, `expected another port than that of ${showName(other)}; found ${port} again`));
  }
  return problems;
}

function listRings(rings: Members): Problem[] {
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
  const named = new Map(before.map(({ ring, after }) => [ring, [after]]));
  return [...unknown, ...listCircle("rings", "these come after each other in a circle", named)];
}

function memberOf(value: unknown, name: string): unknown {
  return ownValue(fields(value), name);
}

function membersOf(value: unknown): Members {
  return new Map(Object.entries(fields(value)));
}

/** The texts of a list, by their index. */
function textsOf(value: unknown): ReadonlyMap<number, string> {
  return new Map(entries(value).flatMap((item, index) => (typeof item === "string" ? [[index, item] as const] : [])));
}

function listCircle(section: string, text: string, needs: ReadonlyMap<string, readonly string[]>): Problem[] {
  const circle = findCircle(needs);
  return circle === undefined ? [] : [about([section], `${text}: ${circle.map(showName).join(" -> ")}`)];
}

/** The names along one circle of needs, the first one again at the end; `undefined` when there is none. */
function findCircle(needs: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (at: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const next of needs.get(at) ?? []) {
      const circle = walk(next, [...path, at]);
      if (circle !== undefined) return circle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of needs.keys()) {
    const circle = walk(start, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
