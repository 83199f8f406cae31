/** What a module gets when it imports `@dagger.io/dagger/telemetry`. */
export * from "dagger-sdk/telemetry/index.js";
