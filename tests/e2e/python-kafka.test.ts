import { suite } from "uvu";
import { addWay } from "./way.ts";

const pythonKafka = suite("a stranger's service in Python that consumes Kafka");

const stranger = addWay(pythonKafka, {
  repository: "python-kafka",
  found: [
    /service +orders +\., port 8000 +main\.py takes PORT/,
    /needs +orders +kafka +pyproject\.toml depends on aiokafka/,
    /check +unit +python -m pytest +tests\/test_totals\.py/,
  ],
  completed: (repository) => {
    repository.edit("slipway.yaml", "    needs:", '    env: { KAFKA_BOOTSTRAP_SERVERS: "{kafka}" }\n    needs:');
    repository.write("slipway.yaml", `${repository.read("slipway.yaml")}backing: { kafka: { topics: [orders] } }\n`);
  },
  checks: ["lint passed", "unit passed", "manifests passed"],
  bug: {
    path: "orders/totals.py",
    from: "self._counts[item] += count",
    to: "self._counts[item] = count",
    says: [/FAILED tests\/test_totals\.py::test_orders_of_one_item_are_added/, /assert \{'lamp': 3\} == \{'lamp': 5\}/],
    runs: ["ruff check .", "python -m pytest"],
  },
  images: ["orders"],
});

pythonKafka("counts an order that came through Kafka while the stack is up", async () => {
  const stack = await stranger().open(8000);
  await stack.ask(8000, "/");
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ item: "lamp", count: 2 }) };
  await stack.ask(8000, "/orders", undefined, request);
  await stack.ask(8000, "/totals", /^\{"lamp":2\}$/);
  await stack.close();
});

pythonKafka.run();
