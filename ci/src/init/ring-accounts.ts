import { parseAllDocuments, stringify } from "yaml";
import type { RingSettings } from "../config/settings.ts";
import { SET_UP } from "../input/setup-file.ts";
import { FOR_ALL_READERS } from "../input/yaml-words.ts";
import { DEPLOYER, DEPLOYER_ROLES, LEDGER_READER, type RoleName } from "./deployer-roles.ts";

type Ring = Pick<RingSettings, "namespace" | "after" | "rules">;
type Rings = Readonly<Record<string, Ring>>;

/** The account of a ring, in its namespace. */
const ACCOUNT = "deployer";

/**
 * What the cluster has to have before the first deploy, as one file: the namespaces of the rings, an account in each, and the
 * rights of these accounts.
 *
 * It is for an administrator to apply: who deploys should not be one who may make namespaces and give rights.
 */
export function writeRingAccounts(rings: Rings): string {
  const [first = ""] = Object.values(rings).map(({ namespace }) => namespace);
  const objects = Object.entries(rings).flatMap(([ring, settings]) => objectsOf(ring, settings, rings));
  return `${about(first)}${DEPLOYER_ROLES}${objects.map((object) => `---\n${stringify(object, FOR_ALL_READERS)}`).join("")}`;
}

/** The rings whose namespaces a text says nothing of. A text that nobody can read says nothing at all. */
export function findUnprepared(rings: Rings, text: string): string[] {
  const prepared = new Set(
    parseAllDocuments(text).flatMap((document) =>
      "errors" in document && document.errors.length === 0 && document.get("kind") === "RoleBinding"
        ? [document.getIn(["metadata", "namespace"])]
        : [],
    ),
  );
  return Object.entries(rings).flatMap(([ring, { namespace }]) => (prepared.has(namespace) ? [] : [ring]));
}

function about(namespace: string): string {
  return `# What a deploy finds in the cluster: for each ring its namespace, and in it the account \`${ACCOUNT}\`. Once for each cluster, by an
# administrator, and again when it changes (Slipway never does it):
#
#     ${SET_UP}
#
# After that nobody needs more than the account of a ring:
#
#     kubectl --namespace ${namespace} create token ${ACCOUNT} --duration=1h
#
`;
}

function objectsOf(ring: string, { namespace, after, rules }: Ring, rings: Rings): unknown[] {
  const account = { kind: "ServiceAccount", name: ACCOUNT, namespace };
  const before = after === null ? undefined : rings[after];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "slipway.dev/ring": ring, ...podSecurity(rules) } },
    },
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: ACCOUNT, namespace },
      automountServiceAccountToken: false,
    },
    binding({ name: ACCOUNT, namespace }, DEPLOYER, account),
    ...(before === undefined
      ? []
      : [binding({ name: `${ACCOUNT}-of-${ring}`, namespace: before.namespace }, LEDGER_READER, account)]),
  ];
}

function binding(metadata: { readonly name: string; readonly namespace: string }, role: RoleName, account: unknown) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [account],
  };
}

/** As strict as the rules for the manifests: a namespace that is only advised tells what it would not take. */
function podSecurity(rules: Ring["rules"]): Record<string, string> {
  const level = "restricted";
  if (rules === "off") return {};
  return {
    ...(rules === "restricted" ? { "pod-security.kubernetes.io/enforce": level } : {}),
    "pod-security.kubernetes.io/warn": level,
  };
}
