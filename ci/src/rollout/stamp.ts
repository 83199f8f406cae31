import { entries, type Fields, fields } from "../input/fields.ts";
import { contentName } from "./canonical-json.ts";
import { ANNOTATION, type KubeObject } from "./objects.ts";

/** The object with the hash of itself, by which a later run sees whether it is as it should be. */
export function withContentHash(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [ANNOTATION.content]: contentName(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The specification of pods whose container of the service is told these variables, whatever it was told of them before. */
export function withEnvironment(podSpec: Fields, service: string, told: Readonly<Record<string, string>>): Fields {
  const containers = entries(podSpec["containers"]).map((entry) => {
    const container = fields(entry);
    if (container["name"] !== service) return entry;
    const kept = entries(container["env"]).filter((one) => !Object.hasOwn(told, String(fields(one)["name"])));
    return { ...container, env: [...kept, ...Object.entries(told).map(([name, value]) => ({ name, value }))] };
  });
  return { ...podSpec, containers };
}
