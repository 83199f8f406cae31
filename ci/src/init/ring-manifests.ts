import { stringify } from "yaml";
import type { Settings } from "../config/settings.ts";
import { FOR_ALL_READERS } from "../input/yaml-words.ts";
import { isReleased, serviceManifests } from "./service-manifests.ts";

/** Where the manifests that `init` writes lie. */
const FOLDER = "manifests";

type Described = Pick<Settings, "services" | "backing" | "product">;

/**
 * The manifests of rings, by path: what they have in common, a file for each service, and a folder for each ring.
 *
 * They are a beginning: resources, variables and the number of pods are the team's own.
 */
export function ringManifests(
  settings: Described,
  rings: readonly { readonly ring: string; readonly namespace: string }[],
): Record<string, string> {
  const services = Object.entries(settings.services);
  const files = services.map(([name]) => `${name}.yaml`);
  return {
    [`${FOLDER}/base/kustomization.yaml`]: kustomization(
      "What all rings have in common. Rings are the folders beside this one.",
      {
        resources: ["account.yaml", "network.yaml", ...files],
        labels: [{ pairs: { "app.kubernetes.io/part-of": settings.product } }],
      },
    ),
    [`${FOLDER}/base/account.yaml`]: `# The pods need nothing of the API of Kubernetes.\n${stringify(
      {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: settings.product },
        automountServiceAccountToken: false,
      },
      FOR_ALL_READERS,
    )}`,
    [`${FOLDER}/base/network.yaml`]: NETWORK,
    ...Object.fromEntries(
      services.map(([name, service]) => [
        `${FOLDER}/base/${name}.yaml`,
        `${aboutService(name, service)}${serviceManifests(name, service, settings)}`,
      ]),
    ),
    ...Object.fromEntries(
      rings.map(({ ring, namespace }) => [
        `${FOLDER}/${ring}/kustomization.yaml`,
        kustomization(`The ring ${ring}: what differs from the base stands below as patches.`, {
          namespace,
          resources: ["../base"],
        }),
      ]),
    ),
  };
}

function kustomization(about: string, content: Readonly<Record<string, unknown>>): string {
  const head = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
  return `# ${about}\n${stringify({ ...head, ...content }, { lineWidth: 0, ...FOR_ALL_READERS })}`;
}

function aboutService(name: string, service: Settings["services"][string]): string {
  if (!isReleased(service))
    return "# Its image is built elsewhere: it is deployed as written here, and is not part of a release.\n";
  const colours = `${name}-blue and ${name}-green`;
  const about = {
    service: [
      `# Slipway makes two Deployments of this one, ${colours}; it fills in the image, the colour and the number of pods.`,
      "# The Service has no selector here: it is the switch between the two.",
    ],
    worker: [
      `# Slipway makes two Deployments of this one, ${colours}; it fills in the image, the colour and the number of pods.`,
      "# Both work for a while: a candidate begins before the old one ends.",
    ],
    job: [
      `# Each release runs this once in a ring, before anything else of it, as ${name}-RELEASE; Slipway fills in the image.`,
      "# When it fails the release is refused. What runs meanwhile, and after a rollback, has to work with what it did.",
    ],
  }[service.kind];
  return [...about, ""].join("\n");
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
