import { VERSION } from "../version.ts";
import type { Contents, Package } from "./program/contents/package.ts";
import { isOfSystem, purlOf } from "./purl.ts";
import type { Subject } from "./statement.ts";

/** What a bill of materials is about. */
export interface Image extends Subject {
  /** `linux/arm64`, where one of several is meant. */
  readonly platform?: string | undefined;
}

/**
 * What is in an image as CycloneDX 1.6. Without a time and a serial number: the same image gives the same bytes.
 */
export function describeContents(image: Image, { packages, unread, system }: Contents): unknown {
  const reference = `pkg:oci/${image.name.split("/").at(-1)}@${encodeURIComponent(image.digest)}`;
  const components = mergePackages(packages, system);
  const properties = [
    ...(image.platform === undefined ? [] : [{ name: "slipway:platform", value: image.platform }]),
    ...unread.map((value) => ({ name: "slipway:unread", value })),
  ];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      tools: { components: [{ type: "application", name: "slipway", version: VERSION }] },
      component: { type: "container", "bom-ref": reference, name: image.name, version: image.digest },
      ...(properties.length === 0 ? {} : { properties }),
    },
    components: [...(system === undefined ? [] : [describeSystem(system)]), ...components],
    // Whether something was put there by hand that says nothing of itself, nobody can know.
    compositions: [{ aggregate: unread.length === 0 ? "unknown" : "incomplete", assemblies: [reference] }],
  };
}

function describeSystem({ id, version }: NonNullable<Contents["system"]>) {
  const reference = `os:${id}@${version}`;
  return { type: "operating-system", "bom-ref": reference, name: id, ...(version === "" ? {} : { version }) };
}

/** One component for each package, with all places that name it; in the order of their names. */
function mergePackages(packages: readonly Package[], system: Contents["system"]) {
  const merged = new Map<string, { one: Package; purl: string | undefined; places: Set<string> }>();
  for (const one of packages.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))) {
    const purl = purlOf(one, system);
    const key = purl ?? `jar:${one.name}@${one.version}#${one.sha256}`;
    const known = merged.get(key) ?? { one, purl, places: new Set() };
    known.places.add(one.from);
    merged.set(key, known);
  }
  return [...merged]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, { one, purl, places }]) => ({
      type: "library",
      "bom-ref": key,
      ...(one.namespace === undefined || isOfSystem(one.kind) ? {} : { group: one.namespace }),
      name: one.name,
      version: one.version,
      ...(one.sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: one.sha256 }] }),
      ...(purl === undefined ? {} : { purl }),
      evidence: { occurrences: [...places].sort().map((location) => ({ location })) },
    }));
}
