import type { Server } from "node:http";
import type { Hono } from "hono";
import type { Registry } from "prom-client";
import { closeServer, type EndingStep, endOnSignal, listen, runMain, type ServerBounds } from "./lifecycle.ts";
import { createLog, type Level, type Log } from "./log.ts";
import { createManagementApp } from "./management.ts";

/** What `runService` takes from the configuration of a service. */
export interface ServiceConfig {
  readonly PORT: number;
  readonly MANAGEMENT_PORT: number;
  readonly DRAIN_DELAY_MS: number;
  readonly LOG_LEVEL: Level;
}

/** What a service shows on its port once it can answer. */
export interface Face {
  readonly app: Hono;
  readonly bounds?: ServerBounds;
  /** Told in the log beside the ports. */
  readonly facts?: object;
}

/** The parts of a service, put together; nothing of them has begun to work yet. */
export interface Service {
  readonly metrics: Registry;
  /** Why the process is beyond help, asked while it runs. A service that cannot get there leaves it out. */
  readonly findDeath?: () => string | undefined;
  /** Why it cannot serve now, asked while it runs. */
  readonly findUnreadiness: () => string | undefined | Promise<string | undefined>;
  /** Begins the work, waiting for others as long as it takes. The end may be asked for meanwhile. */
  readonly start: () => Promise<Face>;
  /** What has to be done to end in order. `closePort` is one of the steps: nothing new comes in after it. */
  readonly end: (closePort: (graceMs: number) => Promise<void>) => readonly EndingStep[];
  /** After this the process ends anyway. */
  readonly endLimitMs: number;
}

export interface ServiceProgram<Config extends ServiceConfig> {
  readonly name: string;
  /** @throws EnvironmentError */
  readonly readConfig: (env: NodeJS.ProcessEnv) => Config;
  readonly open: (config: Config, log: Log) => Service;
}

/**
 * Runs a service from its environment to its end. Its management port answers from the beginning, and says that it is not
 * ready until it runs and from the signal on; the public port opens when the service can answer.
 */
export async function runService<Config extends ServiceConfig>(program: ServiceProgram<Config>): Promise<void> {
  await runMain(async () => {
    const config = program.readConfig(process.env);
    const log = createLog(program.name, config.LOG_LEVEL);
    const service = program.open(config, log);
    let state: "starting" | "running" | "ending" = "starting";
    let server: Server | undefined;
    const management = await listen(
      createManagementApp({
        metrics: service.metrics,
        findDeath: () => (state === "running" ? service.findDeath?.() : undefined),
        findUnreadiness: () => (state === "running" ? service.findUnreadiness() : `the service is ${state}`),
      }),
      config.MANAGEMENT_PORT,
    );
    endOnSignal({
      log,
      announce: () => {
        state = "ending";
      },
      drainDelayMs: config.DRAIN_DELAY_MS,
      limitMs: service.endLimitMs,
      end: [
        ...service.end(async (graceMs) => server && (await closeServer(server, graceMs))),
        { step: "close the management port", run: () => closeServer(management, 1_000) },
      ],
    });
    const { app, bounds, facts } = await service.start();
    server = await listen(app, config.PORT, bounds);
    // The end may have been asked for while it started.
    if (state === "starting") state = "running";
    log.info("running", { port: config.PORT, managementPort: config.MANAGEMENT_PORT, ...facts });
  });
}
