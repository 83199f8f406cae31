/** These tests need a broker that they may write to. They make topics and groups of their own and leave others alone. */
export async function whyNot(): Promise<string | undefined> {
  if ((process.env["KAFKA_BROKERS"] ?? "") !== "") return undefined;
  return "needs a Kafka broker: say KAFKA_BROKERS=host:port, or run `./slipway call integration`, which starts one";
}
