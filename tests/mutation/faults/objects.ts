import { type Fault, inFile } from "./fault.ts";

/** Mistakes about objects of a release: copies, jobs, autoscalers, Deployments changed in place. */
export const OBJECT_FAULTS: readonly Fault[] = [
  ...inFile("copies.ts", [
    ["copies may be written", "immutable: true,", ""],
    ["everybody's copies have one name", "const content = contentName(original);", 'const content = "0".repeat(32);'],
    [
      "the broker loses what it reads",
      "for (const reference of listReads(object)) replaced.delete(keyOf(reference));",
      "{}",
    ],
    ["an empty object is copied", "Object.keys(fields(object[field])).length > 0", "true"],
    [
      "the Secret of a token is copied",
      'if (object["type"] === "kubernetes.io/service-account-token") return false;',
      "",
    ],
    ["a long name is not cut", ".slice(0, MAX_NAME - HASH_DIGITS - 1)", ""],
  ]),
  ...inFile("reads.ts", [
    ["a volume's Secret is not read", 'secretName: "Secret", configMapName', "configMapName"],
    ["the Secrets of images are not read", 'imagePullSecrets: "Secret", secrets', "secrets"],
    ["variables are not read", '  configMapRef: "ConfigMap",\n', ""],
    [
      "lists are not looked into",
      "if (Array.isArray(value)) return value.map((entry) => renameReads(entry, rename));",
      "",
    ],
  ]),
  ...inFile("sweep.ts", [
    [
      "copies are never deleted",
      "return orphan === undefined ? undefined : act(deleteCopy(orphan));",
      "return undefined;",
    ],
    ["the copies of the way back are deleted", "head.prev, head.rollback", "head.rollback"],
    [
      "the live copies are deleted",
      "[head.live, head.want,",
      "[head.want,",
      "what serves has pods, and what has pods keeps its copies",
    ],
    ["copies are not claimed", "if ((there.epoch ?? 0) < epoch)", "if (false as boolean)"],
    ["a run that has let go sweeps", "if (hasLetGo(input)) return undefined;", ""],
    [
      "copies that pods read by hand are deleted",
      "if (replicas > 0) for (const key of reads) kept.add(key);",
      "",
      "only a Deployment of no placement that somebody has scaled up",
    ],
  ]),
  ...inFile("ports.ts", [
    [
      "ports never move",
      "if (ofColour.length === 0 || tellPorts(live) === tellPorts(ofColour)) return undefined;",
      "if (live !== ofColour) return undefined;",
    ],
    ["the node's port is lost", 'before?.["nodePort"] === undefined ? port :', "before !== null ? port :"],
  ]),
  ...inFile("rivals.ts", [
    ["names that are taken are not looked at", "return findTaken(input, request) ?? (", "return ("],
    ["two autoscalers for a colour are taken", "if (count > 1)", "if (false as boolean)"],
    ["KEDA in the ring is taken", 'if (madeBy?.startsWith("ScaledObject "))', "if (false as boolean)"],
    ["an autoscaler from 0 on is taken", "return min < 1 ?", "return (false as boolean) ?"],
  ]),
  ...inFile("scale.ts", [
    ["a candidate is smaller than what serves", 'seen.deployments.get(before ?? "")?.replicas ?? 0', "0"],
    ["a candidate passes its bounds", "Math.min(max, Math.max(min,", "Math.max(max * 0, Math.max(min,"],
    ["an old autoscaler stays", "if (other !== undefined) return act(deleteAutoscaler(other));", ""],
    ["an autoscaler that was let go counts as held", " && there.held !== undefined;", ";"],
    ["autoscalers of others are held", ".filter(({ own }) => own);", ";"],
  ]),
  ...inFile("autoscalers.ts", [
    ["a candidate's autoscaler is free", "selectPolicy: HOLDING_POLICY } }", "} }"],
    ["both colours have one autoscaler", "name: deploymentName(name, colour),\n", "name,\n"],
    ["any autoscaler is taken", "if (!isAutoscaler(object)) {", "if (false as boolean) {"],
    ["two for one service are taken", "Object.hasOwn(byService, service)", "false"],
    ["none is too few", "Number.isInteger(value) && value >= 1", "Number.isInteger(value) && value >= 0"],
  ]),
  ...inFile("autoscaler-writes.ts", [
    ["an autoscaler is let go in another way", "value: seen.held ?? DEFAULT_POLICY", 'value: "Min"'],
    [
      "an autoscaler is written in any version",
      "patch: [testVersion(resourceVersion), claim(epoch), ...operations],",
      "patch: [claim(epoch), ...operations],",
    ],
  ]),
  ...inFile("plan.ts", [
    ["a plan is not kept to", "if (this.#back) return;", "return;"],
    [
      "the wrong order passes",
      "if (planned !== undefined && isSameChange(action, planned)) {",
      "if (this.#writes.some((one) => isSameChange(action, one))) {",
    ],
    ["the way back is not let out of the plan", "if (givesUp(action) || (", "if ((false as boolean) || ("],
    ["a freeze is not let out of the plan", '|| (action.purpose === "record" && action.to === "FROZEN")', ""],
  ]),
  ...inFile("action.ts", [
    [
      "every record is the same",
      "return { purpose, from: action.from, to: action.to, happening: action.happening, release: action.release };",
      "return { purpose };",
    ],
    [
      "any number of pods is the same",
      "listObjects(action), to: action.like ?? action.replicas };",
      "listObjects(action) };",
    ],
    ["either colour is the same", "listObjects(action), colour: action.colour };", "listObjects(action) };"],
    [
      "any manifest is the same",
      "return { kind, name, ...(content === undefined ? {} : { content }) };",
      "return { kind, name };",
    ],
    ["a failed attempt with nothing to go back to is no giving up", ' || action.happening === "failed")', ")"],
  ]),
  ...inFile("release.ts", [
    ["names are compared, not digests", "(digestOf(image) ?? running) === digest", "false"],
    [
      "the runtime's digest goes before the name's",
      "(digestOf(image) ?? running) === digest",
      "(running ?? digestOf(image)) === digest",
    ],
    ["an edited release passes", "if (id !== read.value.id)", "if (false as boolean)"],
    [
      "the author is not part of the name",
      "contentName({ commit, commitTime, author, services })",
      "contentName({ commit, commitTime, services })",
    ],
  ]),
  ...inFile("deadline.ts", [
    [
      "the time in which nobody worked counts",
      "return Math.max(Date.parse(head.since), begun);",
      "return Date.parse(head.since);",
    ],
  ]),
  ...inFile("jobs.ts", [
    ["a job that has succeeded runs again", 'if (job?.progress === "succeeded") return [];', ""],
    [
      "a job of another attempt is not deleted",
      "if (next !== undefined) return act(deleteJob(next));",
      "if (next !== undefined) return undefined;",
    ],
    [
      "a ring is at rest while a job still ends",
      "if (open.length === 0 || nowMs >= untilMs) return undefined;",
      "return undefined;",
    ],
    ["a job that is being deleted is started", "if (there?.isEnding) return undefined;", ""],
    ["a job is not claimed", 'return act(claimObject("Job", there.name, there, epoch));', "return undefined;"],
    ["the next job does not wait", 'if (there.progress !== "succeeded") return undefined;', ""],
    ["a job that has failed is waited for", 'progress === "failed" ||\n', ""],
    ["a job tries for ever", "failedPods >= policy.crashLimit ||\n", ""],
    ["a job without pods is waited for", "(trouble !== undefined && isLost(trouble, 0, policy, watched)) ||\n", ""],
    ["the jobs of the live release are swept", "seq >= since", "seq > since"],
    [
      "jobs that never ran are kept",
      'progress !== "succeeded" || !kept.has(release ?? "")',
      '!kept.has(release ?? "")',
    ],
    [
      "jobs of releases that are gone are kept",
      'progress !== "succeeded" || !kept.has(release ?? "")',
      'progress !== "succeeded"',
    ],
    [
      "a job that has run otherwise is passed over",
      "if (changed.length === 0) return undefined;",
      "if (changed.length >= 0) return undefined;",
    ],
    ["the time of a job is the pods' as well", "return Math.min(nowMs, Math.max(0, ...ends));", "return 0;"],
  ]),
  ...inFile("job-writes.ts", [
    ["a job runs as soon as it is made", "suspend: true }", "suspend: false }"],
    ["a start is not guarded", "testVersion(resourceVersion), claim(epoch), {", "claim(epoch), {"],
  ]),
  ...inFile("job-state.ts", [
    ["a job that is paused counts as one that runs", 'spec.suspend ? "waiting" : "running"', '"running"'],
    ["a job's end is not seen", "isEnding: metadata.deletionTimestamp != null", "isEnding: false"],
    ["an old warning stays a job's trouble", "status.active === 0 ?", "status.active >= 0 ?"],
  ]),
  ...inFile("job-manifest.ts", [
    [
      "ttlSecondsAfterFinished passes",
      "(fields(spec)[field] === undefined ? [] : [{ field, why }])",
      "(field === why ? [{ field, why }] : [])",
    ],
  ]),
  ...inFile("rolling/adoption.ts", [
    ["what Helm keeps is taken from it", "if (owned.length === 0) return undefined;", "return undefined;"],
    ["a Deployment with another selector is taken", "if (other.length === 0) return undefined;", "return undefined;"],
  ]),
  ...inFile("rolling/owners.ts", [
    ["who has written the status keeps the object", '(subresource ?? "") === "" && writes', "writes"],
    ["Slipway takes a ring over from itself", "!/^slipway(-|$)/.test(manager)", 'manager !== ""'],
  ]),
  ...inFile("rolling/prepare.ts", [
    ["nothing is kept of a Deployment", "if (keeping !== undefined) return keeping;", ""],
    ["what was kept is not written down", "prev: head.live, before }", "prev: head.live, before: {} }"],
    [
      "approvals that were taken back count",
      'if ("refused" in approval) return giveUp',
      'if ("no" in approval) return giveUp',
    ],
  ]),
  ...inFile("rolling/roll.ts", [
    [
      "somebody's change is written over",
      "if (!has && !isAsKept(seen, head, service, there))",
      "if (false as boolean)",
    ],
    [
      "the bake begins before all pods are new",
      "if (missing.length > 0) return wait",
      "if (false as boolean) return wait",
    ],
    [
      "the bake begins while old pods are asked",
      "if (unsettled.length > 0) return wait",
      "if (false as boolean) return wait",
    ],
    ["pods that cannot come up are waited for", "if (failures.length > 0)", "if (false as boolean)"],
    ["the answers of the release are not asked for", "if (probe !== undefined && !probe.ok)", "if (false as boolean)"],
  ]),
  ...inFile("rolling/back.ts", [
    ["nothing gets back what it was", "if (restoring !== undefined) return restoring;", ""],
    [
      "the way back ends before the pods are back",
      "open.length > 0 && nowMs < untilMs && !isHopeless",
      "false as boolean",
    ],
    ["what was found and is not up counts as back", "short: to === null && open.length > 0", "short: false"],
    ["jobs run on in the way back", "if (stopping !== undefined) return stopping;", ""],
  ]),
  ...inFile("rolling/writes.ts", [
    ["a change is not guarded", "testVersion(seen.resourceVersion),", ""],
    ["a field that a release leaves out stays", 'before === undefined ? [] : [{ op: "remove", path }]', "[]"],
    ["a rollback takes pods away", "earlier.hadPods ? undefined : 0", "0"],
    ["what had no pods gets some in a rollback", "earlier.hadPods ? undefined : 0", "undefined"],
  ]),
  ...inFile("rolling/kept.ts", [
    [
      "a changed Deployment counts as the one that was kept",
      "if (kept === undefined) return false;",
      "if (kept !== undefined) return true;",
    ],
  ]),
  ...inFile("release.ts", [["a worker is switched like a service", "?.kind === undefined)", '?.kind !== "job")']]),
];
