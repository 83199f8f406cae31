import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";

const reportSchema = z.object({
  batches: z.number(),
  readings: z.number(),
  /** That there have to be. */
  windows: z.number(),
  /** Number of times that a batch was not taken, by what went wrong; each was sent again. */
  refusals: z.record(z.string(), z.number()),
  /** What differs between the windows of the dashboard and those that there have to be. */
  problems: z.array(z.string()),
});

export type EventsReport = z.output<typeof reportSchema>;

export interface EventStream {
  /** Ends the sending, waits until all of it can be seen, and compares. */
  stop(): Promise<EventsReport>;
  /** Ends it at once, if it has not ended. */
  close(): void;
}

/** Starts send-events.ts in the cluster's network; it ends with this process. */
export function startEvents(
  cluster: Pick<Cluster, "inNetwork">,
  {
    ingestUrl,
    dashboardUrl,
    series,
  }: { readonly ingestUrl: string; readonly dashboardUrl: string; readonly series: string },
): EventStream {
  const script = fileURLToPath(new URL("send-events.ts", import.meta.url));
  const [program = "", ...inNetwork] = [...cluster.inNetwork, process.execPath];
  const child = execa(program, [...inNetwork, "--import", "tsx", script, "--series", series], {
    stderr: "inherit",
    env: { INGEST_URL: ingestUrl, DASHBOARD_URL: dashboardUrl },
    reject: false,
  });
  return {
    stop: async () => {
      child.stdin.end();
      const { exitCode, signal, stdout } = await child;
      if (exitCode !== 0) throw new Error(`the sender of events ended with ${exitCode ?? signal}`);
      return reportSchema.parse(JSON.parse(stdout));
    },
    close: () => {
      child.kill("SIGKILL");
    },
  };
}

/** One line for a person. */
export function tellEvents({ batches, readings, windows, refusals, problems }: EventsReport): string {
  const kinds = Object.entries(refusals).map(([kind, count]) => `${count} ${kind}`);
  const again = kinds.length === 0 ? "none sent again" : `sent again: ${kinds.join(", ")}`;
  return `${readings} readings in ${batches} batches (${again}), ${windows} windows compared, ${problems.length} differences`;
}
