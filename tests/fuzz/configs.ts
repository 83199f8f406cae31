import { SlipwayError } from "../../ci/src/account.ts";
import { readApprovals } from "../../ci/src/rollout/approval/approvals-file.ts";
import { readStatement, writeStatement } from "../../ci/src/rollout/approval/statement.ts";
import { type Head, readHead } from "../../ci/src/rollout/head.ts";
import { type LedgerEvent, readEvent } from "../../ci/src/rollout/ledger.ts";
import { eventName } from "../../ci/src/rollout/objects.ts";
import { ringPolicySchema } from "../../ci/src/rollout/policy.ts";
import { nameRelease, readRelease } from "../../ci/src/rollout/release.ts";
import { settingsOf } from "../unit/ci/config/found.ts";
import { changeData, makeMistake } from "./mistakes.ts";
import { SeededChoice } from "./seeded-choice.ts";

/** All that slipway.yaml may say, in few lines: the parser's time counts a hundred thousand times. It is over what is found. */
const FILE = `product: shop
services:
  api: { port: 8080, needs: [kafka, cache], env: { DSN: "{postgres.url}?x", LIT: "{{a}}" }, tell: { API: "{api.url}" } }
  old: { path: web, port: 1, build: { dockerfile: web/Dockerfile, context: ., target: prod, args: { A: b } } }
  mails: { kind: worker, build: { imageOf: api, start: [node, x.js] }, needs: [rabbitmq] }
  once: { kind: job, build: { image: "ghcr.io/acme/x:1" } }
backing:
  postgres: { sql: [db/1.sql], user: me, password: "1.0", database: shop }
  kafka: { topics: { orders: { partitions: 3 } } }
  search: { image: "opensearch:2", port: 9200, env: { discovery.type: single-node } }
compose: compose.yaml
front: { api: 8080 }
checks:
  lint: false
  unit: { path: ., language: node, reads: { include: [web], exclude: ["**/x"] }, stage: slow, timeout: 5m }
  more: { run: [[a, b], [c]], image: "debian:12", needs: [api], env: { A: "{kafka}" } }
  text: npm run x
projects: { ".": { manager: npm }, db: false }
images: { registry: docker.io/acme, name: "{product}/{service}", tags: ["{version}"] }
rings:
  canary: { manifests: k8s, rules: off, gate: { minRequests: 1 } }
  live: { after: canary, manifests: { path: chart, kind: helm, values: [chart/v.yaml] }, namespace: live }
`;

const FOUND = {
  "package.json": '{ "scripts": { "lint": "x", "test": "y" } }',
  "web/Dockerfile": "EXPOSE 80",
  "db/1.sql": undefined,
  "compose.yaml": "services: { cache: { image: redis:7 } }",
  "k8s/kustomization.yaml": "",
  "chart/Chart.yaml": "",
  "chart/v.yaml": undefined,
};

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const RELEASE = nameRelease({
  commit: "c".repeat(40),
  commitTime: "2026-11-25T14:12:49Z",
  author: "ann@example.org",
  services: {
    ingest: { name: "r.io/a/ingest", digest: digest("a") },
    dashboard: { name: "[::1]:5000/b", digest: digest("b") },
  },
});

const AT = "2026-11-25T14:12:49.000Z";

const EVENT: LedgerEvent = {
  version: 1,
  seq: 7,
  ring: "canary",
  kind: "started",
  release: RELEASE,
  live: null,
  at: AT,
  switchedAt: null,
  decidedAt: null,
  run: "run-1",
  actor: "tester",
  epoch: 3,
  reason: "",
  planned: true,
  approvals: [{ statement: "{}", signature: "x" }],
  approvalIds: ["a"],
};

const PLACEMENT = { release: RELEASE, colours: { ingest: "blue", dashboard: "green" }, verified: true } as const;

const HEAD: Head = {
  version: 1,
  ring: "canary",
  phase: "BAKING",
  since: AT,
  epoch: 3,
  claiming: false,
  seq: 7,
  event: EVENT,
  live: PLACEMENT,
  want: PLACEMENT,
  prev: PLACEMENT,
  attempt: 7,
  switchedAt: AT,
  rollback: { from: "BAKING", to: PLACEMENT, reason: "x", planned: false, decidedAt: AT },
  frozen: { from: "BAKING", why: "person", reason: "x" },
};

const STATEMENT = writeStatement({
  release: RELEASE,
  ring: "canary",
  decision: "approve",
  approver: "bob@example.org",
  reason: "",
  issuedAtMs: Date.parse(AT),
  notAfterMs: Date.parse(AT) + 1000,
  rules: ringPolicySchema.parse({}).approvals,
  signers: "",
  evidence: [],
  ledgerHead: 7,
});

const SIGNED = `${STATEMENT}\n-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n`;

/** Words of libraries and engines that nobody who reads the message should have to know. */
const FOREIGN =
  /Invalid (?:key|input|option|value|string|ISO|URL|record)|Unrecognized|Too (?:big|small)|expected .* to be [<>]|ReferenceError|RangeError|TypeError|Maximum call stack|Cannot (?:read|convert)|is not (?:a function|iterable)|\[object|undefined/;

export interface Subject {
  readonly name: string;
  /** Its first ones are right. */
  readonly texts: readonly string[];
  readonly read: (text: string) => unknown;
  /** Errors of this kind, in words, are the only ones. */
  readonly refusal: new (
    ...args: never[]
  ) => Error;
  /** In each line one problem, with line and column. */
  readonly line?: RegExp;
  readonly mistakes: "text" | "data";
}

/** Each text that people or other programs can bring in, with what reads it. */
export function listSubjects(): Subject[] {
  const records = { refusal: SlipwayError, mistakes: "data" } as const;
  return [
    {
      name: "slipway.yaml",
      texts: [FILE],
      read: (text) => settingsOf(FOUND, text),
      refusal: SlipwayError,
      line: /^ {2}\d+:\d+ (?:"(?:[^"\\]|\\.)*"|[^\s"])+: \S/,
      mistakes: "text",
    },
    { ...records, name: "release files", texts: [JSON.stringify(RELEASE, null, 2)], read: (text) => readRelease(text) },
    { ...records, name: "statements", texts: [STATEMENT], read: readStatement },
    { ...records, name: "files of approvals", texts: [SIGNED + SIGNED], read: readApprovals, mistakes: "text" },
    { ...records, name: "events", texts: [JSON.stringify(EVENT)], read: (text) => readEvent(eventName(7), text) },
    { ...records, name: "heads", texts: [JSON.stringify(HEAD)], read: readHead },
  ];
}

export interface Count {
  readonly taken: number;
  readonly refused: number;
  /** What came out that is neither, with the text; at most ten. */
  readonly faults: readonly string[];
}

/** Reads so many texts with one to four mistakes each. The same seed makes the same texts. */
export function fuzz(subject: Subject, tries: number, seed: number): Count {
  const choice = new SeededChoice(seed);
  let taken = 0;
  const faults: string[] = [];
  for (let at = 0; at < tries; at += 1) {
    const text = spoil(choice.of(subject.texts), subject, choice);
    const fault = judge(subject, text);
    if (fault === "taken") taken += 1;
    else if (fault !== undefined && faults.length < 10) faults.push(`${fault}\n--- of:\n${text}`);
  }
  return { taken, refused: tries - taken - faults.length, faults };
}

function spoil(text: string, { mistakes }: Subject, choice: SeededChoice): string {
  let spoilt = text;
  for (let left = 1 + choice.below(4); left > 0; left -= 1) {
    const asData = mistakes === "data" && choice.below(4) > 0 ? parse(spoilt) : undefined;
    spoilt = asData === undefined ? makeMistake(spoilt, choice) : JSON.stringify(changeData(asData, choice));
  }
  return spoilt;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `taken`, `undefined` for a refusal in words, or what is wrong with it. */
function judge({ read, refusal, line }: Subject, text: string): string | undefined {
  try {
    read(text);
    return "taken";
  } catch (error) {
    if (!(error instanceof refusal)) return `another error: ${String(error)}`;
    // What is quoted from the text may be anything.
    const lines = error.message.split("\n").map((one) => one.replace(/; found .*$/, ""));
    const foreign = lines.find((one) => FOREIGN.test(one) && !/: this is not JSON: /.test(one));
    if (foreign !== undefined) return `words of somebody else: ${foreign}`;
    const shapeless = line === undefined ? undefined : lines.slice(1).find((one) => !line.test(one));
    return shapeless === undefined ? undefined : `no place: ${JSON.stringify(shapeless)}`;
  }
}
