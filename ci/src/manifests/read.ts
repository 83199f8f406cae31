import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { listProblems, tellProblem } from "../input/problems.ts";
import type { KubeObject } from "../rollout/objects.ts";
import type { Source } from "./render.ts";

/** The command that prints what such manifests come to. */
const PRINTING = { kustomize: "kubectl kustomize", helm: "helm template" } as const;

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

/**
 * Reads what `kubectl kustomize` printed for a ring.
 *
 * @throws SlipwayError `bad-manifest` with every problem: what is no Kubernetes object, or lies in another namespace
 * than the ring's.
 */
export function readManifests(
  text: string,
  ring: string,
  { namespace, manifests }: { readonly namespace: string; readonly manifests: Pick<Source, "path" | "kind"> },
): KubeObject[] {
  const problems: string[] = [];
  const objects: KubeObject[] = [];
  for (const [index, document] of parseAllDocuments(text, { prettyErrors: true }).entries()) {
    if (!("toJS" in document)) continue;
    const faults = [...document.errors, ...document.warnings].map(({ message }) => message.split("\n")[0]);
    if (faults.length > 0) {
      problems.push(`object ${index + 1}: ${faults.join("; ")}`);
      continue;
    }
    const content: unknown = document.toJS();
    if (content === null) continue;
    const parsed = objectSchema.safeParse(content);
    if (!parsed.success) {
      problems.push(`object ${index + 1}: ${listProblems(parsed.error, content).map(tellProblem).join("; ")}`);
      continue;
    }
    const { kind, metadata } = parsed.data;
    if (metadata.namespace !== undefined && metadata.namespace !== namespace)
      problems.push(
        `${kind} ${metadata.name} is in namespace ${metadata.namespace}, and ring ${ring} is namespace ${namespace}`,
      );
    objects.push(parsed.data as KubeObject);
  }
  if (problems.length > 0) {
    throw new SlipwayError("bad-manifest", {
      what: [`the manifests of ring ${ring} cannot be used:`, ...problems.map((line) => `  ${line}`)].join("\n"),
      where: manifests.path,
      todo:
        manifests.kind === "plain"
          ? "correct the files"
          : `print them with ${PRINTING[manifests.kind]} ${manifests.path}, and correct the files`,
    });
  }
  return objects;
}
