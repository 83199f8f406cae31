import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import * as assert from "uvu/assert";
import { runCommand } from "../cluster/command.ts";

/** How far this is from what a cold store and a slow mirror need. */
const LIMIT_MS = 400_000;

/**
 * The fields of a container of an image that a recipe makes, as `slipway query` gives them.
 *
 * @param fields GraphQL below `from`
 */
export async function queryRecipe<Answer>(address: string, fields: string): Promise<Answer> {
  const ran = await runCommand([resolve("slipway"), "query"], {
    input: `{ container { from(address: ${JSON.stringify(address)}) { ${fields} } } }`,
    env: { SLIPWAY_IMAGES: "recipe", NO_COLOR: "1" },
    limitMs: LIMIT_MS,
  });
  assert.is(ran.exitCode, 0, `${address}: ${ran.stderr}`);
  return (JSON.parse(ran.stdout) as { container: { from: Answer } }).container.from;
}

/** What a shell script prints in a container of an image that a recipe makes. It runs anew each time. */
export async function runInRecipe(address: string, script: string): Promise<string> {
  const args = JSON.stringify(["sh", "-euc", script]);
  const fresh = `withEnvVariable(name: "RUN", value: "${randomUUID()}")`;
  const answer = await queryRecipe<{ withEnvVariable: { withExec: { stdout: string } } }>(
    address,
    `${fresh} { withExec(args: ${args}) { stdout } }`,
  );
  return answer.withEnvVariable.withExec.stdout;
}

/** Shell: starts the image's server behind its entrypoint, waits until a command succeeds, and shows its log when it does not. */
export function serve(command: string, isReady: string): string {
  return `${command} > /tmp/log 2>&1 & server=$!
for try in $(seq 600); do
  if ${isReady} > /tmp/ready 2>&1; then break; fi
  if [ "$try" = 600 ] || ! kill -0 $server; then cat /tmp/ready /tmp/log; exit 1; fi
  sleep 0.1
done
address=$(hostname -i)`;
}
