/** One planted fault: the text that is replaced has to be in the file exactly once. */
export interface Fault {
  readonly file: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Why no test can notice it: something else stands in for what it takes away. */
  readonly harmless?: string;
}

function inFile(
  file: string,
  faults: readonly (readonly [name: string, from: string, to: string, harmless?: string])[],
): Fault[] {
  return faults.map(([name, from, to, harmless]) => ({
    file,
    name,
    from,
    to,
    ...(harmless === undefined ? {} : { harmless }),
  }));
}

/** Mistakes that somebody could make in ci/src/rollout, each of which some test has to notice. */
export const FAULTS: readonly Fault[] = [
  ...inFile("step.ts", [
    ["no fence: a higher epoch does not stop a run", "if (lost !== undefined) return lost;", ""],
    ["a taken lease is not noticed", "seen.lease.epoch !== run.epoch || highestEpoch(seen) > run.epoch", "false"],
    [
      "a deleted lease is no fence",
      'if (seen.lease === null) return fenced(input, "the lease is gone");',
      "if (seen.lease === null) return undefined;",
    ],
    [
      "the lease is never let go",
      "return holds && lease !== null ? act(releaseLease(lease, next)) : next;",
      "return next;",
    ],
    [
      "the lease is taken although there is nothing to do",
      'if (next.kind === "done" || next.kind === "blocked")',
      'if (next.kind === "blocked")',
    ],
    ["a living deployer's lease is taken away", "expiresMs > nowMs && !inHurry", "false"],
    ["a rollback waits for the deployer", 'request.verb === "rollback" || request.verb === "freeze"', "false"],
    [
      "a deploy takes the ring from a living deployer",
      'request.verb === "rollback" || request.verb === "freeze"',
      "true",
    ],
    ["the new holder keeps the old epoch", "epoch: highestEpoch(seen) + 1", "epoch: Math.max(1, highestEpoch(seen))"],
    [
      "the epoch is counted from the lease alone",
      "return Math.max(lease?.epoch ?? 0, head?.record.epoch ?? 0, ...stamps);",
      "return lease?.epoch ?? 0;",
    ],
    [
      "the lease is never renewed",
      "if (nowMs - lease.renewedAtMs >= (lease.seconds * 1000) / 3)",
      "if (false as boolean)",
    ],
    ["nothing is claimed on taking over", "claiming: !isQuiet(head.phase)", "claiming: false"],
    ["claiming forgets the candidate", "return isInPlace ? jobs : [...jobs, ...deployments(want)];", "return jobs;"],
    [
      "claiming forgets the jobs of the candidate",
      "return isInPlace ? jobs : [...jobs, ...deployments(want)];",
      "return deployments(want);",
    ],
    [
      "claiming forgets the Services",
      'case "SWITCHING":\n      return liveServices(want);',
      'case "SWITCHING":\n      return [];',
    ],
    [
      "claiming forgets the old colour",
      'case "COMMITTING":\n      return deployments(prev ?? live);',
      'case "COMMITTING":\n      return [];',
    ],
    [
      "PREPARED counts as quiet",
      'return phase === "STABLE" ||',
      'return phase === "PREPARED" || phase === "STABLE" ||',
    ],
    [
      "COMMITTING counts as quiet",
      'return phase === "STABLE" ||',
      'return phase === "COMMITTING" || phase === "STABLE" ||',
    ],
    [
      "SWITCHING counts as quiet",
      'return phase === "STABLE" ||',
      'return phase === "SWITCHING" || phase === "STABLE" ||',
    ],
    [
      "the run does not learn its epoch",
      'if (action.purpose === "acquire-lease") return { ...run, epoch: action.epoch };',
      "",
    ],
    [
      "what a run came to is decided anew after the ring is let go",
      "if (run.ending !== undefined) return run.ending;",
      "",
    ],
  ]),
  ...inFile("writes.ts", [
    [
      "the record is written without looking",
      'testVersion(seen.resourceVersion), { op: "replace", path: "/data/head"',
      '{ op: "replace", path: "/data/head"',
    ],
    [
      "the lease is written without looking",
      "patch: [testVersion(resourceVersion), ...operations]",
      "patch: operations",
    ],
    ["the switch does not test the selector", '{ op: "test", path: "/spec/selector", value: live.selector },', ""],
    [
      "the switch does not claim",
      '{ op: "test", path: "/spec/selector", value: live.selector },\n            claim(epoch),',
      '{ op: "test", path: "/spec/selector", value: live.selector },',
    ],
    [
      "scaling does not test the epoch",
      'guard(seen),\n      { op: "test", path: "/spec/replicas"',
      '{ op: "test", path: "/spec/replicas"',
    ],
    [
      "a colour is applied over whatever is there",
      "objects: [atVersion(whole, seen.resourceVersion)]",
      "objects: [whole]",
    ],
    [
      "the base is applied over whatever is there",
      "if (resourceVersion === undefined) return object;",
      "return object;",
    ],
    ["a colour is applied without force", "force: true", "force: false"],
    ["the base is applied by force", "force = false", "force = true"],
    [
      "a claim does not test the version",
      "patch: [testVersion(seen.resourceVersion), claim(epoch)]",
      "patch: [claim(epoch)]",
    ],
    [
      "the switch is written by the manifests' owner",
      'manager: "slipway-switch",\n    target: { kind: "Service", name }',
      'manager: "slipway",\n    target: { kind: "Service", name }',
    ],
    ["the lease's time has three digits", 'replace("Z", "000Z")', 'replace("Z", "Z")'],
  ]),
  ...inFile("admission.ts", [
    ["prev outlives its pods", "prev: null,\n      before", "before"],
    ["the candidate is the live colour", 'used === undefined ? "blue" : otherColour(used)', 'used ?? "blue"'],
    ["an older release is let in", "if (ancestors.includes(there.release.commit)) continue;", "continue;"],
    [
      "a release under way is not looked at for the order",
      "for (const there of [head.live, head.want])",
      "for (const there of [head.live])",
    ],
    ["promotion without verification", "if (!verified) {", "if (false as boolean) {"],
    [
      "any ring's ledger will do for promotion",
      "source?.ring === policy.after && isVerified(source.ledger, release)",
      "source !== undefined && isVerified(source.ledger, release)",
    ],
    ["drift at the start is not looked at", "if (drifted.length > 0) {", "if (false as boolean) {"],
    [
      "approvals are not asked for at the start",
      'return "refused" in approval ? blocked("not-approved", approval.refused) : undefined;',
      "return undefined;",
    ],
    [
      "approvals are not kept in the ledger",
      "approvals: signed, approvalIds: ids }",
      "approvals: [], approvalIds: [] }",
    ],
    [
      "used approvals are used again",
      "used: listUsedApprovals(before)",
      "used: new Set()",
      "an attempt that has used an approval has ended by then, and `ledgerFloor` refuses statements from before that",
    ],
    ["autoscalers of others are not looked at", "if (taken !== undefined) return taken;", ""],
  ]),
  ...inFile("phases.ts", [
    ["prev is not recorded", '{ phase: "SWITCHING", prev: head.live }', '{ phase: "SWITCHING" }'],
    [
      "approvals are not asked for again before the switch",
      'if ("refused" in approval) {\n    if (head.phase',
      'if (false as boolean && "refused" in approval) {\n    if (head.phase',
    ],
    [
      "switched before the candidate is up",
      'if (missing.length === 0) return move(input, head, { phase: "STAGED" });',
      'return move(input, head, { phase: "STAGED" });',
    ],
    [
      "staged without being up is switched",
      "if (smoke !== undefined && missing.length === 0)",
      "if (smoke !== undefined)",
    ],
    ["the smoke check is not needed", "if (smoke !== undefined && missing.length === 0)", "if (missing.length === 0)"],
    [
      "a failed smoke check is passed over",
      "if (smoke !== undefined && !smoke.ok)",
      "if (false as boolean && smoke !== undefined)",
    ],
    [
      "failing pods are waited for to the deadline",
      "if (failed.length > 0)\n    return giveUp(input, head, `the candidate cannot come up",
      "if (false as boolean)\n    return giveUp(input, head, `the candidate cannot come up",
    ],
    [
      "the deadline never comes in PREPARED",
      "if (nowMs >= untilMs) {\n    const missing = missingPods();",
      "if (false as boolean) {\n    const missing = missingPods();",
    ],
    ["no wait until the traffic has moved", 'if (unsettled.length > 0) return wait("endpoints", unsettled);', ""],
    [
      "the probe after the switch is not needed",
      'if (probe === undefined) return wait("probe", ["the release has not been asked through the live Services yet"]);',
      "",
    ],
    ["a failed probe is passed over", "if (!probe.ok)", "if (false as boolean)"],
    ["the gate of the bake is not asked", "if (against !== undefined) return giveUp(input, head, against);", ""],
    ["no bake", "nowMs < endMs || traffic === undefined", "traffic === undefined"],
    ["counters that cannot be read pass", "[...missing, ...listDoubts(traffic, policy.gate)]", "missing"],
    [
      "who waits for counters does not read them",
      'for: missing.length > 0 ? "pods" : "bake", detail',
      'for: "pods", detail',
    ],
    [
      "the old colour is scaled down before the bake",
      'return move(input, head, { phase: "STAGED" });',
      'return move(input, head, { phase: "COMMITTING", prev: head.live });',
    ],
    [
      "the old colour is never scaled down",
      "if (old !== undefined && old.replicas > idle)",
      "if (false as boolean && old !== undefined)",
    ],
    ["a committed release is not verified", "live: { ...want, verified: true }", "live: want"],
    ["the base is not applied", "if (stale.early.length > 0) return act(applyBase(stale.early, seen));", ""],
    [
      "what all share is changed before the bake",
      "if (stale.early.length > 0) return act(applyBase(stale.early, seen));",
      "if (stale.early.length + stale.late.length > 0) return act(applyBase([...stale.early, ...stale.late], seen));",
    ],
    [
      "what all share is never changed",
      'if (late.length > 0) return act(applyBase(late, seen, policy.strategy === "rolling"));',
      "",
    ],
    ["pods come before what they read", "if (copying !== undefined) return copying;", ""],
    ["the old colour may shrink in the bake", "if (holding !== undefined) return holding;", ""],
    ["the new colour may never shrink", "if (releasing !== undefined) return releasing;", ""],
    [
      "the live Services are not switched all",
      "for (const service of open) {",
      "for (const service of open.slice(0, 1).filter(() => open.length > 1)) {",
    ],
  ]),
  ...inFile("rollback.ts", [
    ["before the switch it goes back to prev", "const to = isBefore ? head.live : head.prev;", "const to = head.prev;"],
    ["after the switch it stays where it is", "const to = isBefore ? head.live : head.prev;", "const to = head.live;"],
    ["capacity first, traffic second", "if (back !== undefined) return back;", ""],
    ["the old colour is not made ready", "if (unready !== undefined) return unready;", ""],
    ["the old colour is not scaled up", "if (scaling !== undefined) return scaling;", ""],
    ["who is gone back to may never shrink", "return releasePods(seen, target, run.epoch);", "return undefined;"],
    [
      "the old colour's image is not looked at",
      "if (!isSameImage(deployment.image, referTo(target.release, service)))",
      "if (false as boolean)",
    ],
    [
      "the candidate keeps its pods",
      "if (deployment !== undefined && deployment.replicas !== 0)",
      "if (false as boolean && deployment !== undefined)",
    ],
    [
      "capacity goes before the traffic has moved",
      "if (unsettled.length === 0) return releasePods",
      "if (true as boolean) return releasePods",
    ],
    [
      "a rolled-back release counts as failed before traffic",
      'kind: hadTraffic ? "rolled-back" : "failed"',
      'kind: "failed"',
    ],
    ["prev is left after going back", "live: to, want: null, prev: null,", "live: to, want: null,"],
    [
      "a long-idle colour gets traffic with one pod",
      'return from === "SWITCHING" || from === "BAKING";',
      'return from !== "STABLE" || (true as boolean);',
    ],
    [
      "a hopeless old colour is waited for to the deadline",
      "if (lost.length > 0) return tellGone",
      "if (false as boolean) return tellGone",
    ],
    [
      "the old colour has no hope as soon as one pod has none",
      "unserved.includes(service) && !isComing(seen, target, service, failures)",
      "unserved.includes(service)",
    ],
    [
      "what is up of the old colour is not enough in the end",
      "if (unserved.length === 0 && isHelpless) return undefined;",
      "",
    ],
    [
      "the deadline never comes in ROLLBACK",
      "if (nowMs >= untilMs)\n    return tellGone",
      "if (false as boolean)\n    return tellGone",
    ],
    ["what is short is not waited for", "if (short !== undefined) return short;", ""],
    [
      "what is short is waited for without end",
      "missing.length === 0 || nowMs >= untilMs ||",
      "missing.length === 0 ||",
    ],
    ["why it goes back is not told", "...(reason ? [`    why it goes back: ${reason}`] : []),", ""],
  ]),
  ...inFile("decide.ts", [
    [
      "the ledger does not catch up",
      "return event !== null && written === undefined ? act(createEvent(event)) : undefined;",
      "return undefined;",
    ],
    ["a gap in the ledger is not seen", "gap !== undefined\n", "(false as boolean)\n"],
    ["a changed event is not seen", "canonicalJson(written) !== canonicalJson(event)", "false"],
    ["a failed release is begun again by the same run", "if (failed !== undefined) return failed;", ""],
    [
      "a live release is deployed again",
      "if (live?.release.id === release.id) return confirmLive(input, live, request.manifests);",
      "",
    ],
    ["a rollback that is short of pods passes", "if (short !== undefined) return short;", ""],
    ["drift of the live release is not seen", "if (drift.length > 0) return tellDrift(ring, release, drift);", ""],
    ["an unverified live release passes for verified", "if (!live.verified) {", "if (false as boolean) {"],
    [
      "a frozen ring goes on",
      'if (head.phase === "FROZEN" && (head.frozen?.why !== "approval" || want === null))',
      "if (false as boolean)",
    ],
    [
      "a newer release takes a switched one down",
      "if (!switched || want === null) {",
      "if (true as boolean || want === null) {",
    ],
    [
      "a rollback under way is left",
      'if (head.phase === "ROLLBACK") return finishBack(input, head);\n  if (head.phase === "FROZEN"',
      'if (head.phase === "FROZEN"',
    ],
  ]),
  ...inFile("health.ts", [
    [
      "the generation is not looked at",
      "if (deployment.observedGeneration < deployment.generation)\n    return",
      "if (false as boolean)\n    return",
    ],
    ["pods of another image count", "if (old.length > 0)", "if (false as boolean)"],
    [
      "available pods are not counted",
      "[deployment.replicas, updated, available, statusReplicas]",
      "[deployment.replicas, updated, statusReplicas]",
    ],
    ["addresses are not counted", "return reachable < count ?", "return (false as boolean) ?"],
    [
      "the first crash is the last",
      "(trouble.restarts ?? restarts) >= policy.crashLimit",
      "(trouble.restarts ?? restarts) >= 0",
    ],
    ["a crash loop is never given up", "(trouble.restarts ?? restarts) >= policy.crashLimit", "restarts > 1e9"],
    ["a selector with more than the colour passes", "Object.keys(left).length === keys.length && ", ""],
    ["failing pods of the other release count", "isSameImage(image, referTo(release, service), running) &&", ""],
    [
      "pods of another release's template count",
      "(pod.release ?? (isPlain(placement) ? undefined : release.id)) === release.id &&",
      "",
    ],
    [
      "pods of another template count",
      "(pod.replicaSet === undefined || set === undefined || pod.replicaSet === set)",
      '(set !== "")',
    ],
    ["pods that have ended count", "filter(({ ended }) => ended === undefined)", "filter(() => true)"],
    ["patience has no end", 'outlook === "open" && hasLasted(trouble, policy, watched)', "false"],
    ["there is no patience", 'outlook === "open" && hasLasted(trouble, policy, watched)', 'outlook === "open"'],
    ["time that nobody watched counts as patience", "Math.max(sinceMs, watched.sinceMs)", "sinceMs"],
    ["pods that end again and again are waited for", "ended.length < policy.crashLimit", "(true as boolean)"],
    ["pods that ended before count", "bornMs >= watched.sinceMs", "true"],
    [
      "the controller's deadline is told without its reason",
      "(late !== undefined || isLost(trouble, 0, policy, watched))",
      "isLost(trouble, 0, policy, watched)",
    ],
    ["why pods are not made is not told", "...(trouble === undefined ? [] : [tellTrouble(trouble)]),", ""],
    [
      "a stray pod keeps a rollback back",
      "return able >= countPods(seen, placement, service, replicas)",
      "return (false as boolean)",
    ],
  ]),
  ...inFile("gate.ts", [
    [
      "an old check passes for a new one",
      "return check.atMs >= Date.parse(head.since) ? check : undefined;",
      "return check;",
    ],
    [
      "another release's check passes",
      "if (check === undefined || check.release !== placement.release.id) return undefined;",
      "if (check === undefined) return undefined;",
    ],
    ["another release's traffic is judged", "traffic?.release === release.id ? traffic : undefined", "traffic"],
    ["restarts are not looked at", "if (restarts > policy.gate.maxRestarts)", "if (false as boolean)"],
    ["the last pod may go", "if (unserved.length > 0)", "if (false as boolean)"],
  ]),
  ...inFile("traffic.ts", [
    ["errors are counted the wrong way round", "failures / requests > gate", "failures / requests < gate"],
    ["too few requests are judged", "requests >= gate.minRequests", "requests >= 0"],
    ["enough requests are too few", "requests >= gate.minRequests", "requests > gate.minRequests"],
    [
      "a busy service hides a small one",
      ".filter(([, counts]) => isEnough(counts) && isBad(counts))",
      ".filter(([, counts]) => isEnough(counts) && isBad(counts) && isBad(addUp(others)))",
    ],
    ["services with few requests are never judged", "isEnough(together) && isBad(together)", "false as boolean"],
    [
      "services with few requests are judged with the busy ones",
      "counts.requests > 0 && !isEnough(counts)",
      "counts.requests > 0",
    ],
    ["Slipway's own requests are not judged", "isEnough(addUp(own))", "(false as boolean)"],
    ["Slipway's own requests are judged by the first", "isEnough(addUp(own))", "(true as boolean)"],
    ["a pattern matches a part", "`^(?:${pattern})$`", "pattern"],
    ["only the first alternative of a pattern is anchored", "`^(?:${pattern})$`", "`^${pattern}$`"],
    ["one label that matches is enough", "Object.entries(matchers).every", "Object.entries(matchers).some"],
    ["nothing is excepted", "except === undefined || !matchesAll(sample, except)", "true"],
    ["all series count as the counter's", "sample.name === name", "sample.name.startsWith(name.slice(0, 9))"],
    ["a label that is nowhere is never failed", "series.length > 0 && !labels.has(label)", "false as boolean"],
    ["no requests counts as a wrong label", "series.length > 0 && !labels.has(label)", "!labels.has(label)"],
    ["a counter that is not a number counts", "!(value >= 0 && value < Number.POSITIVE_INFINITY)", "value < 0"],
    ["half a pattern passes", 'new RegExp(text, "su");', "anchor(text);"],
  ]),
  ...inFile("exposition.ts", [
    [
      "a bad line is passed over",
      "if (sample === undefined)\n",
      "if (sample === undefined) continue;\n    if (sample === undefined)\n",
    ],
    ["a label is there twice", "if (labels.has(label)) return undefined;", ""],
    ["an escaped line end is the letter n", 'character === "n" ? "\\n" : character', "character"],
    ["a negative infinity is positive", 'sign === "-"', 'sign === "+"'],
  ]),
  ...inFile("ledger.ts", [
    [
      "a rolled-back release stays verified",
      'if (last?.kind !== "committed") return false;',
      'if (!ledger.some((event) => event.kind === "committed" && event.release.id === release.id) || last === undefined) return false;',
    ],
    [
      "digests are not compared",
      "services.every(([name, { digest }]) => last.release.services[name]?.digest === digest)",
      "true",
    ],
    ["a dropped service is not noticed", "services.length === Object.keys(last.release.services).length &&", ""],
    ["events can be changed", "immutable: true,", ""],
    [
      "what was rolled back is promoted",
      "verified.at(-1)?.id === release.id) verified.pop();",
      "false as boolean) verified.pop();",
    ],
    [
      "what is baking hides nothing",
      'live = kind === "switched" ? undefined : verified.at(-1);',
      "live = verified.at(-1);",
    ],
    ["a freeze ends the bake", 'ledger.filter(({ kind }) => kind !== "frozen" && kind !== "thawed")', "ledger"],
  ]),
  ...inFile("manifests.ts", [
    [
      "the selector of the live Service is applied",
      'const { selector: _, ...spec } = fields(service["spec"]);',
      'const spec = fields(service["spec"]);',
    ],
    [
      "replicas are applied",
      'const { replicas: _, ...spec } = fields(template["spec"]);',
      'const spec = fields(template["spec"]);',
    ],
    ["a colour is born with pods", "replicas: 0,", "replicas: 1,"],
    ["a new colour is born without its epoch", "annotations: { [ANNOTATION.epoch]: String(epoch) }", "annotations: {}"],
  ]),
  ...inFile("pod.ts", [
    ["the phase is not looked at", 'phase === "Failed" || ', ""],
    ["a completed pod counts", 'phase === "Succeeded" || ', ""],
    ["a pod on a lost node counts", ' || phase === "Unknown")', ")"],
    [
      "init containers are not looked at",
      "...initContainerStatuses.flatMap((one) => readContainer(one, !sidecars.has(one.name))),",
      "",
    ],
    ["the scheduler is not listened to", 'type === "PodScheduled" && is === "False"', "false"],
    [
      "restarts of init containers that are done count",
      "initContainerStatuses.filter(({ name }) => sidecars.has(name))",
      "initContainerStatuses",
    ],
    ["a warning of the past is told", " && !(begun && isBefore(warning))", ""],
    [
      "why a container crashed is not told",
      '`${waiting.message ?? ""}; ${tellExit(lastState.terminated)}`',
      'waiting.message ?? ""',
    ],
    ["an init container that ended well is trouble", "(passes && terminated.exitCode === 0)", "(false as boolean)"],
  ]),
  ...inFile("trouble.ts", [
    ["the first trouble is told, not the worst", ".toSorted((left, right) => rank(left) - rank(right))", ""],
    ["a missing Secret has no hope", 'CreateContainerConfigError: "open"', 'CreateContainerConfigError: "lost"'],
    ["a pod without a node is waited for", 'Unschedulable: "open"', 'Unschedulable: "start"'],
    ["a full quota is waited for", 'FailedCreate: "open"', 'FailedCreate: "start"'],
  ]),
  ...inFile("workload.ts", [
    ["a refusal that is over is told", 'type === "ReplicaFailure" && is === "True"', 'type === "ReplicaFailure"'],
    [
      "every halt is the controller's deadline",
      'return !reason || reason === "ProgressDeadlineExceeded";',
      'return reason !== "";',
    ],
    ["a paused Deployment is not seen", "spec.paused\n", "(false as boolean)\n"],
    ["what the ReplicaSet says is not heard", "set?.trouble,", ""],
  ]),
  ...inFile("hints.ts", [["what goes well is a warning", 'event?.type === "Warning"', "event !== undefined"]]),
  ...inFile("policy.ts", [
    ["patience outlasts the deadline", "Math.min(patienceSeconds, deadlineSeconds / 2)", "patienceSeconds"],
  ]),
  ...inFile("own-images.ts", [
    [
      "the image stays a tag",
      "return of === undefined ? entry : { ...fields(entry), image: referTo(release, of) };",
      "return entry;",
    ],
    ["other containers keep their image", "return owners.get(repository);", "return undefined;"],
    [
      "another service's image is taken before the own",
      "if (ownImage !== undefined && repositoryOf(ownImage) === repository) return service;",
      "",
    ],
    [
      "init containers are not looked at",
      'CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"] as const',
      'CONTAINER_LISTS = ["containers"] as const',
    ],
    ["a registry's port is a tag", 'named.indexOf(":", slash + 1)', 'named.indexOf(":")'],
  ]),
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
  ...inFile("approval/judge.ts", [
    ["another ring's approval passes", "if (predicate.ring !== ring)", "if (false as boolean)"],
    ["another release's approval passes", "if (predicate.release !== release.id)", "if (false as boolean)"],
    [
      "the images are not compared",
      "if (canonicalJson(subject) !== canonicalJson(listSubjects(release)))",
      "if (false as boolean)",
    ],
    ["an expired approval passes", "if (Date.parse(notAfter) <= at.nowMs)", "if (false as boolean)"],
    [
      "an approval from the future passes",
      "if (Date.parse(issuedAt) > at.nowMs + CLOCK_SKEW_MS)",
      "if (false as boolean)",
    ],
    ["other rules pass", "if (policyDigest !== digestRules(at.rules, at.signers))", "if (false as boolean)"],
    ["an approval is good twice", "if (at.used.has(id))", "if (false as boolean)"],
    ["an approval from before the evidence passes", "if (ledgerHead < at.ledgerFloor)", "if (false as boolean)"],
    ["a rejection does not win", "granted = rejections.length === 0 && ", "granted = "],
    ["the quorum is short by one", "counted.length >= quorum", "counted.length >= quorum - 1"],
    [
      "a person counts twice",
      "if (counted.some((other) => other.approver === name || other.key === fingerprint(key)))",
      "if (false as boolean)",
    ],
    ["the key's validity is not looked at", "if (valid.length === 0)", "if (false as boolean)"],
    ["the key's purpose is not looked at", "if (allowed.length === 0)", "if (false as boolean)"],
    ["anybody's key signs for anybody", "if (own.length === 0)", "if (false as boolean)"],
    [
      "the signature is not verified",
      'if (!verifySshSignature(read, Buffer.from(text, "utf8"), APPROVAL_NAMESPACE))',
      "if (false as boolean)",
    ],
    ["the author approves", "if (at.rules.separation && ", "if ((false as boolean) && "],
  ]),
  ...inFile("approval/ssh-signature.ts", [
    ["a weak hash passes", 'if (hash !== "sha256" && hash !== "sha512")', 'if (hash === "md5")'],
    ["the algorithm is not compared with the key", "if (algorithm !== expected)", "if (false as boolean)"],
    ["trailing bytes pass", "reader.end();\n", ""],
    ["a touch is not needed", "if ((touch.flags & USER_PRESENT) === 0) return false;", ""],
    ["the namespace is not compared", "if (signature.namespace !== namespace) return false;", ""],
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
  ...inFile("approval/ssh-key.ts", [["a weak RSA key passes", "if (bits < RSA_MIN_BITS)", "if (bits < 100)"]]),
  ...inFile("approval/allowed-signers.ts", [
    ["a certificate authority passes", 'if (name === "cert-authority")', 'if (name === "no-such")'],
    [
      "a negated pattern does not refuse",
      "matches(pattern.slice(1)))) return false;",
      "matches(pattern.slice(1)))) return true;",
    ],
  ]),
  ...inFile("approval/statement.ts", [
    ["a statement need not be canonical", "if (canonicalJson(read.value) !== text)", "if (false as boolean)"],
  ]),
];
