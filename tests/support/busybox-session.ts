import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionEvent } from "../../engine/src/api/session.ts";
import type { OpenSession } from "../../engine/src/cli/open-session.ts";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { askCore } from "./core-query.ts";
import { openTestSession } from "./test-session.ts";

/** A session with a store of its own, whose containers have busybox. */
export interface BusyboxSession {
  readonly open: OpenSession;
  readonly store: string;
  /** What happened until now. */
  readonly events: readonly SessionEvent[];
  /** Asks for what `calls` make of a container. */
  inContainer(calls: string): ReturnType<typeof askCore>;
  ask(query: string): ReturnType<typeof askCore>;
  close(): Promise<void>;
}

const APPLETS = ["sh", "cat", "echo", "false", "sleep", "touch", "true"];

export async function openBusyboxSession(): Promise<BusyboxSession> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-busybox-"));
  const [root, store] = [join(folder, "root"), join(folder, "store")];
  makeBusyboxRoot(root, APPLETS);
  const events: SessionEvent[] = [];
  const open = await openTestSession({ workdir: folder, storeDir: store, report: (event) => events.push(event) });
  const ask = async (query: string) => await askCore(open, query);
  const { value: rootfs } = await ask(`{host{directory(path:${JSON.stringify(root)}){id}}}`);
  return {
    open,
    store,
    events,
    inContainer: async (calls) => await ask(`{container{withRootfs(directory:"${rootfs}"){${calls}}}}`),
    ask,
    close: async () => {
      await open.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How the step ended whose name has this in it; undefined while it goes on. */
export function outcomeOf(events: readonly SessionEvent[], name: string): string | undefined {
  const start = events.find((event) => event.kind === "start" && event.name.includes(name));
  if (start?.kind !== "start") return "it was never started";
  const end = events.find((event) => event.kind === "end" && event.id === start.id);
  return end?.kind === "end" ? end.outcome : undefined;
}
