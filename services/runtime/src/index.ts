export * from "./environment.ts";
export * from "./http-metrics.ts";
export * from "./lifecycle.ts";
export * from "./log.ts";
export * from "./management.ts";
export * from "./run-service.ts";
