/** What a deploy does in a ring. */
export const DEPLOYER = "slipway-deployer";

/** What a deploy reads of the ring before. */
export const LEDGER_READER = "slipway-ledger-reader";

export type RoleName = typeof DEPLOYER | typeof LEDGER_READER;

/** The roles as manifests. They are the same for every product, so that several can share a cluster. */
export const DEPLOYER_ROLES = `# What a deploy does, and nothing else: it reads no Secret, and deletes only what it has made itself: ConfigMaps that no
# release reads any more, and autoscalers and Jobs of releases that are gone. Bound in each ring's namespace only.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${DEPLOYER}
rules:
  - apiGroups: [""]
    resources: [configmaps, services, serviceaccounts]
    verbs: [get, list, watch, create, patch, update]
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [delete]
  - apiGroups: [apps]
    resources: [deployments, statefulsets]
    verbs: [get, list, watch, create, patch, update]
  - apiGroups: [autoscaling]
    resources: [horizontalpodautoscalers]
    verbs: [get, list, watch, create, patch, update, delete]
  # Where a release has a job (\`kind: job\` in slipway.yaml). A Job may do nothing that the pods of a Deployment may not.
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [get, list, watch, create, patch, delete]
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, list, watch, create, patch, update]
  - apiGroups: [policy]
    resources: [poddisruptionbudgets]
    verbs: [get, list, watch, create, patch, update]
  - apiGroups: [networking.k8s.io]
    resources: [networkpolicies]
    verbs: [get, list, watch, create, patch, update]
  - apiGroups: [apps]
    resources: [replicasets]
    verbs: [get, list, watch]
  - apiGroups: [discovery.k8s.io]
    resources: [endpointslices]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [pods, pods/log, events]
    verbs: [get, list, watch]
  # A release is asked whether it works, by the API server's way to Services.
  - apiGroups: [""]
    resources: [services/proxy]
    verbs: [get]
  # In the bake its pods are asked what they count (\`metrics\` in slipway.yaml). This opens GET, and nothing but GET, of every
  # port of every pod in the ring, through the API server. Without \`metrics\` it can go.
  - apiGroups: [""]
    resources: [pods/proxy]
    verbs: [get]
---
# Besides, where the manifests of a ring have Secrets: bind it to the ring's account \`deployer\` like \`slipway-deployer\`. The
# account can then read every Secret of the namespace.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: slipway-deployer-secrets
rules:
  - apiGroups: [""]
    resources: [secrets]
    verbs: [get, list, watch, create, patch, update, delete]
---
# Of the ring before, a deploy reads which releases have proved themselves there.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${LEDGER_READER}
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get, list]
`;
