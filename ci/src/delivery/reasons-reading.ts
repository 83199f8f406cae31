import { REQUEST_TIMEOUT } from "../cluster/ask.ts";
import { tellComplaint } from "../cluster/complaints.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { readItems } from "./ring.ts";

/** What is read beside the ring itself while its pods do not come up. */
export interface Reasons {
  readonly items: readonly KubeObject[];
  /** What could not be read, and why, one line each. */
  readonly unread: readonly string[];
}

/**
 * ReplicaSets and the events that warn: some reasons why pods do not come up stand nowhere else. They may be many, so
 * they are read only when something is missing. An account that may not read them deploys all the same.
 */
export async function readReasons(kubectl: Kubectl, namespace: string): Promise<Reasons> {
  const kinds = [
    { what: "ReplicaSets", args: ["replicasets.apps"] },
    { what: "events", args: ["events", "--field-selector=type=Warning"] },
  ];
  const read = await Promise.all(
    kinds.map(async ({ what, args }) => {
      const answer = await kubectl.run(["get", ...args, `--namespace=${namespace}`, "--output=json", REQUEST_TIMEOUT]);
      if (judgeAnswer(answer) === "done") return { items: readItems(answer.stdout), unread: [] };
      return { items: [], unread: [`${what} could not be read, and may say why: ${tellComplaint(answer)}`] };
    }),
  );
  return { items: read.flatMap(({ items }) => items), unread: read.flatMap(({ unread }) => unread) };
}
