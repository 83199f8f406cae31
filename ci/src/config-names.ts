import { z } from "zod";
import { nameSchema } from "./rollout/names.ts";
import { tellUnknown } from "./rollout/nearest-name.ts";
import { COLOURS, deploymentName } from "./rollout/objects.ts";
import type { Problem } from "./rollout/problems.ts";
import { showName } from "./rollout/shown.ts";

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
    return texts.map((text) => ({
      path: [...path, name],
      text: name === "" ? `the name is empty; ${text}` : text,
      aboutKey: true as const,
    }));
  });
}

function listTaken(services: Members): Problem[] {
  const names = [...services.keys()];
  return names.flatMap((name) => {
    const path = ["services", name];
    if (name === KAFKA)
      return [{ path, text: "cannot be used: this name belongs to the broker", aboutKey: true as const }];
    const other = names.find((one) => COLOURS.some((colour) => deploymentName(one, colour) === name));
    const text = `cannot be used: service ${other} has its pods under this name`;
    return other === undefined ? [] : [{ path, text, aboutKey: true as const }];
  });
}

function listUnknownNeeds(services: Members): Problem[] {
  const known = [...services.keys()];
  const needs = new Map([...services].map(([name, settings]) => [name, textsOf(memberOf(settings, "needs"))]));
  const unknown = [...needs].flatMap(([of, all]) =>
    [...all]
      .filter(([, needed]) => needed !== KAFKA && !services.has(needed))
      .map(([index, needed]) => ({
        path: ["services", of, "needs", index],
        text: tellUnknown("service", needed, [KAFKA, ...known.filter((other) => other !== of)]),
      })),
  );
  const circle = findCircle(new Map([...needs].map(([name, all]) => [name, [...all.values()]])));
  if (circle === undefined) return unknown;
  return [
    ...unknown,
    { path: ["services"], text: `these need each other in a circle: ${circle.map(showName).join(" -> ")}` },
  ];
}

function listFront(front: Members, services: Members): Problem[] {
  const ports = new Map<unknown, string>();
  return [...front].flatMap(([name, port]) => {
    const other = ports.get(port);
    if (!ports.has(port)) ports.set(port, name);
    return [
      ...(services.has(name)
        ? []
        : [
            {
              path: ["front", name],
              text: tellUnknown("service", name, [...services.keys()]),
              aboutKey: true as const,
            },
          ]),
      ...(other === undefined || typeof port !== "number"
        ? []
        : [
            {
              path: ["front", name],
              text: `expected another port than that of ${showName(other)}; found ${port} again`,
            },
          ]),
    ];
  });
}

function listRings(rings: Members): Problem[] {
  const before = new Map(
    [...rings].flatMap(([ring, rules]) => {
      const after = memberOf(rules, "after");
      return typeof after === "string" ? [[ring, [after]] as const] : [];
    }),
  );
  const unknown = [...before].flatMap(([ring, [after = ""]]) =>
    rings.has(after)
      ? []
      : [
          {
            path: ["rings", ring, "after"],
            text: tellUnknown(
              "ring",
              after,
              [...rings.keys()].filter((other) => other !== ring),
            ),
          },
        ],
  );
  const circle = findCircle(before);
  if (circle === undefined) return unknown;
  return [
    ...unknown,
    { path: ["rings"], text: `these come after each other in a circle: ${circle.map(showName).join(" -> ")}` },
  ];
}

function memberOf(value: unknown, name: string): unknown {
  return membersOf(value).get(name);
}

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : new Map();
}

/** The texts of a list, by their index. */
function textsOf(value: unknown): ReadonlyMap<number, string> {
  if (!Array.isArray(value)) return new Map();
  return new Map(value.flatMap((item: unknown, index) => (typeof item === "string" ? [[index, item] as const] : [])));
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
