import { entries, fields, isFields } from "../../input/fields.ts";
import type { KubeObject } from "../objects.ts";

/** Those who put an object back to what they know, sooner or later, by the name under which they write. */
const KEEPERS: readonly { readonly pattern: RegExp; readonly who: string }[] = [
  { pattern: /^helm$/i, who: "Helm" },
  { pattern: /^argocd/i, who: "Argo CD" },
  { pattern: /^(kustomize|helm)-controller$/, who: "Flux" },
];

/**
 * Who else has written what a release would change of an object: those who would undo it, in plain words, and the names of
 * the others, from whom it is taken over. Slipway itself is not among them, nor who has written other fields alone. None
 * when the fields' owners were not read.
 *
 * @param parts the members of `spec` that are written; left out: all
 */
export function findOwnersOf(
  { metadata }: KubeObject,
  parts?: readonly string[],
): { readonly keepers: readonly string[]; readonly others: readonly string[] } {
  const managers = entries(metadata["managedFields"])
    .map(fields)
    .filter(({ subresource, fieldsV1 }) => (subresource ?? "") === "" && writes(fieldsV1, parts))
    .map(({ manager }) => String(manager))
    .filter((manager) => !/^slipway(-|$)/.test(manager));
  const keeperOf = (manager: string) => KEEPERS.find(({ pattern }) => pattern.test(manager))?.who;
  return {
    keepers: [...new Set(managers.flatMap((manager) => keeperOf(manager) ?? []))],
    others: [...new Set(managers.filter((manager) => keeperOf(manager) === undefined))],
  };
}

function writes(owned: unknown, parts: readonly string[] | undefined): boolean {
  const spec = fields(owned)["f:spec"];
  if (parts === undefined) return Object.keys(fields(owned)).some((key) => key !== "f:metadata" && key !== "f:status");
  return isFields(spec) && parts.some((part) => spec[`f:${part}`] !== undefined);
}
