/** Node arguments that run the relay's agent from its source, where no bundle was built. */
export const relayAgent: readonly string[] = [
  "--import",
  import.meta.resolve("tsx"),
  new URL("../../engine/src/run/relay-agent.ts", import.meta.url).pathname,
];
