export * from "./environment.ts";
export * from "./lifecycle.ts";
export * from "./log.ts";
export * from "./management.ts";
