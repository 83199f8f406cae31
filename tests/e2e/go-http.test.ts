import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addWay } from "./way.ts";

const goHttp = suite("a stranger's HTTP service in Go");

const stranger = addWay(goHttp, {
  repository: "go-http",
  found: [/service +greeter +\., port 8080 +main\.go takes PORT/, /check +unit +go test \.\/\.\.\. /],
  checks: ["lint passed", "unit passed", "manifests passed"],
  bug: {
    path: "greet.go",
    from: '"Hello, " + name',
    to: '"Hullo, " + name',
    says: [/greet_test\.go:7: greet\(Ada\) = "Hullo, Ada!"/, /--- FAIL: TestGreetsByName/],
    runs: ["go vet ./...", "go test ./..."],
  },
  images: ["greeter"],
});

goHttp("answers on localhost while the stack is up", async () => {
  const stack = await stranger().open(8080);
  assert.is(await stack.ask(8080, "/?name=Ada"), "Hello, Ada!\n");
  await stack.close();
});

goHttp.run();
