import { z } from "zod";
import { APPROVAL_NAMESPACE, statementSchema } from "../../ci/src/rollout/approval/statement.ts";
import { headSchema, placementSchema } from "../../ci/src/rollout/head.ts";
import { eventSchema } from "../../ci/src/rollout/ledger.ts";
import { eventName, HEAD_NAME, LABEL, LEASE_NAME } from "../../ci/src/rollout/objects.ts";
import { releaseSchema } from "../../ci/src/rollout/release.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { code, page, table } from "./markdown.ts";
import { listMembers, tellKind } from "./settings.ts";

/** The page about the records that a ring keeps, and the files that go with them. */
export function printRecords(): string {
  return page("Records and files", "the schemas in `ci/src/rollout`", [
    INTRODUCTION,
    printRecord("The record of a ring", HEAD, headSchema),
    printRecord("A placement", PLACEMENT, placementSchema),
    printRecord("An event of the ledger", EVENT, eventSchema),
    printRecord("A release file", RELEASE, releaseSchema),
    printRecord("The statement of an approval", STATEMENT, statementSchema),
  ]);
}

const INTRODUCTION = `What Slipway keeps in the namespace of a ring, and the files that verbs write and read. All are JSON. An unknown key or value is
refused (\`bad-record\`, \`bad-release\`, \`bad-approval\`), so an older version never continues with something that it does not understand.
Within \`version\` 1, newer versions of Slipway read what older ones have written ([versions](../versions.md)).

| Where | What | Label \`${LABEL.record}\` |
|---|---|---|
| ConfigMap \`${HEAD_NAME}\`, key \`head\` | where the ring is: one record, rewritten at every step | \`head\` |
| ConfigMaps \`${eventName(1)}\`, \`${eventName(2)}\` …, key \`event\` | the ledger: one event each, immutable | \`event\` |
| Lease \`${LEASE_NAME}\` | which run is at work; its number of transitions is the epoch | \`lease\` |

Times are in UTC, such as \`2026-01-31T12:00:00.000Z\`. What images carry in their registry: [attestations](../attestations.md).`;

const HEAD = "It holds everything that a new process needs to continue. Only the run that holds its epoch writes it.";
const PLACEMENT = "A release, and where in the ring it runs.";
const EVENT =
  "It is never changed once it is written. `slipway call history --ring RING` prints the ledger for a person.";
const RELEASE =
  "`slipway call release -o release.json` makes it. Its name is the hash of its content, so that an edited file is refused.";
const STATEMENT = `\`slipway call approve\` prints it, with the command that signs it by \`ssh-keygen -Y sign -n ${APPROVAL_NAMESPACE}\`. It is signed
exactly as printed: canonical JSON without a newline at the end. In the file for \`--approvals\`, each statement is one line, followed by
its signature.`;

/** What has a section of its own, by its keys. */
const LINKS = new Map([
  [keysOf(jsonOf(releaseSchema)), "[a release](#a-release-file)"],
  [keysOf(jsonOf(placementSchema)), "[a placement](#a-placement)"],
  [keysOf(jsonOf(eventSchema)), "[an event](#an-event-of-the-ledger)"],
]);

function printRecord(title: string, about: string, schema: z.ZodType): string {
  const members = listMembers(jsonOf(schema), "", (member) => findLink(member) === undefined);
  const rows = members.map(([key, member, isRequired]) => [
    code(key),
    `${tellLinked(member)}${isRequired === true ? "" : "; may be left out"}`,
    member.description ?? "",
  ]);
  return `## ${title}\n\n${about}\n\n${table(["Key", "Value", "Meaning"], rows)}`;
}

function tellLinked(member: JsonSchema): string {
  const link = findLink(member);
  if (link === undefined) return tellKind(member);
  return member.anyOf?.some(({ type }) => type === "null") === true ? `${link}, or null` : link;
}

function findLink(member: JsonSchema): string | undefined {
  return [member, ...(member.anyOf ?? [])].map((one) => LINKS.get(keysOf(one))).find((link) => link !== undefined);
}

function jsonOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
}

/** What a mapping is known by: its keys. */
function keysOf({ properties }: JsonSchema): string {
  return properties === undefined ? "" : Object.keys(properties).join(" ");
}
