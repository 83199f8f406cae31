import { coreCatalogue } from "../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../engine/src/cli/open-session.ts";
import { answer } from "../../engine/src/protocol/query.ts";

export interface Problem {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Asks the core API one field of one field: what is at the end of it, or the first error. */
export async function askCore(
  open: Pick<OpenSession, "graph">,
  query: string,
): Promise<{ readonly value: string; readonly problem: Problem | undefined }> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  let value: unknown = body.data;
  while (typeof value === "object" && value !== null) value = Object.values(value)[0];
  return { value: value as string, problem: body.errors?.[0] as Problem | undefined };
}
