import { resolve } from "node:path";
import { type CommandOptions, type CommandResult, runCommand } from "../cluster/command.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../slipway");

/** Runs `./slipway` of this checkout in a folder, to its end and without colours. */
export async function runSlipway(
  cwd: string,
  words: readonly string[],
  { env, ...options }: Pick<CommandOptions, "env" | "limitMs"> = {},
): Promise<CommandResult> {
  return await runCommand([SLIPWAY, ...words], { cwd, env: { NO_COLOR: "1", ...env }, ...options });
}
