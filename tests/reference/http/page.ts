import { describeProblem, PROBLEM_KINDS } from "../../../services/ingest/src/problem.ts";
import { code, page, table } from "../markdown.ts";
import { makeDocument } from "./document.ts";
import { ingest } from "./ingest.ts";
import type { Operation, ServiceText } from "./operation.ts";
import { dashboard, management, processor } from "./others.ts";

/** The services of the product by the names of their documents. */
export const SERVICES: Readonly<Record<string, ServiceText>> = { ingest, processor, dashboard, management };

/** The document of a service as it is written in docs/reference. */
export function printDocument(name: string): string {
  const service = SERVICES[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return `${JSON.stringify(makeDocument(service), null, 2)}\n`;
}

/** The page about the HTTP API of the product. */
export function printHttpApi(): string {
  return page("HTTP API of the product", "the schemas of `services/`", [
    INTRODUCTION,
    ...Object.entries(SERVICES).map(([name, service]) => printService(name, service)),
    `## Problems\n\n${PROBLEMS}\n\n${table(
      ["Type", "Status", "What it means"],
      PROBLEM_KINDS.map((kind) => {
        const { status, title } = describeProblem(kind);
        return [code(`urn:slipway:problem:${kind}`), String(status), `${title}.`];
      }),
    )}`,
  ]);
}

const INTRODUCTION = `The requests that the services of the sample product accept, and their answers. Each service has an OpenAPI 3.1 document, from which
you can generate clients; a test compares it with what the services really answer. The records in Kafka are described in
[\`services/contracts\`](../../services/contracts/README.md).`;

const PROBLEMS = `An error is a problem document (RFC 9457), \`application/problem+json\`. Its \`type\` does not change; its words may.`;

function printService(name: string, { description, operations }: ServiceText): string {
  const rows = operations.map((one) => [
    code(`${one.method.toUpperCase()} ${one.path}`),
    tellAnswers(one),
    one.summary,
  ]);
  return `## ${name}

${description} The document: [${name}.openapi.json](${name}.openapi.json).

${table(["Request", "Answers", "What it does"], rows)}`;
}

function tellAnswers({ answers }: Operation): string {
  return Object.keys(answers).sort().join(", ");
}
