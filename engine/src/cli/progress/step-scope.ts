import { AsyncLocalStorage } from "node:async_hooks";
import type { SessionEvent } from "../../api/session.ts";
import type { Drawing } from "./renderer.ts";

const scope = new AsyncLocalStorage<string>();

/** Runs the work as a step of its own; what begins in it and names no parent is shown below it. */
export async function withinStep<T>(name: string, renderer: Drawing, work: () => Promise<T>): Promise<T> {
  const id = `step:${name}`;
  renderer.handle({ kind: "start", id, name });
  try {
    const value = await scope.run(id, work);
    renderer.handle({ kind: "end", id, outcome: "done" });
    return value;
  } catch (error) {
    renderer.handle({ kind: "end", id, outcome: "failed" });
    throw error;
  }
}

/** Starts what serves all steps, so that it is not taken for a part of the one that happened to need it first. */
export function outsideSteps<T>(work: () => T): T {
  return scope.exit(work);
}

/** The event with the step around it as parent, where it has none. */
export function scopedEvent(event: SessionEvent): SessionEvent {
  const parent = scope.getStore();
  if (event.kind !== "start" || event.parent !== undefined || parent === undefined) return event;
  return { ...event, parent };
}
