import { type Fault, inFile } from "./fault.ts";

/** Mistakes in what is seen and what it is taken for: pods, health, gates, the ledger. */
export const EVIDENCE_FAULTS: readonly Fault[] = [
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
    ["a label appears twice", "if (labels.has(label)) return undefined;", ""],
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
      '[waiting.message ?? "", tellExit(lastState.terminated)].filter((text) => text !== "").join("; ")',
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
];
