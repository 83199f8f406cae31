import type { Args } from "./graph.ts";

/** What a function has asked its workspace, and what it was told: enough to see later whether it would be told the same. */
export interface WorkspaceRead {
  readonly field: string;
  readonly args: Args;
  /** The content's digest, the value, or the words of the error. */
  readonly answer: string;
}

/** What one call has asked, each question once. */
export class WorkspaceReads {
  readonly #reads = new Map<string, WorkspaceRead>();

  add(read: WorkspaceRead): void {
    this.#reads.set(JSON.stringify([read.field, read.args, read.answer]), read);
  }

  all(): readonly WorkspaceRead[] {
    return [...this.#reads.values()];
  }
}

/** Asks, and notes question and answer for the call that the client belongs to; the command itself has none. */
export async function noteRead<T>(
  reads: WorkspaceReads | undefined,
  question: Pick<WorkspaceRead, "field" | "args">,
  ask: () => Promise<{ readonly answer: string; readonly value: T }>,
): Promise<T> {
  try {
    const { answer, value } = await ask();
    reads?.add({ ...question, answer });
    return value;
  } catch (error) {
    reads?.add({ ...question, answer: errorAnswer(error) });
    throw error;
  }
}

export function errorAnswer(error: unknown): string {
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}
