import { build, whyNotBuilt } from "../go-program.ts";
import { AGENT } from "./agent.ts";

export const whyNot = () => whyNotBuilt(AGENT);

export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  await build(AGENT);
  return { env: {}, close: async () => {} };
}
