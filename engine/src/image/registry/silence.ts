import type { Reference } from "../reference.ts";
import { RegistryError } from "./fault.ts";

/**
 * What a registry's silence was for another image a moment ago, said of this one: the addresses in the message name it, that
 * of its manifest and that of the token for it.
 */
export function silenceFor(message: string, { repository, tag, digest }: Reference): RegistryError {
  const manifest = `/v2/${repository}/manifests/${digest ?? tag}`;
  const scope = `scope=${encodeURIComponent(`repository:${repository}:`)}`;
  return new RegistryError(
    "unreachable",
    message
      .replaceAll(/\/v2\/[^"\s]+\/manifests\/[^"\s]+/g, () => manifest)
      .replaceAll(/scope=repository%3A(?:%2F|[^"\s%&])+%3A/gi, () => scope),
  );
}
