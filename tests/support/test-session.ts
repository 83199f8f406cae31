import type { SessionEvent } from "../../engine/src/api/session.ts";
import { type OpenSession, openSession } from "../../engine/src/cli/open-session.ts";
import { relayAgent } from "./relay-agent.ts";

export interface TestSessionOptions {
  readonly workdir: string;
  readonly storeDir: string;
  /** Variables of the host beside these two: PATH, and that of the store. */
  readonly env?: Readonly<Record<string, string>>;
  readonly report?: (event: SessionEvent) => void;
}

/** Opens a session in this process, as a command does that nobody interrupts. */
export async function openTestSession({
  workdir,
  storeDir,
  env,
  report = () => undefined,
}: TestSessionOptions): Promise<OpenSession> {
  return await openSession({
    relayAgent,
    host: { workdir, env: { PATH: process.env["PATH"], SLIPWAY_STORE: storeDir, ...env }, root: "/" },
    interrupted: new Promise(() => undefined),
    report,
  });
}
