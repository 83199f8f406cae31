/**
 * `npm run test:worst-uploads`: the test of the worst uploads in its full size, on a broker of its own or that of
 * KAFKA_BROKERS. Takes some minutes, so that the suites run it small.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { provide } from "./probe.ts";

const { env, close } = await provide();
try {
  const loaders = ["--import", "tsx", "--import", "./tests/support/text-modules.mjs"];
  const test = ["node_modules/uvu/bin.js", "tests/integration", "^product/worst-uploads\\.test\\.ts$"];
  const run = spawn(process.execPath, [...loaders, ...test], {
    stdio: "inherit",
    env: { ...process.env, ...env, WORST_UPLOADS: "full" },
  });
  const [code] = (await once(run, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await close();
}
