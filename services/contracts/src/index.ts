export * from "./anomaly.ts";
export * from "./identity.ts";
export * from "./problem.ts";
export * from "./reading.ts";
export * from "./timestamp.ts";
export * from "./topics.ts";
export * from "./upload.ts";
export * from "./window.ts";
