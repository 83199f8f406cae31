import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { AUTOSCALER } from "./fixtures.ts";

export type Fields = Record<string, unknown>;

export function withSpec(spec: Fields, more: Fields = {}): KubeObject {
  return { ...AUTOSCALER, ...more, spec: { ...(AUTOSCALER["spec"] as Fields), ...spec } };
}

export function specOf(object: KubeObject | undefined) {
  return (object?.["spec"] ?? {}) as Fields;
}
