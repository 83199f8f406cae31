import { isMap, isScalar, parseAllDocuments, visit } from "yaml";
import type { Settings } from "../config/settings.ts";
import { SET_UP } from "../input/setup-file.ts";
import { isBelow } from "../repository/outline.ts";

/**
 * What has to be in the cluster before the first deploy and no deploy brings: the commands, each with what it is for.
 *
 * @param manifests texts by path; of others it is not known which Secrets they name
 */
export function tellBeforeDeploy(settings: Settings, manifests: ReadonlyMap<string, string>): string[] {
  const rings = Object.values(settings.rings);
  if (rings.length === 0) return [];
  const commands = rings.flatMap(({ namespace, manifests: { path } }) =>
    [...listSecrets(textsOf(path, manifests))].map(
      ([secret, keys]) => `    kubectl --namespace ${namespace} create secret generic ${secret} ${literals(keys)}`,
    ),
  );
  return [
    "",
    "Before the first deploy",
    "  an administrator of the cluster creates the namespaces of the rings, and in each an account that may deploy there, once:",
    `    ${SET_UP}`,
    ...(commands.length === 0 ? [] : [ABOUT_SECRETS, ...commands]),
    ...(rings.some(({ approvals }) => approvals.quorum > 0) ? [] : [ABOUT_APPROVALS]),
  ];
}

const ABOUT_SECRETS =
  "  in each ring, create the Secrets that the pods read, such as the address of a database (Slipway starts one only for tests and for stack up):";

const ABOUT_APPROVALS =
  "  if people have to approve the releases of a ring, set approvals: { quorum: 1 } of that ring in slipway.yaml; slipway doctor then says how they sign";

/** Of a kustomization that is Slipway's own way, what lies beside it counts as well. */
function textsOf(path: string, manifests: ReadonlyMap<string, string>): string[] {
  return [...manifests].flatMap(([file, text]) => (isBelow(file, path) || isBelow(file, BASE) ? [text] : []));
}

const BASE = "manifests/base";

function literals(keys: ReadonlySet<string>): string {
  return [...keys].map((key) => `--from-literal=${key}=…`).join(" ");
}

/** The Secrets whose keys become variables of containers, each with these keys. What cannot be read says nothing here. */
function listSecrets(texts: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const document of texts.flatMap((text) => parseAllDocuments(text))) {
    visit(document, {
      Pair(_, { key, value }) {
        if (!isScalar(key) || key.value !== "secretKeyRef" || !isMap(value) || value.get("optional") === true) return;
        const [secret, variable] = [String(value.get("name")), String(value.get("key"))];
        found.set(secret, (found.get(secret) ?? new Set()).add(variable));
      },
    });
  }
  return found;
}
