/**
 * Measures what the file of each provider adds to the plain call of the checks: what is done about a cache of the store, and the rest
 * of its job, in which the runner's own start is included. Prints a table, with the load of the machine, whose other work makes all of
 * it longer.
 *
 *     node --import tsx --import ./tests/support/text-modules.mjs tests/providers/added-time.ts [PROVIDER …]
 */
import { loadavg } from "node:os";
import { PROVIDERS } from "../../ci/src/config/provider-schema.ts";
import { provide } from "./probe.ts";
import { runChecks } from "./run-checks.ts";
import { Scene } from "./scene.ts";

const wanted = process.argv.slice(2);
const { close } = await provide();
console.log(`load ${loadavg()[0]?.toFixed(1)}`);
for (const provider of PROVIDERS.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const scene = await Scene.timed(provider);
  try {
    const begun = Date.now();
    const ended = await runChecks[provider](scene);
    const job = Date.now() - begun;
    if (ended.code !== 0) throw new Error(`the job of ${provider} has failed:\n${ended.output}`);
    const took = (verb: string) =>
      scene.calls().flatMap((call) => (call.startsWith(`${verb} `) ? [Number(call.slice(verb.length + 1))] : []));
    const [checks = 0] = took("call");
    const store = took("store").reduce((sum, ms) => sum + ms, 0);
    const parts = { checks, store, rest: job - checks - store };
    const told = Object.entries(parts).map(([name, ms]) => `${name} ${tell(ms)}`);
    console.log([provider.padEnd(10), ...told].join("  "));
  } finally {
    scene.remove();
  }
}
await close();

function tell(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`;
}
