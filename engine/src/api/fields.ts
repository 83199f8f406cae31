import { cacheVolumeFields } from "./cache-volume.ts";
import { containerFields } from "./container.ts";
import { containerExecFields } from "./container-exec.ts";
import { containerFileFields } from "./container-files.ts";
import { containerImageFields } from "./container-image.ts";
import { containerMountFields } from "./container-mounts.ts";
import type { Field, Fields } from "./graph.ts";
import { secretFields } from "./secret.ts";
import { serviceFields } from "./service.ts";

/** All that is supported; a field that is not here is refused. */
export const fields: Fields = merge(
  cacheVolumeFields,
  containerFields,
  containerExecFields,
  containerFileFields,
  containerImageFields,
  containerMountFields,
  secretFields,
  serviceFields,
);

function merge(...parts: readonly Fields[]): Fields {
  const all: Record<string, Record<string, Field>> = {};
  for (const part of parts) {
    for (const [type, own] of Object.entries(part)) all[type] = { ...all[type], ...own };
  }
  return all;
}
