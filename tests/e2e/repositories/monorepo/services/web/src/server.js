import { createServer } from "node:http";
import { Kafka, logLevel } from "kafkajs";
import { createHandler } from "./handler.js";

const port = Number(process.env.PORT ?? 8080);
const brokers = (process.env.KAFKA_BROKERS ?? "localhost:9092").split(",");
const ledger = process.env.LEDGER_URL ?? "http://localhost:8081";

const producer = new Kafka({ clientId: "web", brokers, logLevel: logLevel.ERROR }).producer();
await producer.connect();

const server = createServer(
  createHandler({
    send: (order) => producer.send({ topic: "orders", messages: [{ key: order.id, value: JSON.stringify(order) }] }),
    priceOf: async (id) => {
      const answer = await fetch(`${ledger}/prices/${id}`);
      return answer.ok ? await answer.json() : undefined;
    },
  }),
);
server.listen(port, () => console.log(`web listens on ${port}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
