import { z } from "zod";
import { fields } from "../../input/fields.ts";
import { mapping } from "../../input/problems.ts";
import { readRecordText } from "../../input/record-text.ts";
import { contentName } from "../canonical-json.ts";
import { ANNOTATION, type KubeObject, LABEL } from "../objects.ts";

/** What a release changes of a Deployment. The rest, its number of pods above all, is left as it is. */
export const WRITTEN_FIELDS = [
  "template",
  "strategy",
  "minReadySeconds",
  "progressDeadlineSeconds",
  "revisionHistoryLimit",
  "paused",
] as const;

/** What Slipway notes on a Deployment about the release that it runs. */
export const NOTES = [ANNOTATION.content, ANNOTATION.secrets, LABEL.release] as const;

const earlierSchema = mapping({
  deployment: z.string(),
  /** It had pods, so that there is something to go back to. */
  hadPods: z.boolean(),
  /** Those of the written fields that it had. */
  spec: z.record(z.string(), z.unknown()),
  /** Those of the notes that it had; none when Slipway had not deployed it. */
  notes: z.record(z.string(), z.string()),
});

/** What a Deployment was before a release changed it. */
export type Earlier = z.output<typeof earlierSchema>;

/** The part of a Deployment that a release changes, as it is now. */
export function readEarlier({ metadata, spec }: KubeObject): Earlier {
  const there = fields(spec);
  const annotations = metadata.annotations ?? {};
  return {
    deployment: metadata.name,
    hadPods: there["replicas"] !== 0,
    spec: Object.fromEntries(
      WRITTEN_FIELDS.flatMap((name) => (there[name] === undefined ? [] : [[name, there[name]]])),
    ),
    notes: Object.fromEntries(
      NOTES.flatMap((name) => (annotations[name] === undefined ? [] : [[name, annotations[name]]])),
    ),
  };
}

/** A Kubernetes name has at most this many characters. */
const MAX_NAME = 253;
const HASH_DIGITS = 10;

/**
 * What keeps it in the ring. Revisions of Kubernetes would not do: `revisionHistoryLimit` may be 0. Its name is its
 * content's, so that it is never written a second time.
 */
export function earlierObject(earlier: Earlier, ring: string): KubeObject {
  const content = contentName(earlier);
  const stem = `slipway-before-${earlier.deployment}`.slice(0, MAX_NAME - HASH_DIGITS - 1).replace(/[-.]+$/, "");
  const secrets = earlier.notes[ANNOTATION.secrets];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${stem}-${content.slice(0, HASH_DIGITS)}`,
      labels: { [LABEL.record]: "before", [LABEL.ring]: ring },
      annotations: {
        [ANNOTATION.content]: content,
        [ANNOTATION.deployment]: earlier.deployment,
        ...(secrets === undefined ? {} : { [ANNOTATION.secrets]: secrets }),
      },
    },
    immutable: true,
    data: { state: JSON.stringify(earlier) },
  };
}

/** `undefined` when it cannot be read: nobody can go back to it then. */
export function readEarlierText(text: string | undefined): Earlier | undefined {
  const read = readRecordText(earlierSchema, text ?? "");
  return "value" in read ? read.value : undefined;
}
