import { build, whyNotBuilt } from "../go-program.ts";
import { VALIDATOR } from "./validator.ts";

export const whyNot = () => whyNotBuilt(VALIDATOR);

export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  await build(VALIDATOR);
  return { env: {}, close: async () => {} };
}
