/**
 * Runs one function of a module in its container.
 *
 * It loads the SDK and all of the module first and asks for its call after that, so the engine may start it before it
 * knows what to call. What happens to the call is the SDK's own code: `invoke`, `Executor`, `load`.
 */
import { existsSync, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";
import { dag } from "dagger-sdk/api/client.gen.js";
import { connection } from "dagger-sdk/connect.js";
import { formatError } from "dagger-sdk/module/entrypoint/entrypoint.js";
import { invoke } from "dagger-sdk/module/entrypoint/invoke.js";
import { Executor } from "dagger-sdk/module/executor.js";
import { close as closeTelemetry } from "dagger-sdk/telemetry/telemetry.js";
import { PLAN_FILE, SOCKET_FILE } from "../paths-inside.ts";
import type { LaunchPlan } from "../plan.ts";
import { addDependencies, DEPENDENCY_TYPES } from "./dependency-clients.ts";
import { serveTypeScript } from "./module-hooks.ts";
import { offerSocket } from "./relay.ts";
import { reviveScan } from "./revive.ts";

interface CallAnswer {
  readonly currentFunctionCall: {
    readonly parentName: string;
    readonly name: string;
    readonly parent: string;
    readonly inputArgs: readonly { readonly name: string; readonly value: string }[];
  };
}

/** One request instead of the SDK's four and two more for each argument. */
const CALL_QUERY = "{ currentFunctionCall { parentName name parent inputArgs { name value } } }";

async function main(): Promise<void> {
  const plan = JSON.parse(readFileSync(PLAN_FILE, "utf8")) as LaunchPlan;
  process.setSourceMapsEnabled(true);
  const types = addDependencies(plan.dependencies);
  Object.defineProperty(globalThis, DEPENDENCY_TYPES, { value: types });
  serveTypeScript(plan);
  await untilThere(SOCKET_FILE);
  process.env["DAGGER_SESSION_PORT"] = String(await offerSocket(SOCKET_FILE));
  const modules: unknown[] = await Promise.all(plan.entryFiles.map((file) => import(file) as Promise<unknown>));
  const scanned = reviveScan(plan.scanned);
  await connection(async () => await answerCall(new Executor(modules, scanned), scanned));
}

/** The engine's socket comes when the network is complete: the module may ask for something of it while it is loaded. */
async function untilThere(path: string): Promise<void> {
  if (existsSync(path)) return;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(dirname(path), look);
    // It may have come before anybody watched.
    look();
  });
}

async function answerCall(executor: Executor, scanned: object): Promise<void> {
  const { currentFunctionCall: call } = await dag.getGQLClient().request<CallAnswer>(CALL_QUERY);
  const fnArgs = Object.fromEntries(call.inputArgs.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  const parentArgs = (JSON.parse(call.parent) as object | null) ?? {};
  const current = dag.currentFunctionCall();
  let result: unknown;
  try {
    result = await invoke(executor, scanned, { parentName: call.parentName, fnName: call.name, parentArgs, fnArgs });
  } catch (error) {
    await current.returnError(formatError(error));
    await closeTelemetry();
    process.exit(1);
  }
  const text = result === undefined || result === null ? "null" : JSON.stringify(result);
  await current.returnValue(text as Parameters<typeof current.returnValue>[0]);
}

if (process.env["SLIPWAY_COMPILE_ONLY"] === undefined) await main();
else await import("dagger-sdk/module/entrypoint/entrypoint.js");
