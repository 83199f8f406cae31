import { build, whyNotBuilt } from "../go-program.ts";
import { ACT } from "./act.ts";

export const whyNot = () => whyNotBuilt(ACT);

export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  await build(ACT);
  return { env: {}, close: async () => {} };
}
