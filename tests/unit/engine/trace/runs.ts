import type { SessionEvent } from "../../../../engine/src/api/session.ts";
import { type RunEnd, TraceRecorder } from "../../../../engine/src/trace/recorder.ts";
import type { Trace } from "../../../../engine/src/trace/trace.ts";

/** An event, and how many milliseconds after the one before it happened. */
export type Timed = readonly [afterMs: number, event: SessionEvent | "work ends"];

export const start = (
  id: string,
  name: string,
  more: Partial<SessionEvent & { kind: "start" }> = {},
): SessionEvent => ({
  kind: "start",
  id,
  name,
  ...more,
});

export const log = (id: string, text: string, stream: "stdout" | "stderr" = "stdout"): SessionEvent => ({
  kind: "log",
  id,
  stream,
  text,
});

export const end = (id: string, outcome: "done" | "cached" | "failed" = "done"): SessionEvent => ({
  kind: "end",
  id,
  outcome,
});

/** What is kept of a run in which these events happened, 10 ms after the last of which it ended. */
export function traceOf(events: readonly Timed[], ending: Partial<RunEnd> = {}): Trace {
  let nowMs = 1000;
  const recorder = new TraceRecorder(() => nowMs, new Date("2026-11-28T11:17:09.000Z"));
  for (const [afterMs, event] of events) {
    nowMs += afterMs;
    if (event === "work ends") recorder.endWork();
    else recorder.handle(event);
  }
  nowMs += 10;
  return recorder.finish({
    program: "slipway v1.2.3",
    command: ["call", "test"],
    folder: "/shop",
    outcome: "done",
    exitCode: 0,
    hide: (text) => text,
    ...ending,
  });
}
