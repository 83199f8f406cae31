import { suite } from "uvu";
import * as assert from "uvu/assert";
import { completeShop } from "./shop.ts";
import { listExecs } from "./stranger.ts";
import { addWay } from "./way.ts";

const monorepo = suite("a stranger's monorepo of three languages with Kafka");

const stranger = addWay(monorepo, {
  repository: "monorepo",
  found: [
    /service +ledger +services\/ledger, port 8081 /,
    /service +pricing +services\/pricing, worker /,
    /service +web +services\/web, port 8080 /,
    /needs +ledger +kafka +services\/ledger\/go\.mod depends on github\.com\/segmentio\/kafka-go/,
    /needs +pricing +kafka +services\/pricing\/pyproject\.toml depends on confluent-kafka/,
    /needs +web +kafka +services\/web\/package\.json depends on kafkajs/,
  ],
  completed: completeShop,
  checks: ["lint passed", "unit-ledger passed", "unit-pricing passed", "unit-web passed", "manifests passed"],
  bug: {
    path: "services/pricing/pricing/prices.py",
    from: "full * 9 // 10",
    to: "full * 8 // 10",
    says: [/FAILED tests\/test_prices\.py::test_ten_are_cheaper/, /assert 39600 == 44550/],
    runs: ["python -m pytest"],
  },
  images: ["ledger", "pricing", "web"],
});

monorepo("runs the checks of a service again when it has changed, and no others", async () => {
  const changes = {
    "services/web/src/handler.js": ["npm run test"],
    "services/ledger/book.go": ["go test ./...", "go vet ./..."],
  };
  for (const [path, runs] of Object.entries(changes)) {
    stranger().write(path, `${stranger().read(path)}\n// Ask Ada.\n`);
    const said = await stranger().slipway("call", "test");
    assert.is(said.code, 0, said.progress + said.result);
    const execs = listExecs(said).map((exec) => runs.find((run) => exec.endsWith(run)) ?? exec);
    assert.equal(execs.sort(), runs);
    await stranger().commit("Say whom to ask");
  }
});

monorepo("tells what an order costs, which came through Kafka twice, while the stack is up", async () => {
  const stack = await stranger().open(8080);
  await stack.ask(8080, "/");
  const body = JSON.stringify({ id: "a-1", item: "chair", count: 10 });
  await stack.ask(8080, "/orders", undefined, { method: "POST", body });
  assert.equal(JSON.parse(await stack.ask(8080, "/orders/a-1", /cents/)), { id: "a-1", cents: 44_550 });
  await stack.close();
});

monorepo.run();
