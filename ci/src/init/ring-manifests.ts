import { stringify } from "yaml";
import type { Settings } from "../config/settings.ts";
import { serviceManifests } from "./service-manifests.ts";

/** Where the manifests that `init` writes lie. */
const FOLDER = "manifests";

type Described = Pick<Settings, "services" | "backing" | "product">;

/** Whether a deploy brings the service into a ring: a job is run by somebody else. */
function isDeployed({ kind }: Settings["services"][string]): boolean {
  return kind !== "job";
}

/**
 * The manifests of rings, by path: what they have in common, a file for each service, and a folder for each ring.
 *
 * They are a beginning: resources, variables and the number of pods are the team's own.
 */
export function ringManifests(
  settings: Described,
  rings: readonly { readonly ring: string; readonly namespace: string }[],
): Record<string, string> {
  const services = Object.entries(settings.services).filter(([, service]) => isDeployed(service));
  const files = services.map(([name]) => `${name}.yaml`);
  return {
    [`${FOLDER}/base/kustomization.yaml`]: kustomization(
      "What every ring has in common. Rings are the folders beside this one.",
      {
        resources: ["account.yaml", "network.yaml", ...files],
        labels: [{ pairs: { "app.kubernetes.io/part-of": settings.product } }],
      },
    ),
    [`${FOLDER}/base/account.yaml`]: `# The pods need nothing of the API of Kubernetes.\n${stringify({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: settings.product },
      automountServiceAccountToken: false,
    })}`,
    [`${FOLDER}/base/network.yaml`]: NETWORK,
    ...Object.fromEntries(
      services.map(([name, service]) => [
        `${FOLDER}/base/${name}.yaml`,
        `${aboutService(name)}${serviceManifests(name, service, settings)}`,
      ]),
    ),
    ...Object.fromEntries(
      rings.map(({ ring, namespace }) => [
        `${FOLDER}/${ring}/kustomization.yaml`,
        kustomization(`The ring ${ring}: what is other here than in the base stands below as patches.`, {
          namespace,
          resources: ["../base"],
        }),
      ]),
    ),
  };
}

function kustomization(about: string, content: Readonly<Record<string, unknown>>): string {
  const head = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
  return `# ${about}\n${stringify({ ...head, ...content }, { lineWidth: 0 })}`;
}

function aboutService(name: string): string {
  return [
    `# Slipway makes two Deployments of this one, ${name}-blue and ${name}-green; it fills in the image, the colour and the number of pods.`,
    "# The Service has no selector here: it is the switch between the two.",
    "",
  ].join("\n");
}

const NETWORK = `# Everything that no policy opens is closed, in both directions. Names may be asked for.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: closed
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: names
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
`;
