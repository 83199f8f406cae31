import { coreCatalogue } from "../../../../engine/src/api/catalogue.ts";
import { fields } from "../../../../engine/src/api/fields.ts";
import { Graph } from "../../../../engine/src/api/graph.ts";
import type { Session } from "../../../../engine/src/api/session.ts";
import { type Answer, answer } from "../../../../engine/src/protocol/query.ts";
import { SecretIndex } from "../../../../engine/src/run/secret-index.ts";

/** A session in which only what needs no files, containers or network works. */
export function makeGraph(env: Readonly<Record<string, string>> = {}): Graph {
  const session: Partial<Session> = {
    host: { workdir: "/work", env, root: "/" },
    secrets: new Map(),
    hidden: new SecretIndex(),
  };
  return new Graph(fields, session, Buffer.alloc(32)) as Graph;
}

export async function ask(
  graph: Graph,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return await answer(graph, coreCatalogue(), { query, variables });
}

/** The data of an answer, or its first error as `{ error }`. */
export async function dataOf(graph: Graph, query: string): Promise<unknown> {
  const { body } = await ask(graph, query);
  return body.errors === undefined ? body.data : { error: body.errors[0]?.message };
}
