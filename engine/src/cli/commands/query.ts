import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Run, writeResult } from "../console.ts";
import type { Engine } from "../engine.ts";
import { jsonText } from "../print-value.ts";

export interface QueryOptions {
  /** Path of a file that holds the query; absent: standard input. */
  readonly document: string | undefined;
  /** `name=value`, values are texts. */
  readonly variables: readonly string[];
  /** One object of JSON. */
  readonly variablesJson: string | undefined;
  readonly operationName: string | undefined;
}

/**
 * `query`: sends one GraphQL request and prints its data.
 *
 * @throws Error with one line for each error of the answer
 */
export async function runQuery(engine: Engine, run: Run, options: QueryOptions): Promise<void> {
  const query =
    options.document === undefined
      ? await readAll(run.console.stdin)
      : readFileSync(resolve(run.console.cwd, options.document), "utf8");
  const variables = { ...readVariables(options.variables), ...readVariablesJson(options.variablesJson) };
  const { operationName } = options;
  const answer = await engine.query({ query, variables, ...(operationName === undefined ? {} : { operationName }) });
  if (answer.errors !== undefined && answer.errors.length > 0) {
    const [first] = answer.errors;
    throw Object.assign(new Error(answer.errors.map((error) => error.message).join("\n")), {
      extensions: first?.extensions,
    });
  }
  await writeResult(run, jsonText(answer.data));
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString("utf8");
}

function readVariables(pairs: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new Error(`--var needs name=value, not ${JSON.stringify(pair)}`);
    variables[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return variables;
}

function readVariablesJson(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("--var-json needs one JSON object");
  return value as Record<string, unknown>;
}
